#include "src/batch/case_mr.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/phantom/mr_series.h"
#include "src/phantom/plan_parts.h"
#include "tests/src/batch/simulated_export.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;
using imaging::MrSequence;
using phantom::MrVendor;
using testing::ElementsAre;
using testing::HasSubstr;

// The sample's patient with an MR six days before surgery: fresh fracture of L1, fascia injury of 62 mm.
phantom::PatientPlan plan_of(MrVendor vendor, const std::vector<MrSequence>& sequences) {
  auto plan = phantom::plan_sample().at(6);
  plan.mr_vendor = vendor;
  plan.mr.scan.n_slices = 9;
  plan.studies = {phantom::plan_mr_study(plan, plan.studies.front().date, sequences)};
  return plan;
}

std::string chosen_description(const MrSearch& search) { return search.measured->candidate.series->description; }

class CaseMrOfVendors : public testing::TestWithParam<MrVendor> {};

TEST_P(CaseMrOfVendors, TheSuppressedSeriesIsReadRight) {
  using enum MrSequence;
  const SimulatedExport patient(plan_of(GetParam(), {t1, stir, t2}));
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  ASSERT_TRUE(search.measured);
  EXPECT_EQ(chosen_description(search), phantom::mr_description(GetParam(), stir));
  cohort::CaseResult result;
  take_mr(result, search);
  EXPECT_EQ(result.soft_tissue_injury.answer, Answer::yes);
  EXPECT_NEAR(result.soft_tissue_length_mm.value_or(0), 62, 12.4);
  EXPECT_THAT(result.acute_levels, ElementsAre("L1"));
  EXPECT_EQ(result.inputs.at("soft_tissue_injury").source, "MR");
}

INSTANTIATE_TEST_SUITE_P(All, CaseMrOfVendors,
                         testing::Values(MrVendor::siemens, MrVendor::ge, MrVendor::philips, MrVendor::canon, MrVendor::united_imaging));

TEST(CaseMr, TakesT2FsWhereThereIsNoStir) {
  using enum MrSequence;
  const SimulatedExport patient(plan_of(MrVendor::ge, {t2, t2_fs}));  // both are called "Sag T2 FSE"
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  ASSERT_TRUE(search.measured);
  EXPECT_EQ(search.measured->candidate.series->series_number, 3);
  EXPECT_EQ(search.measured->reading.injury.finding.answer, Answer::yes);
}

TEST(CaseMr, ReadsNoSeriesWithoutSuppression) {
  using enum MrSequence;
  const SimulatedExport patient(plan_of(MrVendor::philips, {t1, t2}));
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  EXPECT_FALSE(search.measured);
  cohort::CaseResult result;
  take_mr(result, search);
  EXPECT_EQ(result.soft_tissue_injury.answer, Answer::not_assessable);
  EXPECT_EQ(result.soft_tissue_injury.reason, "no_fat_suppressed_mr");
  EXPECT_FALSE(result.inputs.contains("soft_tissue_injury"));
}

TEST(CaseMr, OfTwoSlabsTakesTheOneWithTheFreshFracture) {
  auto plan = plan_of(MrVendor::siemens, {MrSequence::stir, MrSequence::stir});
  auto& mr = plan.studies.front().mr;
  for (auto& series : mr) series.scan.rows = 130;
  mr[0].scan.centre_level = "T8";
  const SimulatedExport patient(plan);
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  ASSERT_TRUE(search.measured);
  EXPECT_EQ(search.measured->candidate.series->series_number, mr[1].number);
  EXPECT_THAT(search.not_taken.begin()->second, HasSubstr("preferred"));
}

// Dixon: water and fat were taken for each other, in all slices.
TEST(CaseMr, FatUnderTheNameOfWaterIsNotAssessable) {
  auto plan = plan_of(MrVendor::siemens, {MrSequence::t2_fs});
  auto& scan = plan.studies.front().mr.front().scan;
  scan.artefacts.n_swapped_slices = scan.n_slices;
  const SimulatedExport patient(plan);
  cohort::CaseResult result;
  take_mr(result, find_baseline_mr(patient.job, patient.timeline));
  EXPECT_EQ(result.soft_tissue_injury.answer, Answer::not_assessable);
  EXPECT_THAT(result.acute_levels, testing::IsEmpty());
}

TEST(CaseMr, FatUnderTheNameOfWaterGivesWayToATrueWaterPicture) {
  auto plan = plan_of(MrVendor::siemens, {MrSequence::t2_fs, MrSequence::t2_fs});
  auto& mr = plan.studies.front().mr;
  mr[0].scan.artefacts.n_swapped_slices = mr[0].scan.n_slices;
  const SimulatedExport patient(plan);
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  ASSERT_TRUE(search.measured);
  EXPECT_EQ(search.measured->candidate.series->series_number, mr[1].number);
  EXPECT_EQ(search.measured->reading.injury.finding.answer, Answer::yes);
}

TEST(CaseMr, ADamagedSeriesGivesWayToTheNext) {
  using enum MrSequence;
  const auto cut_off = [](const std::filesystem::path& root) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.path().string().find("SE003") != std::string::npos && entry.is_regular_file())
        std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
  };
  const SimulatedExport patient(plan_of(MrVendor::siemens, {t2_fs, stir}), cut_off);
  const auto search = find_baseline_mr(patient.job, patient.timeline);
  ASSERT_TRUE(search.measured);
  EXPECT_EQ(search.measured->candidate.series->series_number, 2);
  EXPECT_EQ(search.measured->reading.injury.finding.answer, Answer::yes);
}

TEST(CaseMr, APostoperativeExaminationIsSaidToBeSo) {
  auto plan = plan_of(MrVendor::canon, {MrSequence::stir});
  plan.studies.front().date = phantom::shifted_date(plan.studies.front().date, 14);
  const SimulatedExport patient(plan);
  cohort::CaseResult result;
  take_mr(result, find_baseline_mr(patient.job, patient.timeline));
  EXPECT_EQ(result.soft_tissue_injury.answer, Answer::yes);
  EXPECT_THAT(result.warnings, testing::Contains("soft_tissue_read_on_postoperative_mr"));
}

}  // namespace
}  // namespace cemscope::batch
