#include "src/ingest/export_index.h"

#include <random>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "src/ingest/volume_reader.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::ingest {
namespace {

using namespace cemscope::tests;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> codes_of(const ExportIndex& index) {
  std::vector<std::string> codes;
  for (const auto& failure : index.failures) codes.push_back(failure.code);
  return codes;
}

nlohmann::json json_of(const ExportIndex& index) { return {index.patients, index.failures, index.n_files, index.n_dicom, index.n_bytes}; }

TEST(IndexExport, SortsPatientsStudiesAndSeries) {
  const TemporaryFolder folder;
  DicomSpec spec;
  spec.patient_id = "B";
  spec.study_uid = "1.5", spec.series_uid = "1.5.1", spec.study_date = "20240305";
  write_stack(folder.path() / "1", axial_stack(3, 1, spec));
  spec.study_uid = "1.6", spec.series_uid = "1.6.1", spec.study_date = "20240101";
  write_stack(folder.path() / "2", axial_stack(3, 1, spec));
  spec.series_uid = "1.6.0", spec.series_number = 1;
  write_stack(folder.path() / "3", axial_stack(3, 1, spec));
  spec.patient_id = "A", spec.study_uid = "1.7", spec.series_uid = "1.7.1";
  write_stack(folder.path() / "4", axial_stack(3, 1, spec));
  const auto index = index_export(folder.path(), {});
  ASSERT_EQ(index.patients.size(), 2U);
  EXPECT_EQ(index.patients[0].case_id, "A");
  const auto& studies = index.patients[1].studies;
  ASSERT_EQ(studies.size(), 2U);
  EXPECT_EQ(studies[0].study_uid, "1.6");
  EXPECT_EQ(studies[0].series.at(0).series_uid, "1.6.0");
  EXPECT_EQ(studies[1].date, "20240305");
}

TEST(IndexExport, DoesNotDependOnFileNamesOrWorkers) {
  const TemporaryFolder one, other;
  auto slices = axial_stack(12, 1.25);
  write_stack(one.path(), slices);
  std::shuffle(slices.begin(), slices.end(), std::mt19937(7));
  write_stack(other.path(), slices);
  auto a = json_of(index_export(one.path(), {.n_workers = 1})), b = json_of(index_export(one.path(), {.n_workers = 5}));
  EXPECT_EQ(a, b);
  auto c = json_of(index_export(other.path(), {}));
  for (auto* json : {&a, &c}) {
    for (auto& image : json->at(0).at(0).at("studies").at(0).at("series").at(0).at("images")) image.erase("path");
  }
  EXPECT_EQ(a, c);
}

TEST(IndexExport, MeasuresSpacingFromPositions) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(5, 1.25));
  const auto series = index_export(folder.path(), {}).patients.at(0).studies.at(0).series.at(0);
  EXPECT_DOUBLE_EQ(series.slice_spacing_mm.value(), 1.25);
  EXPECT_DOUBLE_EQ(series.slice_thickness_mm.value(), 7);
  EXPECT_THAT(series.reason, HasSubstr("axial, 1.25 mm apart, 5 slices over 5 mm"));
}

TEST(IndexExport, RoundTripsThroughJson) {
  const TemporaryFolder folder;
  DicomSpec spec;
  spec.patient_name = "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", spec.character_set = "GB18030", spec.birth_date = "19500101",
  spec.sex = "F";
  write_stack(folder.path() / "\xB0\xA1", axial_stack(3, 1, spec));  // a folder named in GBK
  const auto index = index_export(folder.path(), {});
  const auto text = nlohmann::json(index.patients).dump();
  const auto patients = nlohmann::json::parse(text).get<std::vector<Patient>>();
  EXPECT_EQ(nlohmann::json(patients), nlohmann::json(index.patients));
  ASSERT_EQ(patients.size(), 1U);
  EXPECT_EQ(patients[0].patient_name, "Wang^XiaoDong=王^小东");
  EXPECT_EQ(patients[0].studies[0].series[0].images[0].path, "\xB0\xA1/I0001");
  EXPECT_EQ(load_ct(folder.path(), patients[0].studies[0].series[0]).slices.size(), 3U);
}

