#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "analysis/bootstrap.h"
#include "analysis/calibration.h"
#include "analysis/firth.h"
#include "analysis/imputation.h"
#include "analysis/logistic.h"
#include "analysis/reclassification.h"
#include "analysis/risk.h"
#include "analysis/roc.h"
#include "analysis/selection.h"
#include "analysis/splines.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {
namespace {

struct Sample {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

// Two normal predictors and a binary one; logit = -0.5 + 1.2 x1 - 0.7 x2 + 0.9 x3.
Sample simulate(Eigen::Index n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Sample s{Eigen::MatrixXd(n, 3), Eigen::VectorXd(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    s.x.row(i) << normal(random), normal(random), uniform(random) < 0.4 ? 1 : 0;
    s.y(i) = uniform(random) < inverse_logit(-0.5 + 1.2 * s.x(i, 0) - 0.7 * s.x(i, 1) + 0.9 * s.x(i, 2)) ? 1 : 0;
  }
  return s;
}

TEST(Logistic, OneBinaryPredictorGivesTheLogOddsRatio) {
  Eigen::MatrixXd x(4, 1);
  x << 1, 1, 0, 0;
  Eigen::VectorXd y(4), w(4);
  y << 1, 0, 1, 0;
  w << 30, 10, 20, 40;
  const auto fit = fit_logistic({x, y, &w});
  EXPECT_NEAR(fit.coefficients(1), std::log(6.0), 1e-12);
  EXPECT_NEAR(fit.standard_errors(1), std::sqrt(1.0 / 30 + 1.0 / 10 + 1.0 / 20 + 1.0 / 40), 1e-12);
}

TEST(Logistic, SignOfAPredictorFlipsItsCoefficientOnly) {
  auto s = simulate(300, 1);
  const auto fit = fit_logistic({s.x, s.y});
  s.x.col(1) *= -1;
  const auto flipped = fit_logistic({s.x, s.y});
  EXPECT_NEAR(flipped.coefficients(2), -fit.coefficients(2), 1e-10);
  EXPECT_NEAR(flipped.coefficients(1), fit.coefficients(1), 1e-10);
  EXPECT_NEAR(flipped.loglik, fit.loglik, 1e-9);
}

TEST(Logistic, HugeScalesAndOffsetsChangeUnitsOnly) {
  auto s = simulate(300, 2);
  const auto fit = fit_logistic({s.x, s.y});
  s.x.col(0) = s.x.col(0).array() * 1e9 + 5e9;
  const auto scaled = fit_logistic({s.x, s.y});
  EXPECT_NEAR(scaled.coefficients(1) * 1e9, fit.coefficients(1), 1e-8);
  EXPECT_NEAR(scaled.loglik, fit.loglik, 1e-8);
}

TEST(Logistic, MeanPredictionIsTheShareOfEvents) {
  const auto s = simulate(250, 3);
  const auto fit = fit_logistic({s.x, s.y});
  const Eigen::VectorXd lp = linear_predictors({s.x, s.y}, fit.coefficients);
  EXPECT_NEAR(lp.unaryExpr([](double v) { return inverse_logit(v); }).mean(), s.y.mean(), 1e-12);
}

TEST(Logistic, FrequencyWeightsEqualRepeatedRows) {
  const auto s = simulate(80, 4);
  Eigen::MatrixXd twice(160, 3);
  twice << s.x, s.x;
  Eigen::VectorXd y(160), w = Eigen::VectorXd::Constant(80, 2.0);
  y << s.y, s.y;
  const auto repeated = fit_logistic({twice, y}), weighted = fit_logistic({s.x, s.y, &w});
  EXPECT_LT((repeated.coefficients - weighted.coefficients).norm(), 1e-10);
  EXPECT_LT((repeated.standard_errors - weighted.standard_errors).norm(), 1e-10);
}

TEST(Logistic, ProfileLimitsLieWhereTheLikelihoodRatioIsSignificant) {
  const auto s = simulate(150, 5);
  const LogisticData data{s.x, s.y};
  const auto fit = fit_logistic(data);
  const auto limits = profile_interval(data, fit, 1);
  // with the coefficient held at its limit by an offset the likelihood falls by half of 3.8415
  const Eigen::MatrixXd rest = s.x.rightCols(2);
  const Eigen::VectorXd offset = s.x.col(0) * *limits.high;
  const auto held = fit_logistic({rest, s.y, nullptr, &offset});
  EXPECT_NEAR(2 * (fit.loglik - held.loglik), 3.841458820694124, 1e-6);
}

TEST(Logistic, InterceptProfileWorksFarFromTheOrigin) {
  auto s = simulate(150, 5);
  s.x.col(0).array() += 1e6;
  const LogisticData data{s.x, s.y};
  const auto fit = fit_logistic(data);
  const auto limits = profile_interval(data, fit, 0);
  ASSERT_TRUE(limits.low && limits.high);
  EXPECT_LT(*limits.low, fit.coefficients(0));
  EXPECT_GT(*limits.high, fit.coefficients(0));
}

TEST(Separation, IsProvedAndNamed) {
  Eigen::MatrixXd x(8, 2);
  x << -4, 1, -3, 0, -2, 1, -1, 0, 1, 1, 2, 0, 3, 1, 4, 0;
  Eigen::VectorXd y(8);
  y << 0, 0, 0, 0, 1, 1, 1, 1;
  EXPECT_EQ(fit_logistic({x, y}).status, FitStatus::complete_separation);
  x(3, 0) = x(4, 0) = 0;  // a tie on the border
  const auto quasi = fit_logistic({x, y});
  EXPECT_NE(quasi.status, FitStatus::converged);
  ASSERT_FALSE(quasi.infinite_terms.empty());
}

TEST(Separation, LargeFiniteEstimatesAreNotSeparation) {
  Eigen::MatrixXd x(400, 1);
  Eigen::VectorXd y(400);
  for (int i = 0; i < 400; ++i) {
    x(i, 0) = i < 200 ? -1 : 1;
    y(i) = i < 200 ? 0 : 1;
  }
  y(0) = 1;
  y(399) = 0;
  const auto fit = fit_logistic({x, y});
  EXPECT_EQ(fit.status, FitStatus::converged);
  EXPECT_NEAR(fit.coefficients(1), std::log(199.0), 1e-9);
}

TEST(Logistic, RefusesOneClassAndTooManyColumns) {
  const auto s = simulate(30, 6);
  const Eigen::VectorXd ones = Eigen::VectorXd::Ones(30);
  EXPECT_EQ(fit_logistic({s.x, ones}).status, FitStatus::single_class);
  const Eigen::MatrixXd few = s.x.topRows(4);
  const Eigen::VectorXd y = Eigen::Vector4d(0, 1, 0, 1);
  EXPECT_EQ(fit_logistic({few, y}).status, FitStatus::more_parameters_than_observations);
}

TEST(AliasedColumns, AreNamedInFileOrder) {
  auto s = simulate(60, 7);
  Eigen::MatrixXd x(60, 5);
  x << s.x, Eigen::VectorXd::Constant(60, 3.0), s.x.col(0) - 2 * s.x.col(1);
  const auto aliased = find_aliased_columns(x);
  EXPECT_EQ(aliased.constant, std::vector<Eigen::Index>{3});
  EXPECT_EQ(aliased.dependent, std::vector<Eigen::Index>{4});
}

TEST(Firth, SaturatedTwoByTwoAddsHalfToEveryCell) {  // Firth 1993: Jeffreys' prior
  Eigen::MatrixXd x(4, 1);
  x << 1, 1, 0, 0;
  Eigen::VectorXd y(4), w(4);
  y << 1, 0, 1, 0;
  w << 12, 5, 9, 20;
  const auto fit = fit_firth({x, y, &w});
  EXPECT_NEAR(fit.coefficients(1), std::log(12.5 * 20.5 / (5.5 * 9.5)), 1e-9);
}

TEST(Firth, FlicMakesTheMeanPredictionRight) {
  const auto s = simulate(90, 8);
  const auto fit = fit_firth({s.x, s.y});
  Eigen::VectorXd coefficients = fit.coefficients;
  coefficients(0) = fit.flic_intercept;
  const Eigen::VectorXd lp = linear_predictors({s.x, s.y}, coefficients);
  EXPECT_NEAR(lp.unaryExpr([](double v) { return inverse_logit(v); }).mean(), s.y.mean(), 1e-10);
}

TEST(Roc, AreaIsMannWhitneysUAndDeLongsTheta) {
  const auto s = simulate(120, 9);
  const Eigen::VectorXd score = s.x.col(0);
  std::vector<double> pos, neg;
  for (Eigen::Index i = 0; i < 120; ++i) (s.y(i) > 0.5 ? pos : neg).push_back(score(i));
  const auto roc = analyse_roc(score, s.y, RocDirection::larger);
  EXPECT_NEAR(roc.auc, mann_whitney_test(pos, neg)->u1 / double(pos.size() * neg.size()), 1e-12);
  EXPECT_NEAR(compare_paired_roc(score, s.x.col(1), s.y).auc1, roc.auc, 1e-12);
}

TEST(Roc, WrongDirectionMirrorsTheArea) {
  const auto s = simulate(120, 10);
  const Eigen::VectorXd score = s.x.col(0);
  const auto up = analyse_roc(score, s.y, RocDirection::larger), down = analyse_roc(score, s.y, RocDirection::smaller);
  EXPECT_NEAR(up.auc + down.auc, 1.0, 1e-12);
  EXPECT_NEAR(up.delong_se, down.delong_se, 1e-12);
}

TEST(Roc, ScoreAgainstItselfDoesNotDiffer) {
  const auto s = simulate(60, 11);
  const auto paired = compare_paired_roc(s.x.col(0), 2 * s.x.col(0), s.y);
  EXPECT_EQ(paired.difference, 0.0);
  EXPECT_EQ(paired.z, 0.0);
}

TEST(Calibration, OfAFitOnItsOwnDataIsPerfect) {
  const auto s = simulate(200, 12);
  const auto fit = fit_logistic({s.x, s.y});
  const auto c = calibrate(linear_predictors({s.x, s.y}, fit.coefficients), s.y);
  EXPECT_NEAR(c.slope, 1.0, 1e-9);
  EXPECT_NEAR(c.intercept, 0.0, 1e-9);
  EXPECT_NEAR(c.citl, 0.0, 1e-9);
  EXPECT_NEAR(c.observed_expected, 1.0, 1e-12);
}

TEST(DecisionCurve, TreatingAllEqualsAThresholdNobodyMisses) {
  const Eigen::VectorXd p = Eigen::VectorXd::Constant(10, 0.5);
  Eigen::VectorXd y = Eigen::VectorXd::Zero(10);
  y.head(3).setOnes();
  const auto curve = decision_curve(p, y, {0.2});
  EXPECT_DOUBLE_EQ(curve[0].net_benefit, curve[0].treat_all);
  EXPECT_NEAR(curve[0].treat_all, 0.3 - 0.7 * 0.25, 1e-12);
}

TEST(Splines, AreLinearBeyondTheOuterKnots) {
  const std::vector<double> knots = {0, 1, 2, 4};
  const Eigen::MatrixXd b = spline_basis(Eigen::Vector3d(5, 6, 7), knots);
  for (Eigen::Index j = 0; j < b.cols(); ++j) EXPECT_NEAR(b(2, j) - b(1, j), b(1, j) - b(0, j), 1e-12);
  EXPECT_EQ(spline_basis(Eigen::VectorXd::Constant(1, -3), knots)(0, 1), 0.0);
}

TEST(Bootstrap, SameSeedSameResamplesWholeClusters) {
  const std::vector<int> cluster = {0, 0, 1, 2, 2, 2};
  const auto a = draw_resamples(cluster, 5, 42), b = draw_resamples(cluster, 5, 42);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i], b[i]);
    EXPECT_EQ(a[i](0), a[i](1));
    EXPECT_EQ(a[i](3), a[i](5));
    EXPECT_EQ(a[i](0) + a[i](2) + a[i](3), 3.0);
  }
}

