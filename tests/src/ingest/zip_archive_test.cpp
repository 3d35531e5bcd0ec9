#include "src/ingest/zip_archive.h"

#include <minizip/zip.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/ingest/export_input.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::ingest {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// An entry to be written; `mode` other than 0 makes it one of Unix.
struct ZipEntry {
  std::string name, content;
  mode_t mode = 0;
  uLong flags = 0;
};

void write_zip(const fs::path& path, const std::vector<ZipEntry>& entries) {
  const auto file = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  for (const auto& entry : entries) {
    zip_fileinfo info{};
    info.external_fa = static_cast<uLong>(entry.mode) << 16;
    const uLong made_by = entry.mode != 0 ? 3U << 8 : 0;
    zipOpenNewFileInZip4_64(file, entry.name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED, 6, 0, -MAX_WBITS, DEF_MEM_LEVEL,
                            Z_DEFAULT_STRATEGY, nullptr, 0, made_by, entry.flags, 1);
    zipWriteInFileInZip(file, entry.content.data(), static_cast<unsigned>(entry.content.size()));
    zipCloseFileInZip(file);
  }
  zipClose(file, nullptr);
}

/// A folder with an archive and an empty folder to extract it into.
class ZipArchive : public testing::Test {
 protected:
  ZipArchive() { fs::create_directories(into()); }
  [[nodiscard]] fs::path archive() const { return folder_.path() / "a.zip"; }
  [[nodiscard]] fs::path into() const { return folder_.path() / "inner/out"; }

  std::vector<std::string> codes_of(const std::vector<ZipEntry>& entries, const ZipLimits& limits = {}) {
    write_zip(archive(), entries);
    std::vector<std::string> codes;
    for (const auto& failure : extract_zip(archive(), into(), limits)) codes.push_back(failure.code);
    return codes;
  }

  /// Everything below the test's folder but the archive.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
      if (!entry.is_directory() && entry.path() != archive()) found.push_back(fs::relative(entry.path(), into()).string());
    std::sort(found.begin(), found.end());
    return found;
  }

  const tests::TemporaryFolder folder_;
};

