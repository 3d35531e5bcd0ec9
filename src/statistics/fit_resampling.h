#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/bootstrap.h"
#include "analysis/imputation.h"
#include "src/statistics/fit_data.h"

namespace cemscope::statistics {

/// One estimate of the coefficients, intercept first; Firth's has the intercept that makes predictions add up to the events (FLIC).
struct Estimate {
  Eigen::VectorXd coefficients, for_prediction;
  Eigen::MatrixXd covariance;
};

enum class Estimator { maximum_likelihood, firth };

/// Empty when there is no finite estimate.
std::optional<Estimate> estimate(const analysis::LogisticData& data, Estimator estimator);

/// The steps from a table's numbers to a model, as they were taken once and are taken again on every resample.
struct Procedure {
  const FitData& design;                ///< before any selection; with imputation: of the complete cases
  const FitData* with_holes = nullptr;  ///< all patients' columns with missing values; null: nothing is imputed
  std::vector<Term> terms;              ///< of the model in use, after selection
  Selection selection = Selection::none;
  Estimator estimator = Estimator::maximum_likelihood;
  int copies = 0;  ///< imputed ones
  std::uint64_t seed = 0;
};

/// A model fitted to imputed copies of the data and pooled by Rubin's rules.
struct ImputedFit {
  analysis::PooledFit pooled;
  double intercept_for_prediction = 0;
  std::vector<Eigen::MatrixXd> values;  ///< the first completed copies, for judging predictions
};

/// Empty when fewer than two copies can be fitted.
std::optional<ImputedFit> fit_imputed(const Procedure& procedure);

/// The pooled model's linear predictors of all patients, for each of the copies kept.
std::vector<Eigen::VectorXd> imputed_predictors(const Procedure& procedure, const ImputedFit& imputed);

/// Harrell's optimism with the whole procedure repeated on every resample: imputation, knots of splines, selection, estimate.
/// `apparent` are the linear predictors of the model in use; `imputed` its copies, or null.
analysis::BootstrapResult bootstrap_procedure(const Procedure& procedure, const std::vector<Eigen::VectorXd>& apparent,
                                              const ImputedFit* imputed, const std::vector<analysis::Resample>& resamples);

/// The columns that a selection keeps. Names of the steps are appended to `steps` if it is given.
std::vector<Eigen::Index> selected_columns(const FitData& design, const analysis::LogisticData& data, Selection selection,
                                           std::vector<std::string>* steps = nullptr);

/// Resamples of a file of 1-based rows, one resample a line, for `n_rows` rows. Throws Error{inconsistent} naming the line.
std::vector<analysis::Resample> read_resamples(const std::filesystem::path& path, std::size_t n_rows);

}  // namespace cemscope::statistics
