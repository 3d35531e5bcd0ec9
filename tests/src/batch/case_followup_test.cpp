#include "src/batch/case_followup.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/phantom/plan_parts.h"
#include "tests/src/batch/simulated_export.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;
using testing::Not;
using testing::SizeIs;

// The sample's patient with L1 treated and a CT three months later in which T12 has collapsed by 38 %.
phantom::PatientPlan followed() { return phantom::plan_sample().at(7); }

FollowupSearch followup_of(const SimulatedExport& patient) {
  const auto ct = find_baseline_ct(patient.job, patient.timeline);
  const auto mr = find_baseline_mr(patient.job, patient.timeline);
  const auto films = find_baseline_films(patient.job, patient.timeline);
  return find_followup(patient.job, patient.timeline, ct, mr, films);
}

cohort::CaseResult result_of(const FollowupSearch& search) {
  cohort::CaseResult result;
  take_followup(result, search);
  return result;
}

TEST(CaseFollowup, FindsTheCollapseOnTheLaterCt) {
  const auto search = followup_of(SimulatedExport(followed()));
  ASSERT_THAT(search.comparisons, SizeIs(1));
  const auto result = result_of(search);
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::yes);
  EXPECT_EQ(result.inputs.at("adjacent_fracture").source, "CT");
  const auto& changes = search.comparisons.front().comparison.changes;
  const auto lost = std::find_if(changes.begin(), changes.end(), [](const auto& change) { return change.fracture.answer == Answer::yes; });
  EXPECT_EQ(lost->level, "T12");
  EXPECT_GT(*lost->loss_fraction, 0.2);
}

TEST(CaseFollowup, AnUnchangedSpineHasNone) {
  auto plan = followed();
  plan.studies.back().collapsed_since.clear();
  plan.studies.back().series.front().scan.noise_hu *= 1.4;
  EXPECT_EQ(result_of(followup_of(SimulatedExport(plan))).adjacent_fracture.answer, Answer::no);
}

TEST(CaseFollowup, OneTimePointIsNotAssessable) {
  auto plan = followed();
  plan.studies.pop_back();
  const auto result = result_of(followup_of(SimulatedExport(plan)));
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::not_assessable);
  EXPECT_EQ(result.adjacent_fracture.reason, "one_time_point");
  EXPECT_FALSE(result.inputs.contains("adjacent_fracture"));
}

TEST(CaseFollowup, ADamagedFollowUpIsNoNo) {
  const auto plan = followed();
  const auto cut_off = [&](const std::filesystem::path& root) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file() && entry.path().string().find(plan.studies.back().date) != std::string::npos)
        std::filesystem::resize_file(entry.path(), entry.file_size() - 600);
  };
  const SimulatedExport patient(plan, cut_off);
  EXPECT_EQ(result_of(followup_of(patient)).adjacent_fracture.answer, Answer::not_assessable);
}

// Before surgery L1 is fresh; two months later T12 has lost height and is fresh, too.
phantom::PatientPlan followed_on_mr() {
  using enum imaging::MrSequence;
  auto plan = phantom::plan_sample().at(6);
  plan.mr.injuries.clear(), plan.mr.subcutaneous.clear();
  plan.parameters.deposits = {{}};  // cement in L1 darkens it on the later MR
  const auto date = plan.studies.front().date;
  plan.studies = {phantom::plan_mr_study(plan, date, {t2_fs}), phantom::plan_mr_study(plan, phantom::shifted_date(date, 66), {t2_fs})};
  auto& later = plan.studies.back();
  later.is_before_surgery = false, later.is_follow_up = true;
  later.collapsed_since = {{"T12", imaging::FractureType::wedge, 0.4}};
  return plan;
}

TEST(CaseFollowup, FindsNewOedemaAndLossOnTheLaterMr) {
  const auto search = followup_of(SimulatedExport(followed_on_mr()));
  ASSERT_THAT(search.comparisons, SizeIs(1));
  const auto& changes = search.comparisons.front().comparison.changes;
  EXPECT_TRUE(std::any_of(changes.begin(), changes.end(), [](const auto& change) { return change.has_new_oedema; }));
  EXPECT_NE(result_of(search).adjacent_fracture.answer, Answer::no);
}

// The sample's patient with films and L1 treated, and films four months later.
phantom::PatientPlan followed_on_films() {
  auto plan = phantom::plan_sample().at(4);
  auto later = plan.studies.front();
  later.date = phantom::shifted_date(later.date, 120), later.is_follow_up = true;
  plan.studies.push_back(later);
  return plan;
}

TEST(CaseFollowup, FindsTheCollapseOnTheLaterFilm) {
  auto plan = followed_on_films();
  plan.studies.back().collapsed_since = {{"L2", imaging::FractureType::wedge, 0.4}};
  const auto search = followup_of(SimulatedExport(plan));
  ASSERT_THAT(search.comparisons, SizeIs(1));
  const auto result = result_of(search);
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::yes);
  EXPECT_LE(result.adjacent_fracture.confidence, 0.8);
  EXPECT_EQ(result.inputs.at("adjacent_fracture").source, "XR");
  ASSERT_TRUE(result.heights.has_value());
  const auto& rows = result.heights->rows;
  const auto lost = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.level == "L2"; });
  ASSERT_NE(lost, rows.end());
  EXPECT_GT(*lost->loss_fraction[0], 0.2);
}

TEST(CaseFollowup, NoFractureIsInventedOnFilms) {
  EXPECT_NE(result_of(followup_of(SimulatedExport(followed_on_films()))).adjacent_fracture.answer, Answer::yes);
}

// The same patient with a CT after surgery instead of the first films.
phantom::PatientPlan ct_then_films() {
  auto plan = followed_on_films();
  auto ct = followed().studies.front();
  ct.date = plan.studies.front().date;
  plan.studies = {std::move(ct), plan.studies.back()};
  return plan;
}

TEST(CaseFollowup, FindsTheCollapseOnAFilmAfterACt) {
  auto plan = ct_then_films();
  plan.studies.back().collapsed_since = {{"L2", imaging::FractureType::wedge, 0.4}};
  const auto search = followup_of(SimulatedExport(plan));
  ASSERT_THAT(search.comparisons, SizeIs(1));
  EXPECT_EQ(search.comparisons.front().baseline.modality, "CT");
  EXPECT_EQ(search.comparisons.front().followup.modality, "XR");
  EXPECT_EQ(result_of(search).adjacent_fracture.answer, Answer::yes);
  EXPECT_LE(result_of(search).adjacent_fracture.confidence, 0.6);
}

TEST(CaseFollowup, NoFractureIsInventedOnAFilmAfterACt) {
  EXPECT_NE(result_of(followup_of(SimulatedExport(ct_then_films()))).adjacent_fracture.answer, Answer::yes);
}

TEST(CaseFollowup, AFilmOfTheSameWeekIsNoFollowUpOfTheCt) {
  auto plan = ct_then_films();
  plan.studies.back().date = phantom::shifted_date(plan.studies.front().date, 5), plan.studies.back().is_follow_up = false;
  EXPECT_EQ(result_of(followup_of(SimulatedExport(plan))).adjacent_fracture.reason, "one_time_point");
}

}  // namespace
}  // namespace cemscope::batch