TEST(IndexExport, GivesAHostilePatientIdASafeCaseId) {
  const TemporaryFolder folder;
  DicomSpec spec;
  spec.patient_id = "../../x";
  write_stack(folder.path(), axial_stack(3, 1, spec));
  const auto patient = index_export(folder.path(), {}).patients.at(0);
  EXPECT_EQ(patient.patient_id, "../../x");
  EXPECT_THAT(patient.case_id, testing::MatchesRegex("_.._x-[0-9a-f]+"));
}

TEST(IndexExport, MakesACaseOfEachStudyWithoutPatientId) {
  const TemporaryFolder folder;
  DicomSpec spec;
  spec.patient_id = "";
  write_stack(folder.path() / "1", axial_stack(3, 1, spec));
  spec.study_uid = "1.9", spec.series_uid = "1.9.1";
  write_stack(folder.path() / "2", axial_stack(3, 1, spec));
  const auto index = index_export(folder.path(), {});
  ASSERT_EQ(index.patients.size(), 2U);
  EXPECT_NE(index.patients[0].case_id, index.patients[1].case_id);
  EXPECT_THAT(codes_of(index), ElementsAre("missing_patient_id", "missing_patient_id"));
}

TEST(IndexExport, KeepsTwoPeopleUnderOnePatientIdApart) {
  const TemporaryFolder folder;
  DicomSpec spec;
  spec.patient_name = "ONE^ANNA", spec.birth_date = "19400101", spec.sex = "F";
  write_stack(folder.path() / "1", axial_stack(3, 1, spec));
  spec.patient_name = "TWO^BERT", spec.birth_date = "19550505", spec.sex = "M", spec.study_uid = "1.9", spec.series_uid = "1.9.1";
  write_stack(folder.path() / "2", axial_stack(3, 1, spec));
  const auto index = index_export(folder.path(), {});
  ASSERT_EQ(index.patients.size(), 2U);
  EXPECT_NE(index.patients[0].case_id, index.patients[1].case_id);
  for (const auto& patient : index.patients) {
    EXPECT_EQ(patient.patient_id, "P1");
    EXPECT_EQ(patient.studies.size(), 1U);
    EXPECT_THAT(patient.case_id, testing::MatchesRegex("P1-[0-9a-f]+"));
  }
  EXPECT_THAT(codes_of(index), ElementsAre("patient_id_conflict", "patient_id_conflict"));
}

TEST(IndexExport, CountsTheDirectoryFileAndDoesNotNeedIt) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(3, 1));
  DcmDicomDir directory((folder.path() / "DICOMDIR").c_str(), "X");
  ASSERT_TRUE(directory.write().good());
  const auto index = index_export(folder.path(), {});
  EXPECT_EQ(index.n_files, 4);
  EXPECT_EQ(index.n_dicom, 4);
  EXPECT_EQ(index.patients.size(), 1U);
  EXPECT_TRUE(index.failures.empty());
}

TEST(IndexExport, ListsASeriesOfWhichNothingIsLeft) {
  const TemporaryFolder folder;
  write_stack(folder.path(), axial_stack(3, 1));
  for (const auto* name : {"I0001", "I0002", "I0003"}) {
    const auto bytes = read_bytes(folder.path() / name);
    write_bytes(folder.path() / name, bytes.substr(0, bytes.size() - 20));
  }
  const auto index = index_export(folder.path(), {});
  const auto& series = index.patients.at(0).studies.at(0).series.at(0);
  EXPECT_EQ(series.role, SeriesRole::unreadable);
  EXPECT_TRUE(series.images.empty());
  EXPECT_EQ(index.failures.size(), 3U);
}

/// The parts into which the slices, written as one series, are split.
std::vector<Series> parts_of(const std::vector<DicomSpec>& slices) {
  const TemporaryFolder folder;
  write_stack(folder.path(), slices);
  return index_export(folder.path(), {}).patients.at(0).studies.at(0).series;
}