TEST(Bootstrap, OptimismIsPositiveOnNoise) {
  auto s = simulate(60, 13);
  std::mt19937 random(5);
  std::shuffle(s.y.begin(), s.y.end(), random);
  const auto fit = fit_logistic({s.x, s.y});
  std::vector<int> rows(60);
  for (int i = 0; i < 60; ++i) rows[std::size_t(i)] = i;
  const auto refit = [&](std::size_t, const Resample& r) -> std::optional<ResampledModel> {
    const auto coefficients = refit_or_refuse(s.x, s.y, r);
    if (!coefficients) return std::nullopt;
    return ResampledModel{{linear_predictors({s.x, s.y}, *coefficients)}, {}, {}};
  };
  const auto result = bootstrap_optimism({linear_predictors({s.x, s.y}, fit.coefficients)}, s.y, draw_resamples(rows, 100, 1), refit);
  EXPECT_GT(result.optimism_auc, 0.0);
  EXPECT_LT(result.corrected_slope.value(), 1.0);
}

TEST(Imputation, KeepsKnownValuesAndFillsTheRest) {
  auto s = simulate(100, 14);
  Eigen::MatrixXd holes = s.x;
  for (Eigen::Index i = 0; i < 100; i += 7) holes(i, 0) = holes(i, 2) = std::nan("");
  for (const auto& copy : impute(holes, s.y, {3, 5, 9})) {
    EXPECT_TRUE(copy.allFinite());
    EXPECT_EQ(copy.col(1), s.x.col(1));
    EXPECT_TRUE(((copy.col(2).array() == 0) || (copy.col(2).array() == 1)).all());
  }
}

