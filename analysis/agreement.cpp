#include "analysis/agreement.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>

#include "analysis/distributions.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {
namespace {

Eigen::MatrixXd agreement_weights(Eigen::Index n, KappaWeights kind) {
  Eigen::MatrixXd weights = Eigen::MatrixXd::Identity(n, n);
  if (kind == KappaWeights::none || n < 2) return weights;
  const double farthest = static_cast<double>(n - 1), power = kind == KappaWeights::linear ? 1.0 : 2.0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) weights(i, j) = 1 - std::pow(std::abs(static_cast<double>(i - j)) / farthest, power);
  return weights;
}

// Fleiss, Cohen & Everitt 1969, the error of a kappa that is not zero.
double kappa_variance(const Eigen::MatrixXd& p, const Eigen::MatrixXd& w, double n, double observed, double expected) {
  const Eigen::VectorXd rows = p.rowwise().sum(), columns = p.colwise().sum().transpose();
  const Eigen::VectorXd row_weight = w * columns, column_weight = w.transpose() * rows;
  double sum = 0;
  for (Eigen::Index i = 0; i < p.rows(); ++i)
    for (Eigen::Index j = 0; j < p.cols(); ++j)
      sum += p(i, j) * std::pow(w(i, j) * (1 - expected) - (row_weight(i) + column_weight(j)) * (1 - observed), 2);
  const double variance = (sum - std::pow(observed * expected - 2 * expected + observed, 2)) / (n * std::pow(1 - expected, 4));
  return std::max(0.0, variance);
}

double f_quantile(double probability, double df1, double df2) {
  return boost::math::quantile(boost::math::fisher_f_distribution<double>(df1, df2), probability);
}

// Mean squares of a two-way layout without repetition.
struct MeanSquares {
  double n = 0, k = 0, rows = 0, columns = 0, rest = 0;
};

std::optional<MeanSquares> mean_squares(const Eigen::MatrixXd& ratings) {
  MeanSquares ms{static_cast<double>(ratings.rows()), static_cast<double>(ratings.cols())};
  if (ms.n < 2 || ms.k < 2) return std::nullopt;
  const double grand = ratings.mean();
  const Eigen::VectorXd rows = ratings.rowwise().mean();
  const Eigen::RowVectorXd columns = ratings.colwise().mean();
  Eigen::MatrixXd rest = ratings;
  rest.colwise() -= rows;
  rest.rowwise() -= columns;
  ms.rows = ms.k * (rows.array() - grand).square().sum() / (ms.n - 1);
  ms.columns = ms.n * (columns.array() - grand).square().sum() / (ms.k - 1);
  ms.rest = (rest.array() + grand).square().sum() / ((ms.n - 1) * (ms.k - 1));
  const double dust = 1e-24 * ratings.array().square().maxCoeff();
  if (!(ms.rows + ms.columns + ms.rest > dust)) return std::nullopt;
  return ms;
}

// Limits of ICC(A,1): McGraw & Wong 1996, table 7, with Satterthwaite's degrees of freedom. All raters equal: the limits of the estimate.
Interval agreement_limits(const MeanSquares& ms, double icc) {
  if (icc >= 1 - 1e-12) return {1, 1};
  const double a = ms.k * icc / (ms.n * (1 - icc)), b = 1 + ms.k * icc * (ms.n - 1) / (ms.n * (1 - icc));
  const double v = std::pow(a * ms.columns + b * ms.rest, 2) /
                   (std::pow(a * ms.columns, 2) / (ms.k - 1) + std::pow(b * ms.rest, 2) / ((ms.n - 1) * (ms.k - 1)));
  const double f_low = f_quantile(0.975, ms.n - 1, v), f_high = f_quantile(0.975, v, ms.n - 1);
  const double spread = ms.k * ms.columns + (ms.k * ms.n - ms.k - ms.n) * ms.rest;
  return {ms.n * (ms.rows - f_low * ms.rest) / (f_low * spread + ms.n * ms.rows),
          ms.n * (f_high * ms.rows - ms.rest) / (spread + ms.n * f_high * ms.rows)};
}

