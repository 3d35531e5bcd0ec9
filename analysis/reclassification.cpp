#include "analysis/reclassification.h"

#include <algorithm>
#include <cmath>

#include "analysis/distributions.h"
#include "analysis/logistic.h"

namespace cemscope::analysis {
namespace {

struct Moves {
  double n = 0, up = 0, down = 0, sum = 0, squares = 0;  // of p_new - p_old

  void add(double change) {
    n += 1;
    up += change > 0;
    down += change < 0;
    sum += change;
    squares += change * change;
  }
  [[nodiscard]] double net() const { return (up - down) / n; }
  [[nodiscard]] double net_variance() const { return ((up + down) / n - net() * net()) / n; }
  [[nodiscard]] double mean() const { return sum / n; }
  [[nodiscard]] double mean_variance() const { return n > 1 ? (squares - n * mean() * mean()) / (n - 1) / n : 0; }
};

double two_sided(double value, double se) { return se > 0 ? normal_two_sided_p(value / se) : 1; }

double loglik_of(const Eigen::VectorXd& lp, const Eigen::VectorXd& y) {
  double sum = 0;
  for (Eigen::Index i = 0; i < y.size(); ++i) sum += y(i) * lp(i) - std::max(0.0, lp(i)) - std::log1p(std::exp(-std::abs(lp(i))));
  return sum;
}

TestResult likelihood_ratio(double smaller, double larger, double df) {
  const double statistic = std::max(0.0, smaller - larger);
  return {statistic, df, df > 0 ? chi_squared_upper_p(statistic, df) : 1};
}

}  // namespace

Reclassification reclassify(const Eigen::VectorXd& p_old, const Eigen::VectorXd& p_new, const Eigen::VectorXd& y) {
  Moves events, others;
  for (Eigen::Index i = 0; i < y.size(); ++i) (y(i) > 0.5 ? events : others).add(p_new(i) - p_old(i));
  Reclassification r;
  r.nri_events = events.net();
  r.nri_others = -others.net();
  r.nri = r.nri_events + r.nri_others;
  r.nri_se = std::sqrt(events.net_variance() + others.net_variance());
  r.nri_p = two_sided(r.nri, r.nri_se);
  r.idi = events.mean() - others.mean();
  r.idi_se = std::sqrt(events.mean_variance() + others.mean_variance());
  r.idi_p = two_sided(r.idi, r.idi_se);
  return r;
}

RecalibrationTest test_recalibration(const Eigen::VectorXd& lp, const Eigen::VectorXd& y, double loglik_refit, Eigen::Index n_parameters) {
  RecalibrationTest test;
  const double intercept = fit_intercept_only(y, lp).intercept, k = static_cast<double>(n_parameters);
  const Eigen::MatrixXd x = lp;
  const auto logistic = fit_logistic({x, y});
  test.minus2ll_original = -2 * loglik_of(lp, y);
  test.minus2ll_intercept = -2 * loglik_of(lp.array() + intercept, y);
  test.minus2ll_logistic = logistic.status == FitStatus::converged ? -2 * logistic.loglik : test.minus2ll_intercept;
  test.minus2ll_refit = -2 * loglik_refit;
  test.refit_against_original = likelihood_ratio(test.minus2ll_original, test.minus2ll_refit, k);
  test.refit_against_intercept = likelihood_ratio(test.minus2ll_intercept, test.minus2ll_refit, k - 1);
  test.refit_against_logistic = likelihood_ratio(test.minus2ll_logistic, test.minus2ll_refit, k - 2);
  if (test.refit_against_original.p >= 0.05) return test;
  test.advised = test.refit_against_intercept.p >= 0.05  ? Recalibration::intercept
                 : test.refit_against_logistic.p >= 0.05 ? Recalibration::intercept_and_slope
                                                         : Recalibration::refit;
  return test;
}

}  // namespace cemscope::analysis
