#include "analysis/bootstrap.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>

#include "analysis/logistic.h"
#include "analysis/risk.h"
#include "analysis/roc.h"

namespace cemscope::analysis {
namespace {

Eigen::VectorXd predictions(const Eigen::VectorXd& lp) {
  return lp.unaryExpr([](double v) { return inverse_logit(v); });
}

double brier_of(const Eigen::VectorXd& p, const Eigen::VectorXd& y, const Resample* weights) {
  const Eigen::VectorXd squared = (p - y).array().square();
  return weights ? weights->dot(squared) / weights->sum() : squared.mean();
}

std::optional<BootstrapRow> judge(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Resample& resample, const Pipeline& pipeline) {
  const auto model = pipeline(resample);
  if (!model) return std::nullopt;
  const Eigen::MatrixXd lp = linear_predictors({x, y}, *model);
  const Eigen::VectorXd score = lp.col(0), p = predictions(score);
  const auto recalibration = fit_logistic({lp, y});
  if (recalibration.status != FitStatus::converged) return std::nullopt;
  return BootstrapRow{auc_of(score, y, &resample),   auc_of(score, y),
                      brier_of(p, y, &resample),     brier_of(p, y, nullptr),
                      recalibration.coefficients(0), recalibration.coefficients(1)};
}

std::vector<std::optional<BootstrapRow>> judge_all(const Eigen::MatrixXd& x, const Eigen::VectorXd& y,
                                                   const std::vector<Resample>& resamples, const Pipeline& pipeline) {
  std::vector<std::optional<BootstrapRow>> rows(resamples.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < resamples.size(); i = next++) rows[i] = judge(x, y, resamples[i], pipeline);
  };
  std::vector<std::jthread> threads;
  for (unsigned t = 1; t < std::max(1u, std::thread::hardware_concurrency()); ++t) threads.emplace_back(work);
  work();
  threads.clear();
  return rows;
}

void add(BootstrapResult& sum, const BootstrapRow& row) {
  ++sum.used;
  sum.optimism_auc += row.auc_boot - row.auc_orig;
  sum.optimism_brier += row.brier_boot - row.brier_orig;
  sum.corrected_intercept += row.intercept;
  sum.corrected_slope += row.slope;
  if (sum.first.size() < 3) sum.first.push_back(row);
}

}  // namespace

BootstrapResult bootstrap_optimism(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& apparent,
                                   const std::vector<Resample>& resamples, const Pipeline& pipeline) {
  BootstrapResult result;
  result.resamples = static_cast<int>(resamples.size());
  const Eigen::VectorXd lp = linear_predictors({x, y}, apparent);
  result.apparent_auc = auc_of(lp, y);
  result.apparent_brier = brier_of(predictions(lp), y, nullptr);
  for (const auto& row : judge_all(x, y, resamples, pipeline))
    if (row) add(result, *row);
  if (result.used == 0) return result;
  for (double* sum : {&result.optimism_auc, &result.optimism_brier, &result.corrected_intercept, &result.corrected_slope})
    *sum /= result.used;
  result.corrected_auc = result.apparent_auc - result.optimism_auc;
  result.corrected_brier = result.apparent_brier - result.optimism_brier;
  return result;
}

std::vector<Resample> draw_resamples(const std::vector<int>& cluster, int n_resamples, std::uint64_t seed) {
  const int n_clusters = cluster.empty() ? 0 : *std::max_element(cluster.begin(), cluster.end()) + 1;
  std::mt19937_64 random(seed);
  std::vector<Resample> out;
  for (int b = 0; b < n_resamples; ++b) {
    std::vector<double> times(static_cast<std::size_t>(n_clusters), 0.0);
    for (int draw = 0; draw < n_clusters; ++draw)  // the standard's distributions differ between libraries; this does not
      times[static_cast<std::size_t>((random() >> 11) * 0x1.0p-53 * n_clusters)] += 1;
    Resample resample(static_cast<Eigen::Index>(cluster.size()));
    for (std::size_t i = 0; i < cluster.size(); ++i) resample(static_cast<Eigen::Index>(i)) = times[static_cast<std::size_t>(cluster[i])];
    out.push_back(std::move(resample));
  }
  return out;
}

std::optional<Eigen::VectorXd> refit_or_refuse(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Resample& resample) {
  const auto fit = fit_logistic({x, y, &resample});
  if (fit.status != FitStatus::converged || fit.coefficients.cwiseAbs().maxCoeff() >= 1000) return std::nullopt;
  const Eigen::VectorXd lp = linear_predictors({x, y}, fit.coefficients);
  const double limit = std::log(1e9);
  for (Eigen::Index i = 0; i < lp.size(); ++i)
    if (resample(i) > 0 && std::abs(lp(i)) > limit) return std::nullopt;
  return fit.coefficients;
}

}  // namespace cemscope::analysis
