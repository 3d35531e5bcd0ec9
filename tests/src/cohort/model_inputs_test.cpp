#include "src/cohort/model_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::cohort {
namespace {

using imaging::Answer;
using imaging::Distribution;
using imaging::Finding;
using imaging::LeakageType;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

Finding yes(double confidence = 0.9) { return {Answer::yes, confidence, ""}; }
Finding no(double confidence = 0.8) { return {Answer::no, confidence, ""}; }
Finding unknown(const char* reason) { return {Answer::not_assessable, 0.0, reason}; }

VertebraRow vertebra(const Finding& leak, const Finding& radiographic, LeakageType type, Distribution distribution, double cement_ml) {
  VertebraRow row;
  row.modality = "CT";
  auto& m = row.measurement;
  m.level = "L1";
  m.leakage = leak;
  m.leakage_radiographic = radiographic;
  m.leakage_type = type;
  m.midline_crossed = yes();
  m.distribution = distribution;
  m.distribution_confidence = 0.7;
  m.distribution_reason = distribution == Distribution::not_assessable ? "metal_hides_band" : "";
  m.cement_ml = cement_ml;
  m.confidence = 0.95;
  return row;
}

CaseResult patient(std::vector<VertebraRow> vertebrae, const std::optional<ClinicalRow>& clinical = std::nullopt) {
  CaseResult result;
  result.vertebrae = std::move(vertebrae);
  fill_patient_findings(result, clinical);
  return result;
}

TEST(AnyYes, FollowsTheThreeValuedOr) {
  EXPECT_EQ(any_yes({no(), yes(0.6), unknown("x")}, true).answer, Answer::yes);
  EXPECT_EQ(any_yes({yes(0.6), yes(0.9)}, true).confidence, 0.9);
  EXPECT_EQ(any_yes({no(0.8), no(0.5)}, true).answer, Answer::no);
  EXPECT_EQ(any_yes({no(0.8), no(0.5)}, true).confidence, 0.5);
  EXPECT_EQ(any_yes({no(), unknown("metal")}, true).answer, Answer::not_assessable);
  EXPECT_EQ(any_yes({no(), unknown("metal")}, true).reason, "metal");
  EXPECT_EQ(any_yes({}, true).answer, Answer::not_assessable);
}

TEST(AnyYes, NoNeedsEveryTreatedVertebra) {
  EXPECT_EQ(any_yes({no()}, false).answer, Answer::not_assessable);
  EXPECT_EQ(any_yes({no()}, false).reason, "treated_level_not_found");
  EXPECT_EQ(any_yes({yes()}, false).answer, Answer::yes);
}

TEST(AllYes, FollowsTheThreeValuedAnd) {
  EXPECT_EQ(all_yes({yes(), no()}, false).answer, Answer::no);
  EXPECT_EQ(all_yes({yes(), yes()}, true).answer, Answer::yes);
  EXPECT_EQ(all_yes({yes(), unknown("x")}, true).answer, Answer::not_assessable);
}

VertebraRow at_level(const char* level, VertebraRow row) {
  row.measurement.level = level;
  return row;
}

ClinicalRow told(std::vector<std::string> levels) {
  ClinicalRow row;
  row.treated_levels = std::move(levels);
  return row;
}

TEST(ModelInputs, CementAtLevelsThatTheTableDoesNotNameIsOfAnEarlierOperation) {
  const auto now = at_level("L1", vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 4.0));
  const auto then = at_level("L3", vertebra(yes(), yes(), LeakageType::other, Distribution::unsatisfactory, 6.0));
  const auto result = patient({now, then}, told({"L1"}));
  EXPECT_THAT(result.vertebrae[0].measurement.warnings, IsEmpty());
  EXPECT_THAT(result.vertebrae[1].measurement.warnings, ElementsAre("cement_of_earlier_operation"));
  EXPECT_EQ(result.leakage.answer, Answer::no);
  EXPECT_EQ(result.distribution, Distribution::satisfactory);
  EXPECT_EQ(result.cement_ml, 4.0);
}

TEST(ModelInputs, WhereANamedLevelWasNotSeenNothingIsCalledEarlier) {
  const auto unnamed = at_level("", vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 4.0));
  const auto leaking = at_level("L3", vertebra(yes(), yes(), LeakageType::other, Distribution::unsatisfactory, 6.0));
  EXPECT_EQ(patient({unnamed, leaking}, told({"L1"})).leakage.answer, Answer::yes);
  EXPECT_EQ(patient({unnamed, leaking}, told({})).leakage.answer, Answer::yes);
}

TEST(ModelInputs, AnyLeakWorstDistributionAndMeanCement) {
  const auto result = patient({vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 4.0),
                               vertebra(yes(), yes(), LeakageType::other, Distribution::unsatisfactory, 6.0)});
  EXPECT_EQ(result.leakage.answer, Answer::yes);
  EXPECT_EQ(result.leakage_type, LeakageType::other);
  EXPECT_EQ(result.distribution, Distribution::unsatisfactory);
  EXPECT_DOUBLE_EQ(*result.cement_ml, 5.0);
  EXPECT_DOUBLE_EQ(*result.inputs.at("leakage").value, 1.0);
  EXPECT_DOUBLE_EQ(*result.inputs.at("distribution_unsatisfactory").value, 1.0);
  EXPECT_EQ(result.inputs.at("cement_ml").source, "CT");
}

