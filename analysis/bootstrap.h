#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <Eigen/Core>

namespace cemscope::analysis {

/// How often each row is in a resample (0, 1, 2, ...).
using Resample = Eigen::VectorXd;

/// A model made anew from a resample, by its linear predictors.
struct ResampledModel {
  std::vector<Eigen::VectorXd> lp;  ///< of all patients, for each completed copy of their data (one when nothing is missing)
  std::vector<Eigen::VectorXd>
      own_lp;                   ///< of the resample's rows where it was completed by itself; empty: `lp`, each row as often as drawn
  Eigen::VectorXd own_outcome;  ///< of `own_lp`
};

/// Makes a model from resample number `number`. The whole modelling pipeline (imputation, knots, selection, penalty) belongs in here.
/// Empty: this resample cannot be used. Called from several threads.
using Pipeline = std::function<std::optional<ResampledModel>(std::size_t number, const Resample&)>;

/// One resample's model on the resample and on the original data.
struct BootstrapRow {
  double auc_boot = 0, auc_orig = 0, brier_boot = 0, brier_orig = 0;
  std::optional<double> intercept, slope;  ///< of the original outcomes on its linear predictor; empty where that separates them
};

/// Harrell's optimism bootstrap. `corrected_slope` is the uniform shrinkage factor, over the resamples that have one; empty when none has.
struct BootstrapResult {
  int resamples = 0, used = 0;
  double apparent_auc = 0, optimism_auc = 0, corrected_auc = 0;
  double apparent_brier = 0, optimism_brier = 0, corrected_brier = 0;
  std::optional<double> corrected_intercept, corrected_slope;
  std::vector<BootstrapRow> first;  ///< of the first resamples used, at most 3
};

/// Runs `pipeline` on every resample, on all cores; the result does not depend on how many there are. `apparent` are the linear
/// predictors of the original model, for each completed copy; figures of several copies are averaged.
BootstrapResult bootstrap_optimism(const std::vector<Eigen::VectorXd>& apparent, const Eigen::VectorXd& y,
                                   const std::vector<Resample>& resamples, const Pipeline& pipeline);

/// Resamples by whole clusters (`cluster` holds a number per row; one per row for plain resampling).
std::vector<Resample> draw_resamples(const std::vector<int>& cluster, int n_resamples, std::uint64_t seed);

/// Maximum likelihood with the rule of the reference: refused when not converged, a fitted p within 1e-9 of 0 or 1, or |coef| >= 1000
/// (per unit and per standard deviation).
std::optional<Eigen::VectorXd> refit_or_refuse(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Resample& resample);

}  // namespace cemscope::analysis