TEST(Imputation, RubinOfEqualCopiesIsTheFitItself) {
  const Eigen::VectorXd b = Eigen::Vector2d(0.3, -1.0);
  const Eigen::MatrixXd v = Eigen::Vector2d(0.04, 0.09).asDiagonal();
  const auto pooled = pool_by_rubin(std::vector<Eigen::VectorXd>(3, b), std::vector<Eigen::MatrixXd>(3, v), 100);
  EXPECT_LT((pooled.coefficients - b).norm(), 1e-15);
  EXPECT_NEAR(pooled.standard_errors(1), 0.3, 1e-15);
}

TEST(Imputation, RubinByHand) {  // two copies: W = 1, B = 0.5, T = 1 + 1.5 * 0.5
  std::vector<Eigen::VectorXd> estimates(2, Eigen::VectorXd::Zero(1));
  estimates[1](0) = 1.0;
  const auto pooled = pool_by_rubin(estimates, std::vector<Eigen::MatrixXd>(2, Eigen::MatrixXd::Ones(1, 1)), 50);
  EXPECT_NEAR(pooled.standard_errors(0) * pooled.standard_errors(0), 1.75, 1e-12);
}

TEST(Reclassification, ByHand) {
  Eigen::VectorXd y(4), before(4), after(4);
  y << 1, 1, 0, 0;
  before << 0.4, 0.6, 0.4, 0.6;
  after << 0.5, 0.7, 0.5, 0.2;
  const auto r = reclassify(before, after, y);
  EXPECT_DOUBLE_EQ(r.nri, 1.0);  // both events up; one of two others up, one down
  EXPECT_NEAR(r.idi, 0.1 - (-0.15), 1e-12);
}

