#include "src/commands/index.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/dicom_maker.h"

namespace cemscope::commands {
namespace {

using namespace cemscope::tests;
using testing::HasSubstr;
using testing::Not;

ingest::ExportIndex index_of(const DicomSpec& spec) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(4, 1, spec));
  write_bytes(folder.path() / "empty", "");
  return ingest::index_export(folder.path(), {});
}

std::string written(const ingest::ExportIndex& index, IndexFormat format) {
  std::ostringstream out;
  write_index(out, index, format);
  return out.str();
}

DicomSpec hostile_texts() {
  DicomSpec spec;
  spec.patient_id = "=1+1";
  spec.patient_name = "SECRET^NAME";
  spec.series_description = "=cmd|' /C calc', \"quoted\"";
  return spec;
}

TEST(WriteIndex, CsvIsQuotedAndRunsNoFormula) {
  const auto csv = written(index_of(hostile_texts()), IndexFormat::csv);
  EXPECT_THAT(csv, HasSubstr("\n'=1+1,_1_1-"));
  EXPECT_THAT(csv, HasSubstr(",\"'=cmd|' /C calc', \"\"quoted\"\"\","));
  EXPECT_THAT(csv, HasSubstr(",axial_ct,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
}

TEST(WriteIndex, NeverNamesThePatient) {
  const auto index = index_of(hostile_texts());
  for (const auto format : {IndexFormat::table, IndexFormat::csv, IndexFormat::json})
    EXPECT_THAT(written(index, format), Not(HasSubstr("SECRET")));
}

TEST(WriteIndex, JsonCountsImagesAndListsFailures) {
  const auto json = nlohmann::json::parse(written(index_of({}), IndexFormat::json));
  EXPECT_EQ(json.at("n_files"), 5);
  EXPECT_EQ(json.at("n_dicom"), 4);
  EXPECT_EQ(json.at("patients").at(0).at("case_id"), "P1");
  const auto& series = json.at("patients").at(0).at("studies").at(0).at("series").at(0);
  EXPECT_EQ(series.at("n_images"), 4);
  EXPECT_EQ(series.at("role"), "axial_ct");
  EXPECT_FALSE(series.contains("images"));
  EXPECT_EQ(json.at("failures").at(0).at("code"), "zero_length_file");
}

TEST(WriteIndex, TheTableShowsRoleAndReason) {
  const auto table = written(index_of({}), IndexFormat::table);
  EXPECT_THAT(table, HasSubstr("5 files, 4 DICOM, 1 other; 1 patients"));
  EXPECT_THAT(table, HasSubstr("axial_ct"));
  EXPECT_THAT(table, HasSubstr("axial, 1.00 mm apart, 4 slices"));
  EXPECT_THAT(table, HasSubstr("zero_length_file"));
}

TEST(HasAnythingToScore, AsksForCtFilmOrMr) {
  EXPECT_TRUE(has_anything_to_score(index_of({})));
  DicomSpec localizer;
  localizer.image_type = "ORIGINAL\\PRIMARY\\LOCALIZER";
  EXPECT_FALSE(has_anything_to_score(index_of(localizer)));
  auto film = index_of({});  // whose view no tag tells
  film.patients.at(0).studies.at(0).series.at(0).role = ingest::SeriesRole::other_film;
  EXPECT_TRUE(has_anything_to_score(film));
}

int exit_code_of(const std::filesystem::path& folder) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_index({folder, IndexFormat::csv});
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return code;
}

TEST(RunIndex, ReturnsTheContractsExitCodes) {
  const TemporaryFolder folder;
  EXPECT_EQ(exit_code_of(folder.path() / "missing"), 2);
  EXPECT_EQ(exit_code_of(folder.path()), 4);
  write_stack(folder.path(), axial_stack(4, 1));
  EXPECT_EQ(exit_code_of(folder.path()), 0);
}

}  // namespace
}  // namespace cemscope::commands