TEST(ModelInputs, TheLeakThatARadiographShowsFeedsTheModel) {
  const auto result = patient({vertebra(yes(), no(), LeakageType::paravertebral, Distribution::satisfactory, 4.0)});
  EXPECT_EQ(result.leakage.answer, Answer::yes);
  EXPECT_DOUBLE_EQ(*result.inputs.at("leakage").value, 0.0);
}

TEST(ModelInputs, LeakageTypesOfSeveralVertebraeAddUp) {
  const auto type = [](LeakageType a, LeakageType b) {
    return patient({vertebra(yes(), yes(), a, Distribution::satisfactory, 1), vertebra(yes(), yes(), b, Distribution::satisfactory, 1)})
        .leakage_type;
  };
  EXPECT_EQ(type(LeakageType::paravertebral, LeakageType::other), LeakageType::both);
  EXPECT_EQ(type(LeakageType::paravertebral, LeakageType::paravertebral), LeakageType::paravertebral);
  EXPECT_EQ(type(LeakageType::both, LeakageType::other), LeakageType::both);
  EXPECT_EQ(type(LeakageType::paravertebral, LeakageType::not_assessable), LeakageType::not_assessable);
}

TEST(ModelInputs, WhatCannotBeAssessedIsMissingWithTheReasonAndNeverZero) {
  const auto result =
      patient({vertebra(unknown("metal"), unknown("metal"), LeakageType::not_assessable, Distribution::not_assessable, 4.0)});
  EXPECT_FALSE(result.inputs.at("leakage").value.has_value());
  EXPECT_FALSE(result.inputs.at("distribution_unsatisfactory").value.has_value());
  EXPECT_EQ(result.inputs.at("leakage").source, "none");
  EXPECT_THAT(result.missing,
              ElementsAre("leakage", "adjacent_fracture", "soft_tissue_injury", "distribution_unsatisfactory", "bmd_t_score"));
  EXPECT_THAT(result.warnings, Contains("leakage:metal"));
  EXPECT_THAT(result.warnings, Contains("distribution:metal_hides_band"));
}

TEST(ModelInputs, AnUnassessableVertebraDoesNotHideTheWorstOfTheOthers) {
  const auto result = patient({vertebra(no(), no(), LeakageType::none, Distribution::not_assessable, 4.0),
                               vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 4.0)});
  EXPECT_EQ(result.distribution, Distribution::satisfactory);
}

TEST(ModelInputs, ATreatedLevelThatWasNotFoundForbidsNo) {
  ClinicalRow clinical;
  clinical.treated_levels = {"L1", "L2"};
  const auto result = patient({vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 4.0)}, clinical);
  EXPECT_EQ(result.leakage.answer, Answer::not_assessable);
  EXPECT_EQ(result.leakage_type, LeakageType::not_assessable);
  EXPECT_FALSE(result.inputs.at("leakage").value.has_value());
  EXPECT_THAT(result.warnings, Contains("treated_level_not_found"));
  EXPECT_THAT(result.treated_levels, ElementsAre("L1", "L2"));
}

TEST(ModelInputs, AClinicalValueWinsOverTheImage) {
  ClinicalRow clinical;
  clinical.numbers = {{"cement_ml", 3.5}, {"bmd_t_score", -3.1}};
  clinical.yes_no = {{"soft_tissue_injury", true}, {"adjacent_fracture", false}};
  const auto result = patient({vertebra(no(), no(), LeakageType::none, Distribution::satisfactory, 5.0)}, clinical);
  EXPECT_DOUBLE_EQ(*result.cement_ml, 3.5);
  EXPECT_EQ(result.inputs.at("cement_ml").source, "clinical");
  EXPECT_DOUBLE_EQ(result.inputs.at("cement_ml").confidence, 1.0);
  EXPECT_DOUBLE_EQ(*result.inputs.at("soft_tissue_injury").value, 1.0);
  EXPECT_DOUBLE_EQ(*result.inputs.at("adjacent_fracture").value, 0.0);
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::no);
  EXPECT_THAT(result.missing, IsEmpty());
}

TEST(ModelInputs, WithoutACtEverythingOfItIsNotAssessableForThatReason) {
  CaseResult result;
  result.warnings = {"no_postoperative_ct"};
  fill_patient_findings(result, std::nullopt);
  EXPECT_EQ(result.leakage.reason, "no_postoperative_ct");
  EXPECT_THAT(result.warnings, Contains("distribution:no_postoperative_ct"));
  EXPECT_THAT(result.missing, testing::SizeIs(6));
}

}  // namespace
}  // namespace cemscope::cohort
