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

struct Discrimination {
  double auc = 0, brier = 0;
};

// Mean over the copies.
Discrimination discriminate(const std::vector<Eigen::VectorXd>& copies, const Eigen::VectorXd& y, const Resample* weights) {
  Discrimination mean;
  const double n = static_cast<double>(copies.size());
  for (const auto& lp : copies) {
    mean.auc += auc_of(lp, y, weights) / n;
    mean.brier += brier_of(predictions(lp), y, weights) / n;
  }
  return mean;
}

// Intercept and slope of the outcome on the copies' linear predictors; empty when one has none.
std::optional<Eigen::Vector2d> recalibrate(const std::vector<Eigen::VectorXd>& copies, const Eigen::VectorXd& y) {
  Eigen::Vector2d mean = Eigen::Vector2d::Zero();
  for (const auto& lp : copies) {
    const Eigen::MatrixXd x = lp;
    const auto fit = fit_logistic({x, y});
    if (fit.status != FitStatus::converged) return std::nullopt;
    mean += fit.coefficients / static_cast<double>(copies.size());
  }
  return mean;
}

bool has_both_classes(const Eigen::VectorXd& y) { return y.maxCoeff() > y.minCoeff(); }

std::optional<BootstrapRow> judge(const Eigen::VectorXd& y, std::size_t number, const Resample& resample, const Pipeline& pipeline) {
  const auto model = pipeline(number, resample);
  if (!model || (!model->own_lp.empty() && !has_both_classes(model->own_outcome))) return std::nullopt;
  const auto orig = discriminate(model->lp, y, nullptr);
  const auto boot =
      model->own_lp.empty() ? discriminate(model->lp, y, &resample) : discriminate(model->own_lp, model->own_outcome, nullptr);
  BootstrapRow row{boot.auc, orig.auc, boot.brier, orig.brier, {}, {}};
  if (const auto recalibration = recalibrate(model->lp, y)) {
    row.intercept = (*recalibration)(0);
    row.slope = (*recalibration)(1);
  }
  return row;
}

std::vector<std::optional<BootstrapRow>> judge_all(const Eigen::VectorXd& y, const std::vector<Resample>& resamples,
                                                   const Pipeline& pipeline) {
  std::vector<std::optional<BootstrapRow>> rows(resamples.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < resamples.size(); i = next++) rows[i] = judge(y, i, resamples[i], pipeline);
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
  if (sum.first.size() < 3) sum.first.push_back(row);
}

std::optional<double> mean_of(const std::vector<std::optional<BootstrapRow>>& rows, std::optional<double> BootstrapRow::*member) {
  double sum = 0, n = 0;
  for (const auto& row : rows)
    if (row && (*row).*member) sum += *((*row).*member), n += 1;
  return n > 0 ? std::optional(sum / n) : std::nullopt;
}

// 1,000 or more, per unit and per standard deviation alike: a column in odd units has large coefficients, too.
bool is_out_of_bounds(const Eigen::MatrixXd& x, const Eigen::VectorXd& coefficients) {
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const double b = std::abs(coefficients(j + 1));
    if (b >= 1000 && b * std::sqrt((x.col(j).array() - x.col(j).mean()).square().mean()) >= 1000) return true;
  }
  return false;
}

}  // namespace

BootstrapResult bootstrap_optimism(const std::vector<Eigen::VectorXd>& apparent, const Eigen::VectorXd& y,
                                   const std::vector<Resample>& resamples, const Pipeline& pipeline) {
  BootstrapResult result;
  result.resamples = static_cast<int>(resamples.size());
  const auto at_first = discriminate(apparent, y, nullptr);
  result.apparent_auc = at_first.auc;
  result.apparent_brier = at_first.brier;
  const auto rows = judge_all(y, resamples, pipeline);
  for (const auto& row : rows)
    if (row) add(result, *row);
  if (result.used == 0) return result;
  result.optimism_auc /= result.used;
  result.optimism_brier /= result.used;
  result.corrected_intercept = mean_of(rows, &BootstrapRow::intercept);
  result.corrected_slope = mean_of(rows, &BootstrapRow::slope);
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
  if (fit.status != FitStatus::converged || is_out_of_bounds(x, fit.coefficients)) return std::nullopt;
  const Eigen::VectorXd lp = linear_predictors({x, y}, fit.coefficients);
  const double limit = std::log(1e9);
  for (Eigen::Index i = 0; i < lp.size(); ++i)
    if (resample(i) > 0 && std::abs(lp(i)) > limit) return std::nullopt;
  return fit.coefficients;
}

}  // namespace cemscope::analysis
