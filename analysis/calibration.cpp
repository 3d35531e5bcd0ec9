#include "analysis/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/distributions.h"
#include "analysis/logistic.h"
#include "analysis/risk.h"
#include "analysis/roc.h"
#include "analysis/splines.h"

namespace cemscope::analysis {
namespace {

std::vector<Eigen::Index> order_of(const Eigen::VectorXd& p) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(p.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return p(a) < p(b); });
  return order;
}

void add_case(RiskGroup& group, double p, double y) {
  group.n += 1;
  group.observed += y;
  group.expected += p;
}

// Cases with the same predicted probability.
std::vector<RiskGroup> blocks_of(const Eigen::VectorXd& p, const Eigen::VectorXd& y) {
  std::vector<RiskGroup> blocks;
  double last = -1;
  for (const auto i : order_of(p)) {
    const double value = rounded_score(p(i));
    if (blocks.empty() || value != last) blocks.emplace_back();
    last = value;
    add_case(blocks.back(), p(i), y(i));
  }
  return blocks;
}

void merge_into(RiskGroup& group, const RiskGroup& other) {
  group.n += other.n;
  group.observed += other.observed;
  group.expected += other.expected;
}

void set_regression(const Eigen::VectorXd& lp, const Eigen::VectorXd& y, Calibration& c) {
  const Eigen::MatrixXd x = lp;
  const auto fit = fit_logistic({x, y});
  c.slope_exists = fit.status == FitStatus::converged && lp.maxCoeff() > lp.minCoeff();
  if (c.slope_exists) {
    const auto as_r = fit_line_as_r(lp, y);
    c.slope = fit.coefficients(1);
    c.slope_se = as_r ? as_r->b_se : fit.standard_errors(1);
    c.intercept = fit.coefficients(0);
    c.intercept_se = as_r ? as_r->intercept_se : fit.standard_errors(0);
  }
  const auto in_the_large = fit_intercept_only(y, lp);
  c.citl = in_the_large.intercept;
  const auto as_r = fit_offset_as_r(lp, y);
  c.citl_se = as_r ? as_r->intercept_se : in_the_large.standard_error;
}

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

void set_scores(const Eigen::VectorXd& lp, const Eigen::VectorXd& p, const Eigen::VectorXd& y, Calibration& c) {
  const double n = static_cast<double>(y.size()), share = y.mean();
  double above = 0, below = 0, loss = 0;
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    above += (y(i) - p(i)) * (1 - 2 * p(i));
    below += (1 - 2 * p(i)) * (1 - 2 * p(i)) * p(i) * (1 - p(i));
    loss += softplus(lp(i)) - y(i) * lp(i);
  }
  c.mean_p = p.mean();
  c.observed_expected = share / c.mean_p;
  c.brier = (y - p).squaredNorm() / n;
  c.brier_max = share * (1 - share);
  c.brier_scaled = 1 - c.brier / c.brier_max;
  c.spiegelhalter_z = below > 0 ? above / std::sqrt(below) : 0;
  c.log_loss = loss / n;
}

}  // namespace

double quantile_sorted(const std::vector<double>& sorted, double probability) {
  const double at = probability * static_cast<double>(sorted.size() - 1);
  const double low = std::floor(at + 4 * 2.220446049250313e-16), h = at - low;  // R's fuzz
  const auto i = static_cast<std::size_t>(low);
  if (std::abs(h) < 1e-12 || i + 1 >= sorted.size() || sorted[i + 1] == sorted[i]) return sorted[std::min(i, sorted.size() - 1)];
  return (1 - h) * sorted[i] + h * sorted[i + 1];
}

std::vector<RiskGroup> group_by_quantiles(const Eigen::VectorXd& p, const Eigen::VectorXd& y, int groups) {
  const Eigen::VectorXd rounded = p.unaryExpr([](double v) { return rounded_score(v); });  // equal cases tie whatever the last bit
  std::vector<double> sorted(rounded.begin(), rounded.end()), cuts;
  std::sort(sorted.begin(), sorted.end());
  for (int g = 1; g <= groups; ++g) {
    const double cut = quantile_sorted(sorted, double(g) / groups);
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  std::vector<RiskGroup> out(cuts.size());
  for (Eigen::Index i = 0; i < p.size(); ++i) {
    const auto at = std::lower_bound(cuts.begin(), cuts.end(), rounded(i));
    add_case(out[std::min<std::size_t>(static_cast<std::size_t>(at - cuts.begin()), cuts.size() - 1)], p(i), y(i));
  }
  std::erase_if(out, [](const RiskGroup& g) { return g.n == 0; });
  return out;
}

std::vector<RiskGroup> group_by_rank(const Eigen::VectorXd& p, const Eigen::VectorXd& y, int groups) {
  const auto order = order_of(p.unaryExpr([](double v) { return rounded_score(v); }));
  std::vector<RiskGroup> out(static_cast<std::size_t>(groups));
  std::size_t at = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    while (at + 1 < out.size() && double(rank) > double(order.size() - 1) * double(at + 1) / groups + 1e-9) ++at;
    add_case(out[at], p(order[rank]), y(order[rank]));
  }
  std::erase_if(out, [](const RiskGroup& g) { return g.n == 0; });
  return out;
}

