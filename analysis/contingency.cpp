#include "analysis/contingency.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/math/distributions/beta.hpp>

#include "analysis/distributions.h"
#include "analysis/fisher_exact.h"

namespace cemscope::analysis {
namespace {

struct Margins {
  double x1, x0, y1, y0, n;
};

Margins margins_of(const TwoByTwo& t) { return {t.x1_y1 + t.x1_y0, t.x0_y1 + t.x0_y0, t.x1_y1 + t.x0_y1, t.x1_y0 + t.x0_y0, t.total()}; }

TestResult one_df(double statistic) { return {statistic, 1.0, chi_squared_upper_p(statistic, 1.0)}; }

double pearson_statistic(const TwoByTwo& t, double reduce_by) {
  const auto m = margins_of(t);
  const double cross = std::max(0.0, std::abs(t.x1_y1 * t.x0_y0 - t.x1_y0 * t.x0_y1) - reduce_by);
  return m.n * cross * cross / (m.x1 * m.x0 * m.y1 * m.y0);
}

double likelihood_ratio_statistic(const TwoByTwo& t) {
  const auto m = margins_of(t);
  const auto part = [&](double seen, double row, double column) { return seen > 0.0 ? seen * std::log(seen * m.n / (row * column)) : 0.0; };
  return 2.0 * (part(t.x1_y1, m.x1, m.y1) + part(t.x1_y0, m.x1, m.y0) + part(t.x0_y1, m.x0, m.y1) + part(t.x0_y0, m.x0, m.y0));
}

double smallest_expected(const TwoByTwo& t) {
  const auto m = margins_of(t);
  return std::min(m.x1, m.x0) * std::min(m.y1, m.y0) / m.n;
}

Interval wald_limits(double ln_or, double se) {
  const double z = normal_quantile(0.975);
  return {std::exp(ln_or - z * se), std::exp(ln_or + z * se)};
}

double standard_error_ln_or(const TwoByTwo& t, double add) {
  return std::sqrt(1 / (t.x1_y1 + add) + 1 / (t.x1_y0 + add) + 1 / (t.x0_y1 + add) + 1 / (t.x0_y0 + add));
}

void set_odds_ratios(TwoByTwoAnalysis& a) {
  const auto& t = a.table;
  a.haldane_or = (t.x1_y1 + 0.5) * (t.x0_y0 + 0.5) / ((t.x1_y0 + 0.5) * (t.x0_y1 + 0.5));
  a.haldane_ci = wald_limits(std::log(a.haldane_or), standard_error_ln_or(t, 0.5));
  const double top = t.x1_y1 * t.x0_y0, bottom = t.x1_y0 * t.x0_y1;
  if (bottom > 0.0) a.odds_ratio = top / bottom;
  if (top <= 0.0 || bottom <= 0.0) return;
  a.ln_or = std::log(*a.odds_ratio);
  a.se_ln_or = standard_error_ln_or(t, 0.0);
  a.or_ci_wald = wald_limits(*a.ln_or, *a.se_ln_or);
}

// Above this many possible tables the sums take minutes and Pearson's P is the same to many digits.
constexpr double kMostTables = 200'000;

void set_fisher(TwoByTwoAnalysis& a) {
  const auto& t = a.table;
  const double exposed = t.x1_y1 + t.x1_y0, events = t.x1_y1 + t.x0_y1;
  if (std::min({exposed, events, t.total() - exposed, t.total() - events}) > kMostTables) {
    a.fisher_two_sided_p = a.pearson.p;
    return;
  }
  const auto as_r = fisher_exact(a.table, RootSearch::as_r), full = fisher_exact(a.table, RootSearch::full);
  a.fisher_two_sided_p = full.two_sided_p;
  a.fisher_cond_mle_or = as_r.conditional_or;
  a.fisher_ci_low = as_r.ci_low;
  a.fisher_ci_high = as_r.ci_high;
  a.fisher_exact_or = full.conditional_or;
  a.fisher_exact_low = full.ci_low;
  a.fisher_exact_high = full.ci_high;
}

}  // namespace

TwoByTwoAnalysis analyse_two_by_two(const TwoByTwo& table) {
  const auto m = margins_of(table);
  if (m.x1 <= 0 || m.x0 <= 0 || m.y1 <= 0 || m.y0 <= 0) throw std::invalid_argument("a margin of the 2 x 2 table is empty");
  TwoByTwoAnalysis a;
  a.table = table;
  a.min_expected = smallest_expected(table);
  const double pearson = pearson_statistic(table, 0.0);
  a.pearson = one_df(pearson);
  a.yates = one_df(pearson_statistic(table, m.n / 2.0));
  a.likelihood_ratio = one_df(likelihood_ratio_statistic(table));
  a.linear_by_linear = one_df(pearson * (m.n - 1.0) / m.n);
  a.risk_diff = table.x1_y1 / m.y1 - table.x1_y0 / m.y0;
  a.phi = std::sqrt(pearson / m.n);
  set_odds_ratios(a);
  set_fisher(a);
  return a;
}

TestResult pearson_chi_squared(const Eigen::MatrixXd& counts) {
  const Eigen::VectorXd rows = counts.rowwise().sum();
  const Eigen::RowVectorXd columns = counts.colwise().sum();
  const double n = counts.sum();
  double statistic = 0.0;
  for (Eigen::Index r = 0; r < counts.rows(); ++r)
    for (Eigen::Index c = 0; c < counts.cols(); ++c) {
      const double expected = rows(r) * columns(c) / n;
      if (expected > 0.0) statistic += (counts(r, c) - expected) * (counts(r, c) - expected) / expected;
    }
  const double df = static_cast<double>(((rows.array() > 0).count() - 1) * ((columns.array() > 0).count() - 1));
  return {statistic, df, df > 0 ? chi_squared_upper_p(statistic, df) : 1.0};
}

Interval wilson_interval(double events, double n, double level) {
  const double z = normal_quantile(0.5 + level / 2), p = events / n, z2 = z * z / n;
  const double centre = (p + z2 / 2) / (1 + z2), half = z * std::sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);
  return {centre - half, centre + half};
}

Interval exact_interval(double events, double n, double level) {
  const double tail = (1.0 - level) / 2;
  using Beta = boost::math::beta_distribution<>;
  const double low = events > 0 ? boost::math::quantile(Beta(events, n - events + 1), tail) : 0.0;
  const double high = events < n ? boost::math::quantile(Beta(events + 1, n - events), 1 - tail) : 1.0;
  return {low, high};
}

}  // namespace cemscope::analysis