Interval round_estimate(double centre, double half) { return {centre - half, centre + half}; }

}  // namespace

Share share_of(double of, double n) {
  Share share{of, n, {}, {}};
  if (n <= 0) return share;
  share.value = of / n;
  share.ci = wilson_interval(of, n);
  return share;
}

std::optional<Kappa> cohen_kappa(const Eigen::MatrixXd& counts, KappaWeights weights) {
  if (counts.rows() != counts.cols()) throw std::invalid_argument("kappa needs a square table");
  const double n = counts.sum();
  if (!(n > 0)) return std::nullopt;
  const Eigen::MatrixXd p = counts / n, w = agreement_weights(counts.rows(), weights);
  Kappa result;
  result.observed = p.cwiseProduct(w).sum();
  result.expected = p.rowwise().sum().dot(w * p.colwise().sum().transpose());
  if (result.expected >= 1 - 1e-12) return std::nullopt;
  result.kappa = (result.observed - result.expected) / (1 - result.expected);
  if (result.observed >= 1) return result;
  result.se = std::sqrt(kappa_variance(p, w, n, result.observed, result.expected));
  const auto limits = round_estimate(result.kappa, normal_quantile(0.975) * result.se);
  result.ci = Interval{std::max(-1.0, limits.low), std::min(1.0, limits.high)};
  return result;
}

std::optional<IntraclassCorrelation> icc_agreement(const Eigen::MatrixXd& ratings) {
  const auto ms = mean_squares(ratings);
  if (!ms) return std::nullopt;
  const double icc = (ms->rows - ms->rest) / (ms->rows + (ms->k - 1) * ms->rest + ms->k * (ms->columns - ms->rest) / ms->n);
  return IntraclassCorrelation{icc, agreement_limits(*ms, icc)};
}

std::optional<IntraclassCorrelation> icc_consistency(const Eigen::MatrixXd& ratings) {
  const auto ms = mean_squares(ratings);
  if (!ms || !(ms->rows + ms->rest > 0)) return std::nullopt;
  const double k = ms->k, df1 = ms->n - 1, df2 = df1 * (k - 1);
  const double icc = (ms->rows - ms->rest) / (ms->rows + (k - 1) * ms->rest);
  if (!(ms->rest > 0)) return IntraclassCorrelation{icc, {1, 1}};
  const double f = ms->rows / ms->rest, low = f / f_quantile(0.975, df1, df2), high = f * f_quantile(0.975, df2, df1);
  return IntraclassCorrelation{icc, {(low - 1) / (low + k - 1), (high - 1) / (high + k - 1)}};
}

std::optional<BlandAltman> bland_altman(const std::vector<double>& differences) {
  const auto summary = summarise(differences);
  if (summary.n < 2) return std::nullopt;
  const double z = normal_quantile(0.975), t = t_quantile(0.975, summary.n - 1), half = z * summary.sd;
  const double bias_half = t * summary.sd / std::sqrt(summary.n);
  const double limit_half = t * summary.sd * std::sqrt(1 / summary.n + z * z / (2 * (summary.n - 1)));
  BlandAltman result{summary.n, summary.mean, summary.sd, summary.mean - half, summary.mean + half, {}, {}, {}};
  result.bias_ci = round_estimate(result.bias, bias_half);
  result.lower_ci = round_estimate(result.lower, limit_half);
  result.upper_ci = round_estimate(result.upper, limit_half);
  return result;
}

Median median_of(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("the median of nothing");
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  Median median{n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2, {}};
  const boost::math::binomial_distribution<double> half(static_cast<double>(n), 0.5);
  std::size_t outside = 0;  // order statistics that may be left out at each end
  while (outside < n / 2 && boost::math::cdf(half, static_cast<double>(outside)) <= 0.025) ++outside;
  if (outside > 0) median.ci = Interval{values[outside - 1], values[n - outside]};
  return median;
}

}  // namespace cemscope::analysis
