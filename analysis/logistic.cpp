#include "analysis/logistic.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

#include "analysis/distributions.h"
#include "analysis/logistic_engine.h"
#include "analysis/risk.h"

namespace cemscope::analysis {
namespace {

using engine::Evaluation;
using engine::Maximum;
using engine::Scaling;

// Predictions this sure (1e-5) are worth a look for separation.
constexpr double kSuspiciousLp = 12.0;
// Sides closer to the border than this part of the largest count as on it.
constexpr double kBorderTolerance = 1e-5;

double total_weight(const LogisticData& data) { return data.weights ? data.weights->sum() : static_cast<double>(data.y.size()); }

double weighted_events(const LogisticData& data) { return data.weights ? data.weights->dot(data.y) : data.y.sum(); }

double loglik_of_share(double events, double n) {
  const double p = events / n;
  return events * std::log(p) + (n - events) * std::log1p(-p);
}

struct Sides {
  double smallest = 0, largest = 0;
  std::vector<Eigen::Index> on_border;
};

// How far the cases lie on their own side of the plane `direction`; negative = on the wrong side.
Sides sides_of(const LogisticData& data, const Scaling& scaling, const Eigen::VectorXd& direction) {
  Eigen::VectorXd side(data.y.size());
  engine::for_each_block(data, scaling, [&](const Eigen::MatrixXd& z, Eigen::Index first) {
    side.segment(first, z.rows()) = (z * direction).array() * (2 * data.y.segment(first, z.rows()).array() - 1);
  });
  if (data.weights) side = (data.weights->array() > 0).select(side, side.maxCoeff());  // rows a resample does not hold
  Sides s{side.minCoeff(), side.maxCoeff(), {}};
  for (Eigen::Index i = 0; i < side.size(); ++i)
    if (std::abs(side(i)) <= kBorderTolerance * s.largest) s.on_border.push_back(i);
  return s;
}

bool separates(const Sides& sides) { return sides.largest > 1e-3 && sides.smallest >= -kBorderTolerance * sides.largest; }

std::vector<InfiniteTerm> infinite_terms(const Scaling& scaling, const Eigen::VectorXd& direction) {
  const double largest = direction.cwiseAbs().maxCoeff();
  std::vector<InfiniteTerm> terms;
  const Eigen::VectorXd original = engine::to_original(scaling, direction);
  for (Eigen::Index j = 1; j < direction.size(); ++j)
    if (std::abs(direction(j)) > 1e-4 * largest) terms.push_back({j, direction(j) > 0 ? 1 : -1});
  if (std::abs(original(0)) > 1e-4 * largest) terms.insert(terms.begin(), {0, original(0) > 0 ? 1 : -1});
  return terms;
}

void fill_estimates(const Scaling& scaling, const Maximum& best, LogisticFit& fit) {
  const Eigen::MatrixXd inverse = engine::inverse_or_empty(best.at.information);
  fit.iterations = best.iterations;
  if (inverse.size() == 0) return;
  fit.status = FitStatus::converged;
  fit.coefficients = engine::to_original(scaling, best.theta);
  fit.covariance = engine::covariance_to_original(scaling, inverse);
  fit.standard_errors = fit.covariance.diagonal().cwiseSqrt();
  fit.loglik = best.at.loglik;
}

// The search as it stood at a fit's estimate.
struct Restored {
  Scaling scaling;
  engine::Evaluator evaluator;
  Maximum best;
};

Restored restored(const LogisticData& data, const Eigen::VectorXd& coefficients) {
  Restored problem;
  problem.scaling = engine::scaling_of(data);
  problem.evaluator = [data, scaling = problem.scaling](const Eigen::VectorXd& theta) { return engine::evaluate(data, scaling, theta); };
  problem.best.theta = engine::to_standardised(problem.scaling, coefficients);
  problem.best.at = problem.evaluator(problem.best.theta);
  return problem;
}

std::optional<FitStatus> refusal(const LogisticData& data, double events, double n) {
  if (!(events > 0) || !(events < n)) return FitStatus::single_class;
  if (data.x.cols() + 1 >= data.x.rows()) return FitStatus::more_parameters_than_observations;
  return std::nullopt;
}

Eigen::VectorXd start_at_share(Eigen::Index n_parameters, double share) {
  Eigen::VectorXd start = Eigen::VectorXd::Zero(n_parameters);
  start(0) = std::log(share / (1 - share));
  return start;
}

}  // namespace

std::string to_string(FitStatus status) {
  switch (status) {
    case FitStatus::converged: return "ok";
    case FitStatus::complete_separation: return "complete_separation";
    case FitStatus::quasi_complete_separation: return "quasi_complete_separation";
    case FitStatus::single_class: return "single_outcome_class";
    case FitStatus::more_parameters_than_observations: return "more_parameters_than_observations";
    case FitStatus::rank_deficient: return "rank_deficient";
    case FitStatus::not_converged: return "not_converged";
  }
  return {};
}

LogisticFit fit_logistic(const LogisticData& data) {
  LogisticFit fit;
  fit.n = total_weight(data);
  fit.events = weighted_events(data);
  if (const auto why = refusal(data, fit.events, fit.n)) {
    fit.status = *why;
    return fit;
  }
  fit.loglik_null = loglik_of_share(fit.events, fit.n);
  const auto scaling = engine::scaling_of(data);
  engine::SearchOptions options;
  Sides sides;
  Eigen::VectorXd direction;
  options.stop_when = [&](const Eigen::VectorXd& step, const Evaluation& at) {
    if (at.max_abs_lp < kSuspiciousLp) return false;
    sides = sides_of(data, scaling, step);
    direction = step;
    return separates(sides);
  };
  const auto evaluator = [&](const Eigen::VectorXd& theta) { return engine::evaluate(data, scaling, theta); };
  const auto best = engine::maximise(evaluator, start_at_share(data.x.cols() + 1, fit.events / fit.n), options);
  if (best.outcome == engine::SearchOutcome::stopped) {
    fit.status = sides.on_border.empty() ? FitStatus::complete_separation : FitStatus::quasi_complete_separation;
    fit.overlapping_rows = sides.on_border;
    fit.infinite_terms = infinite_terms(scaling, direction);
  }
  if (best.outcome == engine::SearchOutcome::converged) fill_estimates(scaling, best, fit);
  return fit;
}

std::optional<LimitFit> limit_under_separation(const LogisticData& data, const LogisticFit& fit) {
  const auto is_infinite = [&](Eigen::Index term) {
    return std::any_of(fit.infinite_terms.begin(), fit.infinite_terms.end(), [&](const InfiniteTerm& t) { return t.term == term; });
  };
  if (fit.overlapping_rows.empty() || is_infinite(0)) return std::nullopt;
  LimitFit limit{{0}, {}};
  std::vector<Eigen::Index> columns;
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    if (is_infinite(j + 1)) continue;
    columns.push_back(j);
    limit.terms.push_back(j + 1);
  }
  const Eigen::MatrixXd x = data.x(fit.overlapping_rows, columns);
  const Eigen::VectorXd y = data.y(fit.overlapping_rows);
  const Eigen::VectorXd weights = data.weights ? Eigen::VectorXd((*data.weights)(fit.overlapping_rows)) : Eigen::VectorXd::Ones(y.size());
  const auto rest = fit_logistic({x, y, &weights});
  if (rest.status != FitStatus::converged) return std::nullopt;
  limit.coefficients = rest.coefficients;
  return limit;
}

