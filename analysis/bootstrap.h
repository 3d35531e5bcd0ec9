#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <Eigen/Core>

namespace cemscope::analysis {

/// How often each row is in a resample (0, 1, 2, ...).
using Resample = Eigen::VectorXd;

/// Turns a resample of the data (row multiplicities) into a model: coefficients, intercept first, of length 1 + columns. The whole
/// modelling pipeline, selection included, belongs in here. Empty: this resample cannot be used.
using Pipeline = std::function<std::optional<Eigen::VectorXd>(const Resample&)>;

/// One resample's model on the resample and on the original data.
struct BootstrapRow {
  double auc_boot = 0, auc_orig = 0, brier_boot = 0, brier_orig = 0, intercept = 0, slope = 0;
};

/// Harrell's optimism bootstrap. `corrected_slope` is the uniform shrinkage factor.
struct BootstrapResult {
  int resamples = 0, used = 0;
  double apparent_auc = 0, optimism_auc = 0, corrected_auc = 0;
  double apparent_brier = 0, optimism_brier = 0, corrected_brier = 0;
  double corrected_intercept = 0, corrected_slope = 0;
  std::vector<BootstrapRow> first;  ///< of the first resamples used, at most 3
};

/// Runs `pipeline` on every resample, on all cores; the result does not depend on how many there are. `apparent` are the coefficients
/// of the original fit.
BootstrapResult bootstrap_optimism(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd& apparent,
                                   const std::vector<Resample>& resamples, const Pipeline& pipeline);

/// Resamples by whole clusters (`cluster` holds a number per row; one per row for plain resampling).
std::vector<Resample> draw_resamples(const std::vector<int>& cluster, int n_resamples, std::uint64_t seed);

/// Maximum likelihood with the rule of the reference: refused when not converged, a fitted p within 1e-9 of 0 or 1, or |coef| >= 1000.
std::optional<Eigen::VectorXd> refit_or_refuse(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Resample& resample);

}  // namespace cemscope::analysis
