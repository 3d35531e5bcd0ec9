#pragma once

#include <functional>
#include <vector>

#include <Eigen/Core>

#include "analysis/logistic.h"

/// The inner parts of the logistic fits: standardised parameters theta = (intercept, columns), of z = (1, (x - shift) / scale).
namespace cemscope::analysis::engine {

struct Scaling {
  Eigen::VectorXd shift, scale;
};

/// Column means and standard deviations.
Scaling scaling_of(const LogisticData& data);

Eigen::VectorXd to_original(const Scaling& scaling, const Eigen::VectorXd& theta);
Eigen::VectorXd to_standardised(const Scaling& scaling, const Eigen::VectorXd& coefficients);
Eigen::MatrixXd covariance_to_original(const Scaling& scaling, const Eigen::MatrixXd& covariance);

/// Calls `visit(z, first_row)` for blocks of standardised rows (intercept column included).
void for_each_block(const LogisticData& data, const Scaling& scaling,
                    const std::function<void(const Eigen::MatrixXd&, Eigen::Index)>& visit);

/// (Penalised) log likelihood, its score and Fisher's information at theta.
struct Evaluation {
  double loglik = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
  double max_abs_lp = 0;
};
Evaluation evaluate(const LogisticData& data, const Scaling& scaling, const Eigen::VectorXd& theta);

using Evaluator = std::function<Evaluation(const Eigen::VectorXd&)>;

struct SearchOptions {
  int max_iterations = 60;
  double step_tolerance = 1e-9;
  bool learn_curvature = false;     ///< BFGS from the information instead of scoring: for likelihoods whose Hessian is not the information
  double max_step = 5.0;            ///< in standardised parameters; keeps a first step from overshooting
  Eigen::VectorXd constraint = {};  ///< constraint . theta keeps its start value; empty: none
  std::function<bool(const Eigen::VectorXd& step, const Evaluation& at)> stop_when = {};  ///< e.g. separation proved
};

enum class SearchOutcome { converged, stopped, failed };

struct Maximum {
  SearchOutcome outcome = SearchOutcome::failed;
  Eigen::VectorXd theta;
  Evaluation at;
  int iterations = 0;
};
/// Scoring with step halving from `start`.
Maximum maximise(const Evaluator& evaluator, const Eigen::VectorXd& start, const SearchOptions& options);

/// constraint vector that picks `term` (0 = intercept) in the data's units: constraint . theta = coefficient.
Eigen::VectorXd picks_term(const Scaling& scaling, Eigen::Index term);

/// The highest point with constraint . theta = value, searched from the predicted place on the ridge through `best`.
Maximum maximise_at(const Evaluator& evaluator, const Maximum& best, const SearchOptions& options, double value);

/// Limits of constraint . theta where the profile of `evaluator` falls by half the chi-square quantile.
ProfileInterval profile_limits(const Evaluator& evaluator, const Maximum& best, SearchOptions options, double level);

/// Inverse of a positive definite matrix; empty when it is not.
Eigen::MatrixXd inverse_or_empty(const Eigen::MatrixXd& matrix);

}  // namespace cemscope::analysis::engine