std::vector<RiskGroup> group_by_sas(const Eigen::VectorXd& p, const Eigen::VectorXd& y) {
  const double n = static_cast<double>(p.size()), target = std::floor(n / 10 + 0.5);
  std::vector<RiskGroup> groups;
  for (const auto& block : blocks_of(p, y)) {
    const bool joins = !groups.empty() && groups.back().n < target && groups.back().n + std::floor(0.5 * block.n) <= target;
    if (!joins) groups.emplace_back();
    merge_into(groups.back(), block);
  }
  if (groups.size() > 1 && groups.back().n <= std::floor(0.05 * n + 0.5)) {
    merge_into(groups[groups.size() - 2], groups.back());
    groups.pop_back();
  }
  return groups;
}

std::optional<HosmerLemeshow> hosmer_lemeshow(const std::vector<RiskGroup>& groups, double df) {
  if (groups.size() < 3 || df < 1) return std::nullopt;
  HosmerLemeshow result{0, df, 1, groups};
  for (const auto& g : groups) {
    const double d = g.observed - g.expected;
    result.chi2 += d * d / g.expected + d * d / (g.n - g.expected);
  }
  if (!std::isfinite(result.chi2)) return std::nullopt;
  result.p = chi_squared_upper_p(result.chi2, df);
  return result;
}

Calibration calibrate(const Eigen::VectorXd& lp, const Eigen::VectorXd& y) {
  Calibration c;
  const Eigen::VectorXd p = lp.unaryExpr([](double v) { return inverse_logit(v); });
  set_regression(lp, y, c);
  set_scores(lp, p, y, c);
  c.groups = group_by_rank(p, y, 10);
  return c;
}

std::optional<CalibrationCurve> calibration_curve(const Eigen::VectorXd& lp, const Eigen::VectorXd& y) {
  const auto knots = default_knots(lp, 4);
  if (knots.size() < 3) return std::nullopt;
  const Eigen::MatrixXd basis = spline_basis(lp, knots);
  const auto fit = fit_logistic({basis, y});
  if (fit.status != FitStatus::converged) return std::nullopt;
  CalibrationCurve curve;
  const auto order = order_of(lp);
  std::vector<double> errors;
  for (Eigen::Index i = 0; i < lp.size(); ++i)
    errors.push_back(
        std::abs(inverse_logit(fit.coefficients(0) + basis.row(i).dot(fit.coefficients.tail(basis.cols()))) - inverse_logit(lp(i))));
  curve.ici = std::accumulate(errors.begin(), errors.end(), 0.0) / double(errors.size());
  std::sort(errors.begin(), errors.end());
  curve.e50 = quantile_sorted(errors, 0.5);
  curve.e90 = quantile_sorted(errors, 0.9);
  const double first = lp(order.front()), last = lp(order.back()), z = normal_quantile(0.975);
  for (int k = 0; k <= 100; ++k) {
    const double at = first + (last - first) * k / 100;
    Eigen::RowVectorXd row(basis.cols() + 1);
    row << 1, spline_basis(Eigen::VectorXd::Constant(1, at), knots);
    const double value = row * fit.coefficients, se = std::sqrt(std::max(0.0, (row * fit.covariance * row.transpose())(0, 0)));
    curve.predicted.push_back(inverse_logit(at));
    curve.observed.push_back(inverse_logit(value));
    curve.low.push_back(inverse_logit(value - z * se));
    curve.high.push_back(inverse_logit(value + z * se));
  }
  return curve;
}

std::vector<NetBenefit> decision_curve(const Eigen::VectorXd& p, const Eigen::VectorXd& y, const std::vector<double>& thresholds,
                                       std::optional<double> prevalence) {
  const double events = y.sum(), others = double(y.size()) - events, share = prevalence.value_or(events / double(y.size()));
  std::vector<NetBenefit> curve;
  for (const double t : thresholds) {
    double tp = 0, fp = 0;
    for (Eigen::Index i = 0; i < y.size(); ++i)
      if (p(i) >= t) (y(i) > 0.5 ? tp : fp) += 1;
    const double odds = t / (1 - t), tpr = tp / events, fpr = fp / others;
    curve.push_back({t, tpr * share - fpr * (1 - share) * odds, share - (1 - share) * odds, tpr, fpr});
  }
  return curve;
}

}  // namespace cemscope::analysis
