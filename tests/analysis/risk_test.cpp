#include "analysis/risk.h"

#include <cmath>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::analysis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RiskModel two_input_model() {
  RiskModel model;
  model.name = "toy";
  model.intercept = -1.0;
  model.intercept_se_centred = 0.3;
  model.sample_event_fraction = 0.5;
  model.prevalence = 0.5;
  RiskModelInput t{.name = "t", .unit = "SD", .direction = -1.0, .coefficient = 2.0, .standard_error = 0.5, .centre = 3.0};
  t.range_low = -4.0;
  t.range_high = -2.0;
  RiskModelInput fracture{.name = "fracture", .unit = "1", .coding = InputCoding::binary, .timing = InputTiming::followup};
  fracture.coefficient = 1.5;
  fracture.standard_error = 0.4;
  fracture.centre = 0.25;
  model.inputs = {t, fracture};
  return model;
}

TEST(PriorShift, IsZeroWhenSampleAndPopulationAgree) { EXPECT_DOUBLE_EQ(prior_shift(0.2, 0.2), 0.0); }

TEST(PriorShift, OfAOneToOneSampleIsTheLogOddsAgainst) { EXPECT_NEAR(prior_shift(0.5, 61.0 / 850.0), std::log(789.0 / 61.0), 1e-14); }

TEST(EstimateRisk, DecreaseOfAReversedInputRaisesTheRisk) {
  const auto model = two_input_model();
  EXPECT_GT(estimate_risk(model, {{"t", -3.5}, {"fracture", 0.0}}).risk, estimate_risk(model, {{"t", -2.5}, {"fracture", 0.0}}).risk);
}

TEST(EstimateRisk, AtTheCentreTheStandardErrorIsThatOfTheIntercept) {
  auto model = two_input_model();
  model.inputs[1].centre = 0.0;
  const auto e = estimate_risk(model, {{"t", -3.0}, {"fracture", 0.0}});
  EXPECT_DOUBLE_EQ(e.se_lp, 0.3);
  EXPECT_DOUBLE_EQ(e.se_lp_bound, 0.3);
  EXPECT_DOUBLE_EQ(e.lp, -1.0 + 2.0 * 3.0);
}

TEST(EstimateRisk, DiagonalCovarianceGivesTheIndependentInterval) {
  auto model = two_input_model();
  const RiskInputs inputs{{"t", -3.4}, {"fracture", 1.0}};
  const auto independent = estimate_risk(model, inputs);
  model.covariance_centred = Eigen::Vector3d(0.09, 0.25, 0.16).asDiagonal().toDenseMatrix();
  EXPECT_NEAR(estimate_risk(model, inputs).se_lp, independent.se_lp, 1e-15);
  EXPECT_LE(independent.se_lp, independent.se_lp_bound);
}

TEST(EstimateRisk, FollowUpInputBeforeFollowUpIsNotYetAndShowsBothRisks) {
  const auto model = two_input_model();
  const auto e = estimate_risk(model, {{"t", -3.0}}, {.stage = Stage::postop});
  const auto with = estimate_risk(model, {{"t", -3.0}, {"fracture", 1.0}});
  EXPECT_THAT(e.missing, IsEmpty());
  EXPECT_EQ(e.risk, estimate_risk(model, {{"t", -3.0}, {"fracture", 0.0}}).risk);
  EXPECT_EQ(e.risk_if_adjacent_fracture, with.risk);
  EXPECT_EQ(e.warnings.size(), 1u);
}

TEST(EstimateRisk, UnknownAtFollowUpWidensOverBothValues) {
  const auto model = two_input_model();
  const auto e = estimate_risk(model, {{"t", -3.0}}, {.stage = Stage::followup});
  const auto no = estimate_risk(model, {{"t", -3.0}, {"fracture", 0.0}}), yes = estimate_risk(model, {{"t", -3.0}, {"fracture", 1.0}});
  EXPECT_THAT(e.missing, ElementsAre("fracture"));
  EXPECT_DOUBLE_EQ(e.low, no.low);
  EXPECT_DOUBLE_EQ(e.high, yes.high);
  EXPECT_GT(e.risk, no.risk);
  EXPECT_LT(e.risk, yes.risk);
  EXPECT_EQ(e.contributions[1].contribution, 0.0);
  EXPECT_FALSE(e.contributions[1].value.has_value());
}

TEST(EstimateRisk, UnknownContinuousInputCoversItsRange) {
  const auto model = two_input_model();
  const auto e = estimate_risk(model, {{"t", std::nullopt}, {"fracture", 0.0}});
  EXPECT_DOUBLE_EQ(e.low, estimate_risk(model, {{"t", -2.0}, {"fracture", 0.0}}).low);
  EXPECT_DOUBLE_EQ(e.high, estimate_risk(model, {{"t", -4.0}, {"fracture", 0.0}}).high);
}

TEST(EstimateRisk, TakeCentreInputDoesNotWidenButIsListed) {
  auto model = two_input_model();
  model.inputs[0].if_unknown = IfUnknown::take_centre;
  const auto e = estimate_risk(model, {{"fracture", 0.0}});
  EXPECT_THAT(e.missing, ElementsAre("t"));
  EXPECT_DOUBLE_EQ(e.high, estimate_risk(model, {{"t", -3.0}, {"fracture", 0.0}}).high);
  EXPECT_EQ(e.contributions[0].used_value, -3.0);
}

TEST(EstimateRisk, OutsideTheRangeIsScoredWithAWarning) {
  const auto model = two_input_model();
  const auto e = estimate_risk(model, {{"t", 3.1}, {"fracture", 0.0}});
  EXPECT_FALSE(e.in_range);
  ASSERT_EQ(e.warnings.size(), 1u);
  EXPECT_THAT(e.warnings[0], testing::HasSubstr("minus sign"));
}

TEST(EstimateRisk, RefusesWhatItCannotScore) {
  const auto model = two_input_model();
  EXPECT_THROW(estimate_risk(model, {{"t", -3.0}, {"fracture", 2.0}}), std::invalid_argument);
  EXPECT_THROW(estimate_risk(model, {{"t", std::nan("")}, {"fracture", 0.0}}), std::invalid_argument);
  EXPECT_THROW(estimate_risk(model, {{"unheard_of", 1.0}}), std::invalid_argument);
  EXPECT_THROW(estimate_risk(model, {{"t", -3.0}}, {.prevalence = 1.0}), std::invalid_argument);
}

TEST(EstimateRisk, HigherPrevalenceRaisesTheRiskAndKeepsTheOddsRatio) {
  const auto model = two_input_model();
  const auto odds = [&](double fracture, double prevalence) {
    const double p = estimate_risk(model, {{"t", -3.0}, {"fracture", fracture}}, {.prevalence = prevalence}).risk;
    return p / (1.0 - p);
  };
  EXPECT_GT(odds(0.0, 0.3), odds(0.0, 0.1));
  EXPECT_NEAR(odds(1.0, 0.3) / odds(0.0, 0.3), std::exp(1.5), 1e-10);
  EXPECT_NEAR(odds(1.0, 0.1) / odds(0.0, 0.1), std::exp(1.5), 1e-10);
}

}  // namespace
}  // namespace cemscope::analysis