// While it unpacks or later, by Ctrl-C or by a kill that no program can answer.
TEST_F(ZipArchive, NothingStaysBehindWhenTheProgramIsKilled) {
  std::vector<ZipEntry> entries;
  for (int n = 0; n < 4000; ++n) entries.push_back({"file" + std::to_string(n), std::string(20'000, static_cast<char>(n))});
  write_zip(archive(), entries);
  const auto temporary = folder_.path() / "tmp";
  fs::create_directories(temporary);
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    const pid_t process = ::fork();
    if (process == 0) {
      ::setenv("TMPDIR", temporary.c_str(), 1);
      const ExportInput input(archive());
      ::pause();
      ::_exit(1);
    }
    while (fs::is_empty(temporary)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::kill(process, signal);
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    for (int tick = 0; tick < 1000 && !fs::is_empty(temporary); ++tick) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(fs::is_empty(temporary)) << "signal " << signal;
  }
}

TEST_F(ZipArchive, FilesComeOutAsTheyWentIn) {
  const std::string content(300'000, 'x');
  EXPECT_THAT(codes_of({{"a/b", content}, {"c", ""}, {"d/", ""}, {"e\\f", "1"}}), IsEmpty());
  EXPECT_THAT(files(), ElementsAre("a/b", "c", "e/f"));
  EXPECT_EQ(tests::read_bytes(into() / "a/b"), content);
}

TEST_F(ZipArchive, NamesThatLeadOutsideAreRefused) {
  EXPECT_THAT(codes_of({{"../x", "1"}, {"/tmp/x", "1"}, {"a/../../x", "1"}, {"..\\x", "1"}, {"C:\\x", "1"}, {"ok", "1"}}),
              testing::AllOf(SizeIs(5), testing::Each("zip_path_traversal")));
  EXPECT_THAT(files(), ElementsAre("ok"));
}

TEST_F(ZipArchive, LinksAndDevicesAreRefused) {
  EXPECT_THAT(codes_of({{"link", "/etc/passwd", S_IFLNK | 0777}, {"fifo", "", S_IFIFO | 0600}, {"device", "", S_IFCHR | 0600}}),
              ElementsAre("zip_link", "zip_special_file", "zip_special_file"));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ZipArchive, ImpossibleNamesAreRefused) {
  EXPECT_THAT(codes_of({{"a", "1"}, {"a", "2"}, {"a/b", "3"}, {std::string(300, 'n'), "4"}, {"x//y", "5"}}),
              ElementsAre("zip_bad_name", "zip_bad_name", "zip_bad_name", "zip_bad_name"));
  EXPECT_THAT(files(), ElementsAre("a"));
  EXPECT_EQ(tests::read_bytes(into() / "a"), "1");
}

TEST_F(ZipArchive, NamesWithNewlinesAreFilesLikeAnyOther) {
  EXPECT_THAT(codes_of({{"a\nb", "1"}}), IsEmpty());
  EXPECT_THAT(files(), ElementsAre("a\nb"));
}

TEST_F(ZipArchive, ADamagedEntryIsLeftOut) {
  write_zip(archive(), {{"good", "1"}, {"bad", std::string(5000, 'q') + "end"}});
  auto bytes = tests::read_bytes(archive());
  const auto stream = bytes.find("bad") + 3 + 20;  // behind the name and the field with the 64-bit sizes
  for (std::size_t n = 4; n < 10; ++n) bytes[stream + n] = static_cast<char>(bytes[stream + n] ^ 0x5A);
  tests::write_bytes(archive(), bytes);
  const auto failures = extract_zip(archive(), into());
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].code, "zip_damaged_entry");
  EXPECT_EQ(failures[0].path, "bad");
  EXPECT_THAT(files(), ElementsAre("good"));
}

void expect_refusal(const std::function<void()>& action, const std::string& code) {
  try {
    action();
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(code));
  }
}

TEST_F(ZipArchive, ABombIsNotOpened) {
  ZipLimits limits;
  limits.always_allowed_bytes = 1 << 20;
  expect_refusal([&] { codes_of({{"bomb", std::string(30 << 20, '\0')}}, limits); }, "zip_bomb");
  limits = {};
  limits.n_entries = 3;
  expect_refusal([&] { codes_of({{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}}, limits); }, "zip_bomb");
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ZipArchive, WhatIsNoArchiveIsNamed) {
  tests::write_bytes(archive(), std::string("PK\x03\x04", 4) + "nothing more");
  expect_refusal([&] { extract_zip(archive(), into()); }, "zip_unreadable");
}

TEST(ExportInput, AnArchiveIsUnpackedAndGoneAfterwards) {
  const tests::TemporaryFolder folder;
  write_zip(folder.path() / "a.zip", {{"x/y", "1"}, {"../z", "2"}});
  fs::path unpacked;
  {
    const ExportInput input(folder.path() / "a.zip");
    unpacked = input.folder();
    EXPECT_TRUE(fs::exists(unpacked / "x/y"));
    EXPECT_THAT(input.failures(), SizeIs(1));
  }
  EXPECT_FALSE(fs::exists(unpacked));
  EXPECT_FALSE(fs::exists(unpacked.parent_path()));
}

TEST(ExportInput, AFolderStandsForItselfAndAnyOtherFileIsRefused) {
  const tests::TemporaryFolder folder;
  EXPECT_EQ(ExportInput(folder.path()).folder(), folder.path());
  tests::write_bytes(folder.path() / "t.csv", "a,b");
  expect_refusal([&] { const ExportInput input(folder.path() / "t.csv"); }, "neither a zip archive nor a DICOMDIR");
}

}  // namespace
}  // namespace cemscope::ingest
