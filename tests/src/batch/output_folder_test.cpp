#include "src/batch/output_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/batch/state_store.h"
#include "src/report/atomic_file.h"
#include "tests/src/batch/temporary_folder.h"

namespace cemscope::batch {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Output : public testing::Test {
 protected:
  Output() { fs::create_directories(export_); }

  void expect_refused(OutputMode mode, const char* reason) {
    EXPECT_THAT(([&] { const OutputFolder folder(out_, export_, mode); }), ThrowsMessage<Error>(HasSubstr(reason)));
  }

  const TemporaryFolder root_;
  const fs::path export_ = root_.path() / "export", out_ = root_.path() / "a" / "out";
};

TEST_F(Output, AMissingOrEmptyFolderServesEveryMode) {
  for (const auto mode : {OutputMode::fresh, OutputMode::resume, OutputMode::overwrite}) {
    const OutputFolder folder(out_, export_, mode);
    EXPECT_TRUE(fs::is_directory(out_));
  }
}

TEST_F(Output, AFolderWithForeignFilesIsNeverTouched) {
  fs::create_directories(out_);
  report::write_file(out_ / "thesis.docx", "x");
  expect_refused(OutputMode::fresh, "not empty");
  expect_refused(OutputMode::resume, "no state.sqlite");
  expect_refused(OutputMode::overwrite, "no state.sqlite");
  EXPECT_EQ(report::read_file(out_ / "thesis.docx"), "x");
}

TEST_F(Output, AnEarlierRunIsTakenUpOnlyWhenAsked) {
  fs::create_directories(out_);
  StateStore(out_ / "state.sqlite");
  expect_refused(OutputMode::fresh, "--resume");
  EXPECT_NO_THROW(OutputFolder(out_, export_, OutputMode::resume));
  EXPECT_NO_THROW(OutputFolder(out_, export_, OutputMode::overwrite));
}

TEST_F(Output, WhatAKilledRunLeftIsRemovedAndCountsAsEmpty) {
  fs::create_directories(out_ / ".cemscope-123-0");
  report::write_file(out_ / ".cemscope-123-0" / "half.png", "x");
  const OutputFolder folder(out_, export_, OutputMode::fresh);
  EXPECT_TRUE(fs::is_empty(out_));
}

TEST_F(Output, TheExportFolderIsNeverWrittenTo) {
  const auto inside = export_ / "out";
  EXPECT_THAT(([&] { const OutputFolder folder(inside, export_, OutputMode::fresh); }),
              ThrowsMessage<Error>(HasSubstr("never written to")));
  fs::create_directory_symlink(export_, root_.path() / "link");
  for (const auto& same : {export_ / ".." / "export", export_ / "", root_.path() / "link" / "out"})
    for (const auto& given : {export_, export_ / ""})
      EXPECT_THAT(([&] { const OutputFolder folder(same, given, OutputMode::fresh); }),
                  ThrowsMessage<Error>(HasSubstr("never written to")));
  EXPECT_TRUE(fs::is_empty(export_));
}

TEST_F(Output, AFolderBesideTheExportWithTheSameBeginningIsFine) {
  EXPECT_NO_THROW(OutputFolder(root_.path() / "export_out", export_, OutputMode::fresh));
}

TEST_F(Output, TwoRunsCannotShareAFolder) {
  const OutputFolder first(out_, export_, OutputMode::fresh);
  expect_refused(OutputMode::fresh, "another run");
}

TEST_F(Output, AFileIsNoFolder) {
  fs::create_directories(out_.parent_path());
  report::write_file(out_, "x");
  expect_refused(OutputMode::fresh, "a folder is needed");
}

TEST_F(Output, TheHashOfAFolderTellsNamesAndContentsApart) {
  fs::create_directories(out_);
  EXPECT_EQ(hash_folder(out_ / "nowhere"), "");
  const auto hash_with = [&](const char* name, const char* content) {
    fs::remove_all(out_);
    fs::create_directories(out_);
    report::write_file(out_ / name, content);
    return hash_folder(out_);
  };
  EXPECT_EQ(hash_with("a", "1"), hash_with("a", "1"));
  EXPECT_NE(hash_with("a", "1"), hash_with("b", "1"));
  EXPECT_NE(hash_with("a", "1"), hash_with("a", "2"));
}

}  // namespace
}  // namespace cemscope::batch