std::vector<DicomSpec> joined(std::vector<DicomSpec> a, const std::vector<DicomSpec>& b) {
  a.insert(a.end(), b.begin(), b.end());
  for (std::size_t n = 0; n < a.size(); ++n) a[n].sop_uid = fmt::format("1.2.3.{}", n);
  return a;
}

TEST(SplitSeries, SeparatesMixedOrientations) {
  auto sagittal = axial_stack(4, 1);
  for (std::size_t k = 0; k < 4; ++k) sagittal[k].orientation = "0\\1\\0\\0\\0\\-1", sagittal[k].position = fmt::format("{}\\0\\0", 3 * k);
  const auto parts = parts_of(joined(axial_stack(6, 1), sagittal));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].images.size(), 6U);
  EXPECT_EQ(parts[0].role, SeriesRole::axial_ct);
  EXPECT_EQ(parts[1].role, SeriesRole::mpr_ct);
  EXPECT_EQ(parts[1].part, 2);
  EXPECT_THAT(parts[0].reason, HasSubstr("part 1 of 2 of a mixed series (orientation or pixel spacing)"));
}

TEST(SplitSeries, SeparatesMatrices) {
  auto other = axial_stack(3, 1);
  for (auto& slice : other) slice.rows = 6, slice.words.assign(60, 1000);
  const auto parts = parts_of(joined(axial_stack(6, 1), other));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[1].reason, HasSubstr("(matrix)"));
}

TEST(SplitSeries, SeparatesKernels) {
  auto sharp = axial_stack(6, 1);
  for (auto& slice : sharp) slice.kernel = "B70f";
  const auto parts = parts_of(joined(axial_stack(6, 1), sharp));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[0].reason, HasSubstr("(kernel)"));
  EXPECT_NE(parts[0].kernel, parts[1].kernel);
}

TEST(SplitSeries, SeparatesAcquisitionsAtTheSamePositions) {
  auto second = axial_stack(6, 1);
  for (auto& slice : second) slice.acquisition_number = 2;
  const auto parts = parts_of(joined(axial_stack(6, 1), second));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].images.size(), 6U);
  EXPECT_THAT(parts[0].reason, HasSubstr("(acquisition)"));
}

TEST(SplitSeries, SeparatesByNumberWhatNoAttributeTellsApart) {
  auto second = axial_stack(6, 1);
  for (auto& slice : second) slice.instance_number += 100;
  const auto parts = parts_of(joined(axial_stack(6, 1), second));
  ASSERT_EQ(parts.size(), 2U);
  for (const auto& image : parts[0].images) EXPECT_LT(image.instance_number, 100);
  for (const auto& image : parts[1].images) EXPECT_GT(image.instance_number, 100);
}

TEST(SplitSeries, SeparatesOverlappingAcquisitionsBetweenEachOther) {
  auto second = axial_stack(8, 1);
  for (std::size_t k = 0; k < 8; ++k)
    second[k].acquisition_number = 2, second[k].position = fmt::format("-10\\-20\\{}", 34.4 + static_cast<double>(k));
  EXPECT_EQ(parts_of(joined(axial_stack(8, 1), second)).size(), 2U);
}

TEST(SplitSeries, LeavesASequentialScanWhole) {
  auto slices = axial_stack(8, 1);
  for (auto& slice : slices) slice.acquisition_number = slice.instance_number;
  EXPECT_EQ(parts_of(slices).size(), 1U);
}

TEST(SplitSeries, TakesTheLocalizerOut) {
  auto localizer = axial_stack(1, 1);
  localizer[0].image_type = "ORIGINAL\\PRIMARY\\LOCALIZER", localizer[0].orientation = "0\\1\\0\\0\\0\\-1";
  const auto parts = parts_of(joined(axial_stack(6, 1), localizer));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].role, SeriesRole::localizer);
}

}  // namespace
}  // namespace cemscope::ingest
