#pragma once

#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// What a logistic regression is fitted to. Rows are cases, `x` has no intercept column; `y` is 0 or 1. `weights` (frequency or
/// sampling, all > 0) and `offset` may be null. Nothing is copied: everything must outlive the call.
struct LogisticData {
  const Eigen::MatrixXd& x;
  const Eigen::VectorXd& y;
  const Eigen::VectorXd* weights = nullptr;
  const Eigen::VectorXd* offset = nullptr;
};

enum class FitStatus {
  converged,
  complete_separation,        ///< a combination of predictors divides the classes: maximum likelihood has no finite estimate
  quasi_complete_separation,  ///< the same but for ties on the border
  single_class,
  more_parameters_than_observations,
  rank_deficient,  ///< find_aliased_columns names them; drop them first
  not_converged
};

/// "ok", "complete_separation", "quasi_complete_separation", "single_outcome_class", "more_parameters_than_observations",
/// "rank_deficient", "not_converged": the words of result files.
std::string to_string(FitStatus status);

/// A term whose estimate is infinite. Index 0 is the intercept, j + 1 column j.
struct InfiniteTerm {
  Eigen::Index term = 0;
  int sign = 1;
};

/// A fit; coefficients in the data's units, intercept first. Only meaningful numbers when `status` is converged.
struct LogisticFit {
  FitStatus status = FitStatus::not_converged;
  Eigen::VectorXd coefficients, standard_errors;
  Eigen::MatrixXd covariance;
  double loglik = 0, loglik_null = 0;
  double n = 0, events = 0;  ///< sums of weights
  int iterations = 0;
  std::vector<InfiniteTerm> infinite_terms;
  std::vector<Eigen::Index> overlapping_rows;  ///< under quasi-complete separation: the cases on the border, which still inform the rest
};

/// Maximum likelihood by Newton's method on standardised columns (one pass over the rows per iteration, no copy of x), to a relative
/// step of 1e-9. Separation is proved by a direction along which no case is on the wrong side (Albert & Anderson 1984), not guessed
/// from large coefficients.
LogisticFit fit_logistic(const LogisticData& data);

/// The limit that the finite terms approach under quasi-complete separation: the fit to the overlapping cases without the infinite terms.
/// Names of terms by index (0 = intercept); empty when there is none.
struct LimitFit {
  std::vector<Eigen::Index> terms;
  Eigen::VectorXd coefficients;
};
std::optional<LimitFit> limit_under_separation(const LogisticData& data, const LogisticFit& fit);

/// Columns that are a combination of earlier ones or constant, in file order (as R drops them). Relative tolerance 1e-11 on 1 - R^2.
struct AliasedColumns {
  std::vector<Eigen::Index> constant, dependent;
};
AliasedColumns find_aliased_columns(const Eigen::MatrixXd& x);

/// Likelihood-ratio chi-square of leaving one column out (df 1).
double likelihood_ratio_of_term(const LogisticData& data, const LogisticFit& fit, Eigen::Index column);

/// Profile-likelihood limits of a term (0 = intercept). A limit that does not exist is empty.
struct ProfileInterval {
  std::optional<double> low, high;
};
ProfileInterval profile_interval(const LogisticData& data, const LogisticFit& fit, Eigen::Index term, double level = 0.95);

/// Linear predictors of all rows, offset included.
Eigen::VectorXd linear_predictors(const LogisticData& data, const Eigen::VectorXd& coefficients);

/// Huber-White HC0 standard errors (King & Zeng's weighting needs them).
Eigen::VectorXd robust_standard_errors(const LogisticData& data, const LogisticFit& fit);

/// Intercept and its standard error of a model with nothing but an offset (calibration in the large, FLIC).
struct InterceptFit {
  double intercept = 0, standard_error = 0;
};
InterceptFit fit_intercept_only(const Eigen::VectorXd& y, const Eigen::VectorXd& offset, const Eigen::VectorXd* weights = nullptr);

/// Fit of one predictor, or of the intercept alone, as R's glm prints it when iterated to a relative deviance change of 1e-15: its standard
/// errors are those of the last iteration but one, which differ from the exact ones in the 8th or 9th digit. For figures that are to
/// agree with R's; empty when it does not converge in 50 iterations. Above 200,000 rows the exact fit.
struct RFit {
  double b = 0, b_se = 0, intercept = 0, intercept_se = 0;
};
std::optional<RFit> fit_line_as_r(const Eigen::VectorXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd* weights = nullptr);
std::optional<RFit> fit_offset_as_r(const Eigen::VectorXd& offset, const Eigen::VectorXd& y);

}  // namespace cemscope::analysis
