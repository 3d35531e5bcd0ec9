#include "src/phantom/patient_plan.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "src/phantom/plan_parts.h"

namespace cemscope::phantom {
namespace {

TEST(PlanPatient, UsesEverySyntaxAndStyle) {
  std::set<TransferSyntax> syntaxes;
  std::set<FileStyle> styles;
  for (int number = 1; number <= 28; ++number) {
    const PatientPlan patient = plan_patient(1, number);
    syntaxes.insert(patient.transfer_syntax), styles.insert(patient.files);
  }
  EXPECT_EQ(syntaxes.size(), 7U);
  EXPECT_EQ(styles.size(), 4U);
}

TEST(PlanPatient, ScansAfterTheSurgeryAndSomeAlsoBefore) {
  int n_before = 0;
  for (int number = 1; number <= 40; ++number) {
    const PatientPlan patient = plan_patient(3, number);
    for (const StudyPlan& study : patient.studies) {
      if (patient.clinical.surgery_date.empty()) continue;
      n_before += study.is_before_surgery ? 1 : 0;
      EXPECT_EQ(iso_date(study.date) < patient.clinical.surgery_date, study.is_before_surgery);
    }
    EXPECT_FALSE(patient.studies.back().is_before_surgery);
  }
  EXPECT_GE(n_before, 5);
}

TEST(PlanPatient, SomeClinicalCellsAreMissing) {
  int n_missing = 0, n_present = 0;
  for (int number = 1; number <= 40; ++number) (plan_patient(4, number).clinical.bmd_t_score.empty() ? n_missing : n_present)++;
  EXPECT_GT(n_missing, 2);
  EXPECT_GT(n_present, 20);
}

TEST(PlanPatient, UntreatedPatientsHaveNoSurgery) {
  for (int number = 1; number <= 60; ++number) {
    const PatientPlan patient = plan_patient(5, number);
    if (patient.parameters.deposits.empty()) {
      EXPECT_TRUE(patient.clinical.surgery_date.empty());
      EXPECT_TRUE(patient.clinical.treated_levels.empty());
    }
  }
}

TEST(PlanSample, HoldsThePromisedPatients) {
  const std::vector<PatientPlan> sample = plan_sample();
  ASSERT_EQ(sample.size(), 8U);
  EXPECT_EQ(sample[0].parameters.deposits.size(), 1U);
  EXPECT_TRUE(sample[0].parameters.deposits[0].leaks.empty());
  EXPECT_EQ(sample[1].parameters.deposits[0].leaks[0].zone, imaging::CementZone::paravertebral);
  EXPECT_EQ(sample[2].parameters.deposits.size(), 2U);
  EXPECT_TRUE(sample[3].parameters.deposits.empty());
  for (const auto n : {4U, 5U}) {
    EXPECT_EQ(sample[n].films.size(), 2U) << "after surgery, films only";
    EXPECT_TRUE(std::ranges::none_of(sample[n].studies, [](const auto& study) { return !study.series.empty(); }));
  }
  EXPECT_EQ(sample[6].studies.front().mr.size(), 4U) << "T1, T2, T2 FS, STIR";
  EXPECT_TRUE(sample[7].studies.back().is_follow_up);
  EXPECT_EQ(sample[7].studies.back().collapsed_since.front().level, "T12");
}

TEST(PlanMrPatient, IsExaminedBeforeSurgeryWithSuppressedFat) {
  std::set<MrVendor> vendors;
  for (int number = 1; number <= 10; ++number) {
    const PatientPlan patient = plan_mr_patient(6, number);
    const StudyPlan& study = patient.studies.front();
    vendors.insert(patient.mr_vendor);
    EXPECT_LT(study.date, patient.studies.back().date);
    EXPECT_TRUE(std::ranges::any_of(study.mr, [](const auto& series) {
      return series.scan.sequence == imaging::MrSequence::stir || series.scan.sequence == imaging::MrSequence::t2_fs;
    }));
    for (const auto& deposit : patient.parameters.deposits)
      EXPECT_TRUE(std::ranges::any_of(patient.mr.oedema, [&](const auto& oedema) { return oedema.level == deposit.level; }));
  }
  EXPECT_EQ(vendors.size(), 5U);
}

TEST(PlanPreoperativePatient, ShowsTheSameFractureOnMrAndCtBeforeSurgery) {
  for (int number = 1; number <= 10; ++number) {
    const PatientPlan patient = plan_preoperative_patient(6, number);
    if (patient.parameters.deposits.empty()) continue;
    ASSERT_EQ(patient.studies.size(), 3U);
    EXPECT_FALSE(patient.studies[0].mr.empty());
    EXPECT_TRUE(patient.studies[1].is_before_surgery && patient.studies[1].pose);
    EXPECT_LT(patient.studies[1].date, patient.studies[2].date);
    const auto under = number % 2 == 1 ? imaging::PhantomEndplate::lower : imaging::PhantomEndplate::upper;
    ASSERT_EQ(patient.parameters.impactions.size(), patient.parameters.deposits.size());
    for (const auto& impaction : patient.parameters.impactions) EXPECT_EQ(impaction.under, under);
    for (const auto& oedema : patient.mr.oedema) EXPECT_EQ(oedema.under, under);
  }
}

TEST(PlanFollowedPatient, EveryOtherOneHasANewFractureNextToTheTreatedBody) {
  for (int number = 1; number <= 20; ++number) {
    const PatientPlan patient = plan_followed_patient(7, number);
    if (patient.parameters.deposits.empty()) continue;
    EXPECT_TRUE(patient.studies.back().is_follow_up);
    EXPECT_EQ(patient.studies.back().collapsed_since.empty(), number % 2 == 1);
  }
}

TEST(ShiftedDate, CrossesMonthsAndLeapDays) {
  EXPECT_EQ(shifted_date("20200228", 1), "20200229");
  EXPECT_EQ(shifted_date("20210301", -1), "20210228");
  EXPECT_EQ(shifted_date("20191231", 2), "20200102");
}

}  // namespace
}  // namespace cemscope::phantom
