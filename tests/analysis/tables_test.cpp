#include <cmath>

#include <gtest/gtest.h>

#include "analysis/contingency.h"
#include "analysis/distributions.h"
#include "analysis/summary_checks.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {
namespace {

TEST(TwoByTwo, PearsonByHand) {
  const auto a = analyse_two_by_two({30, 10, 20, 40});  // 100 (30*40 - 10*20)^2 / (40*60*50*50)
  EXPECT_NEAR(a.pearson.statistic, 100.0 * 1000 * 1000 / (40.0 * 60 * 50 * 50), 1e-12);
  EXPECT_DOUBLE_EQ(*a.odds_ratio, 6.0);
}

TEST(TwoByTwo, PearsonIsThePhiSquaredTimesN) {
  const auto a = analyse_two_by_two({7, 3, 5, 11});
  EXPECT_NEAR(a.phi * a.phi * 26, a.pearson.statistic, 1e-12);
}

TEST(TwoByTwo, SwappingTheExposureInvertsTheOddsRatio) {
  const auto a = analyse_two_by_two({12, 5, 9, 20}), b = analyse_two_by_two({9, 20, 12, 5});
  EXPECT_NEAR(*a.odds_ratio * *b.odds_ratio, 1.0, 1e-12);
  EXPECT_NEAR(*a.fisher_exact_low * *b.fisher_exact_high, 1.0, 1e-9);
  EXPECT_NEAR(a.fisher_two_sided_p, b.fisher_two_sided_p, 1e-12);
}

TEST(TwoByTwo, LadyTastingTea) {  // Fisher 1935: P = 34/70 two-sided
  const auto a = analyse_two_by_two({3, 1, 1, 3});
  EXPECT_NEAR(a.fisher_two_sided_p, 34.0 / 70.0, 1e-12);
}

TEST(TwoByTwo, ZeroCellHasNoWaldIntervalButAHaldaneOne) {
  const auto a = analyse_two_by_two({0, 9, 15, 20});
  EXPECT_EQ(*a.odds_ratio, 0.0);
  EXPECT_FALSE(a.or_ci_wald.has_value());
  EXPECT_TRUE(std::isfinite(a.haldane_or));
  EXPECT_EQ(*a.fisher_ci_low, 0.0);
}

TEST(TwoByTwo, EmptyMarginIsRefused) { EXPECT_THROW(analyse_two_by_two({0, 0, 4, 5}), std::invalid_argument); }

TEST(TwoGroups, PooledTOfTwoGroupsIsTheRootOfTheAnalysisOfVariance) {
  const std::vector<double> a = {1, 2, 3, 4}, b = {3, 5, 7};
  const auto t = t_test_pooled(summarise(a), summarise(b));
  // between: 4 (2.5-25/7)^2 + 3 (5-25/7)^2, within: 5 + 8
  const double grand = 25.0 / 7, f = (4 * std::pow(2.5 - grand, 2) + 3 * std::pow(5 - grand, 2)) / (13.0 / 5);
  EXPECT_NEAR(t->t * t->t, f, 1e-12);
}

TEST(TwoGroups, SwappingGroupsChangesTheSignOnly) {
  const std::vector<double> a = {2.1, 3.4, 5.0, 1.7, 2.2}, b = {4.4, 5.1, 6.3, 4.9};
  const auto ab = compare_groups(a, b), ba = compare_groups(b, a);
  EXPECT_DOUBLE_EQ(ab.t_welch->t, -ba.t_welch->t);
  EXPECT_DOUBLE_EQ(ab.mann_whitney->u1 + ba.mann_whitney->u1, 20.0);
  EXPECT_DOUBLE_EQ(ab.levene_median->f, ba.levene_median->f);
}

TEST(TwoGroups, WithoutSpreadThereIsNoTest) {
  const auto c = compare_groups({2, 2, 2}, {2, 2, 2});
  EXPECT_FALSE(c.t_pooled.has_value());
  EXPECT_FALSE(c.mann_whitney.has_value());
  EXPECT_FALSE(c.shapiro_p1.has_value());
}

TEST(ShapiroWilk, ThreePointsHaveAClosedForm) {  // n = 3: W = 3/4 at the least, P = 0 there
  EXPECT_NEAR(*shapiro_wilk_p({0, 0, 1}), 0.0, 1e-7);
  EXPECT_NEAR(*shapiro_wilk_p({-1, 0, 1}), 1.0, 1e-7);
}

TEST(Proportions, ExactIntervalHoldsTheWilsonOneOfNothing) {
  EXPECT_EQ(exact_interval(0, 20).low, 0.0);
  EXPECT_NEAR(exact_interval(0, 20).high, 1 - std::pow(0.025, 1.0 / 20), 1e-12);  // (1 - p)^20 = 0.025
}

TEST(Printed, RoundingAndTruncation) {
  const auto n = parse_printed("7.17");
  EXPECT_FALSE(n.is_rounding_of(7.1765));
  EXPECT_TRUE(n.is_truncation_of(7.1765));
  EXPECT_EQ(parse_printed("0.040").decimals, 3);
  EXPECT_THROW(parse_printed("<0.05"), std::invalid_argument);
}

TEST(Printed, GrimKnowsPossibleMeans) {
  EXPECT_FALSE(grim_consistent(parse_printed("69.04"), 61));
  EXPECT_TRUE(grim_consistent(parse_printed("69.05"), 61));
}

TEST(Printed, CoefficientBoxHoldsTheNumbersItWasPrintedFrom) {
  const double b = 0.7341, se = 0.2518, z = normal_quantile(0.975);
  const auto print = [](double v) { return PrintedNumber{std::round(v * 1000) / 1000, 3}; };
  const PrintedCoefficient row{print(b),
                               print(se),
                               print(b * b / se / se),
                               print(std::exp(b)),
                               print(2 * normal_cdf(-b / se)),
                               print(std::exp(b - z * se)),
                               print(std::exp(b + z * se))};
  const auto box = consistent_coefficients(row);
  ASSERT_TRUE(box.has_value());
  EXPECT_LE(box->b_range.low, b);
  EXPECT_GE(box->b_range.high, b);
  auto wrong = row;
  wrong.odds_ratio = PrintedNumber{2.2, 3};
  EXPECT_FALSE(consistent_coefficients(wrong).has_value());
}

TEST(Distributions, HypergeometricAndBinomialTailsByHand) {
  EXPECT_NEAR(hypergeometric_upper(2, 2, 3, 5), 3.0 / 10, 1e-12);
  EXPECT_NEAR(binomial_upper(2, 3, 0.5), 0.5, 1e-12);
}

}  // namespace
}  // namespace cemscope::analysis