AliasedColumns find_aliased_columns(const Eigen::MatrixXd& x) {
  AliasedColumns aliased;
  const Eigen::VectorXd ones = Eigen::VectorXd::Zero(x.rows());
  const LogisticData data{x, ones};
  const auto scaling = engine::scaling_of(data);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(x.cols() + 1, x.cols() + 1);
  engine::for_each_block(data, scaling, [&](const Eigen::MatrixXd& z, Eigen::Index) { gram.noalias() += z.transpose() * z; });
  gram /= static_cast<double>(x.rows());
  std::vector<Eigen::Index> kept;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    if (x.col(j).maxCoeff() == x.col(j).minCoeff() || scaling.scale(j) < 1e-13 * std::abs(scaling.shift(j))) {
      aliased.constant.push_back(j);
      continue;
    }
    const Eigen::VectorXd with = gram(kept, std::vector<Eigen::Index>{j + 1});
    const Eigen::MatrixXd among = gram(kept, kept);
    const double left = gram(j + 1, j + 1) - (kept.empty() ? 0.0 : with.dot(among.ldlt().solve(with)));
    if (left < 1e-11) {
      aliased.dependent.push_back(j);
    } else {
      kept.push_back(j + 1);
    }
  }
  return aliased;
}

double likelihood_ratio_of_term(const LogisticData& data, const LogisticFit& fit, Eigen::Index column) {
  const auto problem = restored(data, fit.coefficients);
  engine::SearchOptions options;
  options.constraint = engine::picks_term(problem.scaling, column + 1);
  return std::max(0.0, 2 * (problem.best.at.loglik - engine::maximise_at(problem.evaluator, problem.best, options, 0).at.loglik));
}

