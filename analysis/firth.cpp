#include "analysis/firth.h"

#include <cmath>

#include <Eigen/Cholesky>

#include "analysis/logistic_engine.h"
#include "analysis/risk.h"

namespace cemscope::analysis {
namespace {

using engine::Evaluation;
using engine::Scaling;

// Adds Firth's term h (1/2 - p) to the score; h are the leverages at theta.
void add_bias_score(const LogisticData& data, const Scaling& scaling, const Eigen::VectorXd& theta, const Eigen::LLT<Eigen::MatrixXd>& llt,
                    Eigen::VectorXd& gradient) {
  engine::for_each_block(data, scaling, [&](const Eigen::MatrixXd& z, Eigen::Index first) {
    Eigen::VectorXd lp = z * theta;
    if (data.offset) lp += data.offset->segment(first, z.rows());
    const Eigen::MatrixXd half = llt.matrixL().solve(z.transpose());
    Eigen::VectorXd extra(z.rows());
    for (Eigen::Index i = 0; i < z.rows(); ++i) {
      const double w = data.weights ? (*data.weights)(first + i) : 1.0, p = inverse_logit(lp(i));
      extra(i) = w * p * (1 - p) * half.col(i).squaredNorm() * (0.5 - p);
    }
    gradient.noalias() += z.transpose() * extra;
  });
}

Evaluation evaluate_firth(const LogisticData& data, const Scaling& scaling, const Eigen::VectorXd& theta) {
  auto at = engine::evaluate(data, scaling, theta);
  const Eigen::LLT<Eigen::MatrixXd> llt(at.information);
  if (llt.info() != Eigen::Success) {
    at.loglik = -INFINITY;
    return at;
  }
  at.loglik += llt.matrixLLT().diagonal().array().log().sum() + scaling.scale.array().log().sum();
  add_bias_score(data, scaling, theta, llt, at.gradient);
  return at;
}

engine::SearchOptions patient_options() {
  engine::SearchOptions options;
  options.max_iterations = 500;
  options.step_tolerance = 1e-12;
  options.learn_curvature = true;  // the score steps of Firth's likelihood converge linearly, or not at all far from the maximum
  return options;
}

struct Restored {
  Scaling scaling;
  engine::Evaluator evaluator;
  engine::Maximum best;
};

Restored restored(const LogisticData& data, const FirthFit& fit) {
  Restored problem;
  problem.scaling = engine::scaling_of(data);
  problem.evaluator = [data, scaling = problem.scaling](const Eigen::VectorXd& theta) { return evaluate_firth(data, scaling, theta); };
  problem.best.theta = engine::to_standardised(problem.scaling, fit.coefficients);
  problem.best.at = problem.evaluator(problem.best.theta);
  return problem;
}

double intercept_for_calibration(const LogisticData& data, const Eigen::VectorXd& coefficients) {
  Eigen::VectorXd without = coefficients;
  without(0) = 0;
  const Eigen::VectorXd offset = linear_predictors(data, without);
  return fit_intercept_only(data.y, offset, data.weights).intercept;
}

}  // namespace

FirthFit fit_firth(const LogisticData& data) {
  FirthFit fit;
  const double events = data.weights ? data.weights->dot(data.y) : data.y.sum(),
               n = data.weights ? data.weights->sum() : double(data.y.size());
  if (!(events > 0) || !(events < n)) {
    fit.status = FitStatus::single_class;
    return fit;
  }
  const auto scaling = engine::scaling_of(data);
  const auto evaluator = [&](const Eigen::VectorXd& theta) { return evaluate_firth(data, scaling, theta); };
  const auto best = engine::maximise(evaluator, Eigen::VectorXd::Zero(data.x.cols() + 1), patient_options());
  const Eigen::MatrixXd inverse = engine::inverse_or_empty(best.at.information);
  fit.iterations = best.iterations;
  if (best.outcome != engine::SearchOutcome::converged || inverse.size() == 0) return fit;
  fit.status = FitStatus::converged;
  fit.coefficients = engine::to_original(scaling, best.theta);
  fit.covariance = engine::covariance_to_original(scaling, inverse);
  fit.standard_errors = fit.covariance.diagonal().cwiseSqrt();
  fit.penalised_loglik = best.at.loglik;
  fit.flic_intercept = intercept_for_calibration(data, fit.coefficients);
  return fit;
}

double firth_likelihood_ratio(const LogisticData& data, const FirthFit& fit, Eigen::Index term) {
  const auto problem = restored(data, fit);
  auto options = patient_options();
  options.constraint = engine::picks_term(problem.scaling, term);
  return std::max(0.0, 2 * (problem.best.at.loglik - engine::maximise_at(problem.evaluator, problem.best, options, 0).at.loglik));
}

ProfileInterval firth_profile_interval(const LogisticData& data, const FirthFit& fit, Eigen::Index term, double level) {
  const auto problem = restored(data, fit);
  auto options = patient_options();
  options.constraint = engine::picks_term(problem.scaling, term);
  return engine::profile_limits(problem.evaluator, problem.best, options, level);
}

}  // namespace cemscope::analysis
