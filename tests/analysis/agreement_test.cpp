#include <gtest/gtest.h>

#include "analysis/agreement.h"

namespace cemscope::analysis {
namespace {

// Six targets, four judges: Shrout & Fleiss, Psychological Bulletin 1979;86:420, table 2.
Eigen::MatrixXd shrout_fleiss() {
  Eigen::MatrixXd ratings(6, 4);
  ratings << 9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7;
  return ratings;
}

// Peak flow by two meters, l/min: Bland & Altman, Lancet 1986;327:307, table 1.
const std::vector<double> kWright = {494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427};
const std::vector<double> kMini = {512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451};

Eigen::MatrixXd meters() {
  Eigen::MatrixXd ratings(17, 2);
  for (int i = 0; i < 17; ++i) ratings.row(i) << kWright[i], kMini[i];
  return ratings;
}

TEST(Icc, ShroutAndFleissPrintedValues) {
  EXPECT_NEAR(icc_agreement(shrout_fleiss())->icc, 0.29, 0.005);
  EXPECT_NEAR(icc_consistency(shrout_fleiss())->icc, 0.71, 0.005);
}

TEST(Icc, EstimatesAndLimitsOfPsych) {  // R 4.2.2, psych 2.2.9, ICC(lmer = FALSE)
  const auto agreement = icc_agreement(shrout_fleiss()), consistency = icc_consistency(shrout_fleiss());
  EXPECT_NEAR(agreement->icc, 0.289763779527559, 1e-12);
  EXPECT_NEAR(agreement->ci.low, 0.0187865133747120, 1e-10);
  EXPECT_NEAR(agreement->ci.high, 0.761084369648953, 1e-10);
  EXPECT_NEAR(consistency->icc, 0.714840714840715, 1e-12);
  EXPECT_NEAR(consistency->ci.low, 0.3424647650339254, 1e-10);
  EXPECT_NEAR(consistency->ci.high, 0.945858259955360, 1e-10);
  EXPECT_NEAR(icc_agreement(meters())->ci.low, 0.857411171234992, 1e-10);
  EXPECT_NEAR(icc_agreement(meters())->ci.high, 0.980078659146259, 1e-10);
}

TEST(Icc, AConstantDifferenceLowersAgreementOnly) {
  Eigen::MatrixXd shifted = meters();
  shifted.col(1).array() += 100;
  EXPECT_NEAR(icc_consistency(shifted)->icc, icc_consistency(meters())->icc, 1e-12);
  EXPECT_LT(icc_agreement(shifted)->icc, icc_agreement(meters())->icc - 0.1);
}

TEST(Icc, EqualRatersAgreeFullyAndConstantsHaveNone) {
  Eigen::MatrixXd equal(3, 2);
  equal << 1, 1, 2, 2, 5.1, 5.1;
  EXPECT_NEAR(icc_agreement(equal)->icc, 1.0, 1e-12);
  EXPECT_NEAR(icc_agreement(equal)->ci.low, 1.0, 1e-9);
  EXPECT_FALSE(icc_agreement(Eigen::MatrixXd::Constant(4, 2, 5.1)).has_value());
  EXPECT_FALSE(icc_agreement(Eigen::MatrixXd::Ones(1, 2)).has_value());
}

TEST(Kappa, ByHand) {  // observed (20 + 15) / 50, expected 0.5 * 0.6 + 0.5 * 0.4
  Eigen::MatrixXd counts(2, 2);
  counts << 20, 5, 10, 15;
  const auto kappa = cohen_kappa(counts);
  EXPECT_NEAR(kappa->kappa, 0.4, 1e-12);
  EXPECT_NEAR(kappa->se * kappa->se, 0.016128, 1e-12);  // psych 2.2.9
  EXPECT_NEAR(kappa->ci->low, 0.151092290476661, 1e-10);
}

TEST(Kappa, ThreeCategories) {  // R 4.2.2, psych 2.2.9, cohen.kappa; its weighted variance is not used, it departs from the delta method
  Eigen::MatrixXd counts(3, 3);
  counts << 53, 5, 2, 11, 14, 5, 1, 6, 3;
  EXPECT_NEAR(cohen_kappa(counts)->kappa, 0.428571428571429, 1e-12);
  EXPECT_NEAR(cohen_kappa(counts)->ci->low, 0.279694854455742, 1e-9);
  const auto quadratic = cohen_kappa(counts, KappaWeights::quadratic);
  EXPECT_NEAR(quadratic->kappa, 0.566666666666667, 1e-12);
  const auto linear = cohen_kappa(counts, KappaWeights::linear);
  EXPECT_NEAR(linear->kappa, 0.492307692307692, 1e-12);
  // Multinomial delta method, gradient by central differences in numpy.
  EXPECT_NEAR(quadratic->se * quadratic->se, 0.006197482853, 1e-11);
  EXPECT_NEAR(linear->se * linear->se, 0.005144754316, 1e-11);
}

TEST(Kappa, OfTwoCategoriesDoesNotDependOnWeights) {
  Eigen::MatrixXd counts(2, 2);
  counts << 7, 3, 2, 11;
  EXPECT_DOUBLE_EQ(cohen_kappa(counts, KappaWeights::linear)->kappa, cohen_kappa(counts)->kappa);
}

TEST(Kappa, FullAgreementHasNoLimitsAndOneCategoryNoKappa) {
  const auto full = cohen_kappa(Eigen::MatrixXd(Eigen::Vector2d(3, 4).asDiagonal()));
  EXPECT_DOUBLE_EQ(full->kappa, 1.0);
  EXPECT_FALSE(full->ci.has_value());
  EXPECT_FALSE(cohen_kappa(Eigen::MatrixXd(Eigen::Vector2d(3, 0).asDiagonal())).has_value());
  EXPECT_FALSE(cohen_kappa(Eigen::MatrixXd::Zero(2, 2)).has_value());
  EXPECT_THROW(cohen_kappa(Eigen::MatrixXd::Zero(2, 3)), std::invalid_argument);
}

TEST(BlandAltman, PeakFlowMeters) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < kWright.size(); ++i) differences.push_back(kWright[i] - kMini[i]);
  const auto b = bland_altman(differences);
  EXPECT_NEAR(b->bias, -2.1, 0.05);  // printed
  EXPECT_NEAR(b->sd, 38.8, 0.05);
  EXPECT_NEAR(b->bias_ci.low, -22.0, 0.05);
  EXPECT_NEAR(b->bias_ci.high, 17.8, 0.05);
  EXPECT_NEAR(b->lower, -78.0959054671117, 1e-9);  // R 4.2.2, by the formulas of the header
  EXPECT_NEAR(b->lower_ci.low, -112.851553139311, 1e-8);
  EXPECT_NEAR(b->upper_ci.high, 108.616259021664, 1e-8);
  EXPECT_FALSE(bland_altman({1.0}).has_value());
}

TEST(Median, LimitsAreOrderStatistics) {  // ranks qbinom(0.025, n, 0.5) of R
  EXPECT_FALSE(median_of({5, 1, 3}).ci.has_value());
  EXPECT_DOUBLE_EQ(median_of({5, 1, 3, 2}).value, 2.5);
  const auto six = median_of({6, 1, 3, 2, 5, 4});
  EXPECT_EQ(six.ci->low, 1);
  EXPECT_EQ(six.ci->high, 6);
  std::vector<double> twenty;
  for (int i = 1; i <= 20; ++i) twenty.push_back(i);
  EXPECT_EQ(median_of(twenty).ci->low, 6);
  EXPECT_EQ(median_of(twenty).ci->high, 15);
}

TEST(Share, NothingCountedHasNoValue) {
  EXPECT_FALSE(share_of(0, 0).value.has_value());
  EXPECT_NEAR(share_of(9, 10).ci->low, 0.5958, 5e-5);  // Wilson, Newcombe 1998
}

}  // namespace
}  // namespace cemscope::analysis