ProfileInterval profile_interval(const LogisticData& data, const LogisticFit& fit, Eigen::Index term, double level) {
  const auto problem = restored(data, fit.coefficients);
  engine::SearchOptions options;
  options.constraint = engine::picks_term(problem.scaling, term);
  return engine::profile_limits(problem.evaluator, problem.best, options, level);
}

Eigen::VectorXd linear_predictors(const LogisticData& data, const Eigen::VectorXd& coefficients) {
  Eigen::VectorXd lp = (data.x * coefficients.tail(data.x.cols())).array() + coefficients(0);
  if (data.offset) lp += *data.offset;
  return lp;
}

Eigen::VectorXd robust_standard_errors(const LogisticData& data, const LogisticFit& fit) {
  const auto scaling = engine::scaling_of(data);
  const Eigen::VectorXd theta = engine::to_standardised(scaling, fit.coefficients);
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(theta.size(), theta.size());
  engine::for_each_block(data, scaling, [&](const Eigen::MatrixXd& z, Eigen::Index first) {
    Eigen::VectorXd residual = z * theta;
    if (data.offset) residual += data.offset->segment(first, z.rows());
    for (Eigen::Index i = 0; i < z.rows(); ++i) {
      const double w = data.weights ? (*data.weights)(first + i) : 1.0;
      residual(i) = w * (data.y(first + i) - inverse_logit(residual(i)));
    }
    const Eigen::MatrixXd score = residual.asDiagonal() * z;
    meat.noalias() += score.transpose() * score;
  });
  const Eigen::MatrixXd bread = engine::inverse_or_empty(engine::evaluate(data, scaling, theta).information);
  return engine::covariance_to_original(scaling, bread * meat * bread).diagonal().cwiseSqrt();
}

InterceptFit fit_intercept_only(const Eigen::VectorXd& y, const Eigen::VectorXd& offset, const Eigen::VectorXd* weights) {
  const Eigen::MatrixXd none(y.size(), 0);
  const LogisticData data{none, y, weights, &offset};
  const auto scaling = engine::scaling_of(data);
  const auto evaluator = [&](const Eigen::VectorXd& theta) { return engine::evaluate(data, scaling, theta); };
  const double n = weights ? weights->sum() : static_cast<double>(y.size()), share = (weights ? weights->dot(y) : y.sum()) / n;
  const Eigen::VectorXd start = Eigen::VectorXd::Constant(1, std::log(share / (1 - share)) - offset.mean());
  const auto best = engine::maximise(evaluator, start, {.max_iterations = 200});
  return {best.theta(0), 1 / std::sqrt(best.at.information(0, 0))};
}

}  // namespace cemscope::analysis
