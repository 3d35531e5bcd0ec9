#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/bootstrap.h"
#include "analysis/calibration.h"
#include "analysis/diagnostics.h"
#include "analysis/firth.h"
#include "analysis/logistic.h"
#include "analysis/reclassification.h"
#include "analysis/roc.h"
#include "src/statistics/fit_data.h"
#include "src/statistics/fit_resampling.h"
#include "src/statistics/univariate.h"

namespace cemscope::statistics {

/// Predictions of a model on the data it was made with (or any other): discrimination, calibration, use.
struct Performance {
  analysis::RocAnalysis roc;
  analysis::Calibration calibration;
  std::optional<analysis::CalibrationCurve> curve;
  std::vector<analysis::NetBenefit> decision, decision_fine;  ///< at the printed thresholds; at every 1% for the plot
};

/// The maximum-likelihood part. Vectors per coefficient have the intercept first; those per term do not.
struct MaximumLikelihood {
  analysis::LogisticFit fit;
  analysis::FitQuality quality;
  std::vector<double> lr_term, lr_term_p;
  std::vector<analysis::ProfileInterval> profile;
  Eigen::VectorXd vif_linear, vif_glm_vcov;
  double condition_index_max = 0;
  analysis::Classification classification;
  std::vector<analysis::CaseDiagnostics> first_rows;  ///< at most 5
  std::optional<analysis::HosmerLemeshow> hl_q7, hl_sas;
  std::optional<analysis::LimitFit> limit;  ///< of the finite terms under quasi-complete separation
  std::optional<Performance> performance;   ///< cases counted by frequency weights; empty with weights that are no whole numbers
};

struct Firth {
  analysis::FirthFit fit;
  std::vector<double> plr_chi2, plr_p;
  std::vector<analysis::ProfileInterval> limits;
};

/// King & Zeng's corrections of a case-control sample.
struct PriorCorrection {
  double tau = 0, ybar = 0, offset = 0, intercept_corrected = 0;  ///< intercept of maximum likelihood if it exists, else of the one in use
  double weight_case = 1, weight_control = 1;
  Eigen::VectorXd weighted_coefficients, robust_se;
  std::vector<analysis::NetBenefit> decision_at_tau;
  std::vector<analysis::NetBenefit> decision_fine_at_tau;  ///< of the estimate in use, at every 1%
};

struct PredictorRoc {
  std::string name;
  analysis::RocAnalysis roc;
};

/// The model against one predictor alone, same patients.
struct ModelAgainst {
  std::string name;
  analysis::PairedRoc comparison;
};

/// A published model on these patients, and how it would have to be recalibrated.
struct ExternalValidation {
  std::string model;
  std::size_t n = 0;
  double tau = 0, offset = 0, mean_p_sample = 0;
  Performance performance;
  Eigen::VectorXd lp, outcome;                               ///< of the patients scored
  std::optional<analysis::RecalibrationTest> recalibration;  ///< these three compare it with the refit on the same patients
  std::optional<analysis::Reclassification> reclassification;
  std::optional<analysis::PairedRoc> refit_against_published;
};

/// Everything `fit` found. `status` is that of maximum likelihood in the words of result files, or "constant_predictor",
/// "rank_deficient" when columns were taken out first.
struct FitAnalysis {
  FitOptions options;
  FitData data;
  std::string table_name, status;
  double n_patients = 0, n_events = 0;  ///< behind the estimate in use, those with imputed values too
  Univariate univariate;
  MaximumLikelihood ml;
  std::optional<Firth> firth;
  std::optional<ImputedFit> imputed;  ///< multiple imputation
  bool uses_firth = false;            ///< which estimate the tables and the model file take
  Note uses_firth_because;
  std::optional<Performance> own_performance;  ///< of the estimate in use where that is not plain maximum likelihood
  std::optional<analysis::BootstrapResult> own_bootstrap;
  std::optional<PriorCorrection> prior;
  std::vector<PredictorRoc> rocs;
  std::vector<ModelAgainst> against;
  std::optional<ExternalValidation> external;
  std::optional<analysis::BootstrapResult> bootstrap;  ///< of maximum likelihood on complete cases
  std::string bootstrap_source;
  std::vector<std::string> selection_steps;
  std::vector<Note> notes;  ///< warnings and what was done about the data

  [[nodiscard]] bool has_estimate() const { return imputed || uses_firth || ml.fit.status == analysis::FitStatus::converged; }
  [[nodiscard]] const Eigen::VectorXd& coefficients() const;
  [[nodiscard]] const Eigen::MatrixXd& covariance() const;
  [[nodiscard]] double intercept_for_prediction() const;
  [[nodiscard]] const std::optional<Performance>& performance() const { return own_performance ? own_performance : ml.performance; }
  [[nodiscard]] const std::optional<analysis::BootstrapResult>& optimism() const { return own_bootstrap ? own_bootstrap : bootstrap; }
  [[nodiscard]] double events_per_variable() const;
  [[nodiscard]] std::vector<std::string> warnings(Language language = Language::english) const;
};

/// Runs the whole analysis of a cohort table, whose memory is given back column by column. Throws Error as build_fit_data does. One outcome
/// class, more parameters than observations, separation and aliased columns are results, named in `status`; refusal_sentence says which of
/// them leave no model.
FitAnalysis analyse_cohort(Table table, const FitOptions& options);

/// Why there is no model to show; empty when there is one.
std::string refusal_sentence(const FitAnalysis& analysis);

/// Columns that divide the outcome completely on their own.
std::vector<std::string> separating_columns(const FitData& data);

/// Predictions of a model on patients with a known outcome (no weights).
Performance performance_of(const Eigen::VectorXd& lp, const Eigen::VectorXd& y);

/// Predictions on imputed copies of the same patients: the mean of their figures, with intervals of the patients there are.
Performance performance_of_copies(const std::vector<Eigen::VectorXd>& predictors, const Eigen::VectorXd& y);

/// A published model's linear predictor for every row of a table, NaN where an input is missing; empty unless the table has all its inputs
/// and the model is linear in them. `published` names a shipped model or a file.
std::optional<std::vector<double>> published_predictors(const Table& table, const std::string& published);

/// The published model on the patients of a fit; empty with weights or when one outcome only is left.
std::optional<ExternalValidation> validate_published(const std::vector<double>& predictors, const FitData& data, double tau,
                                                     const std::string& published);

/// Thresholds of the printed decision curve, and every 1% for the drawn one.
const std::vector<double>& printed_thresholds();
std::vector<double> fine_thresholds();

}  // namespace cemscope::statistics