TEST(Recalibration, KeepsARightModelAndRefitsAWrongOne) {
  const auto s = simulate(600, 16);
  const auto fit = fit_logistic({s.x, s.y});
  const Eigen::VectorXd right = linear_predictors({s.x, s.y}, fit.coefficients), shifted = right.array() + 1.5, wrong = -1.0 * s.x.col(0);
  EXPECT_EQ(test_recalibration(right, s.y, fit.loglik, 4).advised, Recalibration::keep);
  EXPECT_EQ(test_recalibration(shifted, s.y, fit.loglik, 4).advised, Recalibration::intercept);
  EXPECT_EQ(test_recalibration(2 * right, s.y, fit.loglik, 4).advised, Recalibration::intercept_and_slope);
  EXPECT_EQ(test_recalibration(wrong, s.y, fit.loglik, 4).advised, Recalibration::refit);
}

TEST(Selection, DropsNoiseAndKeepsWhatMatters) {
  const auto s = simulate(400, 15);
  Eigen::MatrixXd x(400, 4);
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  x << s.x, Eigen::VectorXd::NullaryExpr(400, [&] { return normal(random); });
  for (const auto rule : {SelectionRule::forward_lr, SelectionRule::backward_lr, SelectionRule::forward_wald, SelectionRule::backward_wald})
    EXPECT_EQ(select_columns({x, s.y}, rule).kept, (std::vector<Eigen::Index>{0, 1, 2}));
}

TEST(Selection, ScoreTestOfOneBinaryColumnIsPearsonsChiSquare) {
  Eigen::MatrixXd x(100, 1);
  Eigen::VectorXd y(100);
  for (int i = 0; i < 100; ++i) {
    x(i, 0) = i < 40 ? 1 : 0;
    y(i) = i < 30 || i >= 80 ? 1 : 0;
  }
  const auto result = select_columns({x, y}, SelectionRule::forward_lr);
  ASSERT_FALSE(result.steps.empty());
  EXPECT_NEAR(result.steps[0].statistic, analyse_two_by_two({30, 10, 20, 40}).pearson.statistic, 1e-9);
}

}  // namespace
}  // namespace cemscope::analysis
