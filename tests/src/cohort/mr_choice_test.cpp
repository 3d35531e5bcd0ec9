#include "src/cohort/mr_choice.h"

#include <gtest/gtest.h>

namespace cemscope::cohort {
namespace {

using ingest::SeriesRole;

ingest::Series series(const std::string& uid, SeriesRole role, int n_slices = 15) {
  ingest::Series s;
  s.series_uid = uid, s.modality = "MR", s.role = role;
  s.orientation = {0, 1, 0, 0, 0, -1};
  s.pixel_spacing_mm = {0.8, 0.8};
  s.images.resize(static_cast<std::size_t>(n_slices));
  return s;
}

ingest::Study study(const std::string& uid, const std::string& date, std::vector<ingest::Series> all) {
  ingest::Study result;
  result.study_uid = uid, result.date = date, result.series = std::move(all);
  return result;
}

std::vector<std::string> order(const std::vector<ingest::Study>& studies, const std::string& surgery_date) {
  ingest::Patient patient;
  patient.studies = studies;
  std::vector<std::string> uids;
  for (const auto& candidate : rank_mr_candidates(patient, timeline_by_date(patient, surgery_date, 30)))
    uids.push_back(candidate.series->series_uid);
  return uids;
}

TEST(MrChoice, TakesSuppressedSagittalSeriesAlone) {
  auto axial = series("axial", SeriesRole::mr_stir);
  axial.orientation = {1, 0, 0, 0, 1, 0};
  const auto uids =
      order({study("1", "20190301",
                   {series("t1", SeriesRole::mr_t1), series("t2", SeriesRole::mr_t2), axial, series("fs", SeriesRole::mr_t2_fs),
                    series("other", SeriesRole::mr_other), series("stir", SeriesRole::mr_stir)})},
            "2019-03-05");
  EXPECT_EQ(uids, (std::vector<std::string>{"stir", "fs"}));
}

TEST(MrChoice, TakesTheNearestPreoperativeStudyOfSixWeeks) {
  const auto uids = order(
      {study("old", "20181001", {series("old", SeriesRole::mr_stir)}), study("near", "20190220", {series("near", SeriesRole::mr_t2_fs)}),
       study("far", "20190201", {series("far", SeriesRole::mr_stir)}), study("after", "20190320", {series("after", SeriesRole::mr_stir)})},
      "2019-03-05");
  EXPECT_EQ(uids, (std::vector<std::string>{"near", "far", "after", "old"}));
}

TEST(MrChoice, SilentTagsComeLastAndAreMarked) {
  auto silent = series("silent", SeriesRole::mr_other);
  silent.reason = "sagittal weighting not stated";
  EXPECT_TRUE(mr_eligibility(silent).is_eligible);
  EXPECT_FALSE(mr_eligibility(silent).is_weighting_stated);
  EXPECT_EQ(order({study("1", "20190301", {silent, series("fs", SeriesRole::mr_t2_fs)})}, "2019-03-05"),
            (std::vector<std::string>{"fs", "silent"}));
}

TEST(MrChoice, SaysWhyASeriesIsNotRead) {
  EXPECT_EQ(mr_eligibility(series("t2", SeriesRole::mr_t2)).reason, "fat is not suppressed");
  EXPECT_EQ(mr_eligibility(series("short", SeriesRole::mr_stir, 2)).reason, "fewer than 3 slices");
  EXPECT_TRUE(mr_eligibility(series("ct", SeriesRole::axial_ct)).reason.empty());
}

}  // namespace
}  // namespace cemscope::cohort
