#include "src/batch/case_band.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/batch/case_series.h"
#include "src/batch/score_case.h"
#include "src/phantom/plan_parts.h"
#include "tests/src/batch/simulated_export.h"

namespace cemscope::batch {
namespace {

using testing::HasSubstr;

/// Which examinations before surgery are exported.
enum class Before { nothing, ct, mr };

/// L1 with cement on both sides, its fracture above the lower endplate without a collapse.
phantom::PatientPlan plan_of(Before kept) {
  auto plan = phantom::plan_sample().at(0);
  auto& parameters = plan.parameters;
  parameters.fractures.clear();
  parameters.impactions = {{"L1", imaging::PhantomEndplate::lower, 130, 0.36}};
  plan.clinical.treated_levels = "L1";
  auto after = plan.studies.back();
  const auto surgery = after.date;
  plan.clinical.surgery_date = phantom::iso_date(surgery);
  after.date = phantom::shifted_date(surgery, 1);
  plan.studies.clear();
  phantom::PatientPose pose;
  pose.pitch_deg = 5, pose.turn_deg = -5, pose.shift_mm = {10, -12, 6};
  if (kept == Before::mr) {
    plan.mr = phantom::mr_of(plan);
    plan.mr.scan.n_slices = 9;
    plan.mr.oedema = {{"L1", 0.8, 0.5, imaging::PhantomEndplate::lower}};
    plan.studies.push_back(phantom::plan_mr_study(plan, phantom::shifted_date(surgery, -5), {imaging::MrSequence::stir}));
    plan.studies.back().pose = pose;
  }
  if (kept == Before::ct) {
    phantom::StudyPlan before{phantom::shifted_date(surgery, -3), "090000", "CT SPINE PREOP", true, {}};
    auto scan = parameters.scan;
    scan.slice_thickness_mm = scan.slice_spacing_mm = 2.0;
    before.series.push_back(phantom::plan_series(plan.main_series, 2, scan, plan.pixels));
    before.pose = pose;
    plan.studies.push_back(before);
  }
  plan.studies.push_back(after);
  return plan;
}

imaging::VertebraMeasurement scored(Before kept) {
  const SimulatedExport patient(plan_of(kept));
  const auto scored = score_case(patient.job);
  EXPECT_EQ(scored.result.vertebrae.size(), 1U);
  return scored.result.vertebrae.empty() ? imaging::VertebraMeasurement{} : scored.result.vertebrae.front().measurement;
}

TEST(CaseBand, WithoutAnEarlierExaminationTheUpperThirdIsTaken) {
  const auto m = scored(Before::nothing);
  EXPECT_EQ(m.band_source, "upper_third");
  EXPECT_EQ(m.band_detail, "");
}

TEST(CaseBand, OedemaAboveTheLowerEndplateMakesTheLowerThirdTheBand) {
  const auto m = scored(Before::mr), alone = scored(Before::nothing);
  EXPECT_EQ(m.band_source, "preop_mr");
  EXPECT_THAT(m.band_detail, HasSubstr("lower third (oedema above the lower endplate); registered"));
  EXPECT_NE(m.band_fill, alone.band_fill);
}

TEST(CaseBand, CondensedSpongiosaAboveTheLowerEndplateMakesTheLowerThirdTheBand) {
  const SimulatedExport patient(plan_of(Before::ct));
  const auto scored = score_case(patient.job);
  ASSERT_EQ(scored.result.vertebrae.size(), 1U);
  const auto& m = scored.result.vertebrae.front().measurement;
  EXPECT_EQ(m.band_source, "preop_ct");
  EXPECT_THAT(m.band_detail, HasSubstr("lower third (lower spongiosa condensed); registered"));
  const auto row =
      std::find_if(scored.result.series.begin(), scored.result.series.end(), [](const auto& one) { return one.phase == "preop"; });
  ASSERT_NE(row, scored.result.series.end());
  EXPECT_TRUE(row->chosen);
  EXPECT_THAT(row->reason, HasSubstr("read for the fracture band: L1 lower third"));
}

TEST(CaseBand, AnExaminationOlderThanSixWeeksHasNoSay) {
  auto plan = plan_of(Before::ct);
  plan.studies.front().date = phantom::shifted_date(plan.studies.back().date, -60);
  const SimulatedExport patient(plan);
  EXPECT_EQ(score_case(patient.job).result.vertebrae.at(0).measurement.band_source, "upper_third");
}

}  // namespace
}  // namespace cemscope::batch
