#include "analysis/logistic_engine.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <boost/math/tools/roots.hpp>

#include "analysis/distributions.h"

namespace cemscope::analysis::engine {
namespace {

constexpr Eigen::Index kBlockRows = 512;  // a block of 20 columns stays in the second-level cache

double weight_of(const LogisticData& data, Eigen::Index row) { return data.weights ? (*data.weights)(row) : 1.0; }

// ln(1 + exp(x)) and the probability, from one exponential.
struct LogisticValue {
  double p, softplus;
};
LogisticValue logistic_value(double x) {
  const double e = std::exp(-std::abs(x)), l = std::log1p(e);
  return x >= 0 ? LogisticValue{1 / (1 + e), x + l} : LogisticValue{e / (1 + e), l};
}

void add_block(const LogisticData& data, const Eigen::MatrixXd& z, Eigen::Index first, const Eigen::VectorXd& theta, Evaluation& sum) {
  Eigen::VectorXd lp = z * theta;
  if (data.offset) lp += data.offset->segment(first, z.rows());
  Eigen::VectorXd residual(z.rows()), root(z.rows());
  for (Eigen::Index i = 0; i < z.rows(); ++i) {
    const double w = weight_of(data, first + i), y = data.y(first + i);
    const auto value = logistic_value(lp(i));
    sum.loglik += w * (y * lp(i) - value.softplus);
    residual(i) = w * (y - value.p);
    root(i) = std::sqrt(w * value.p * (1 - value.p));
    if (w > 0) sum.max_abs_lp = std::max(sum.max_abs_lp, std::abs(lp(i)));
  }
  sum.gradient.noalias() += z.transpose() * residual;
  const Eigen::MatrixXd weighted = root.asDiagonal() * z;
  sum.information.selfadjointView<Eigen::Lower>().rankUpdate(weighted.transpose());
}

// Orthonormal directions that leave constraint . theta alone; all directions without a constraint.
Eigen::MatrixXd free_directions(const SearchOptions& options, Eigen::Index n) {
  if (options.constraint.size() == 0) return Eigen::MatrixXd::Identity(n, n);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(options.constraint);
  return (qr.householderQ() * Eigen::MatrixXd::Identity(n, n)).rightCols(n - 1);
}

// Scoring step within the free directions; empty when the information is not positive definite.
Eigen::VectorXd scoring_step(const Evaluation& at, const Eigen::MatrixXd& free, double max_step) {
  if (free.cols() == 0) return Eigen::VectorXd::Zero(free.rows());
  const Eigen::LLT<Eigen::MatrixXd> llt(free.transpose() * at.information * free);
  if (llt.info() != Eigen::Success) return {};
  Eigen::VectorXd step = free * llt.solve(free.transpose() * at.gradient);
  if (!step.allFinite()) return {};
  const double largest = step.cwiseAbs().maxCoeff();
  if (largest > max_step) step *= max_step / largest;
  return step;
}

// The step, halved until the (penalised) likelihood does not fall.
bool take_step(const Evaluator& evaluator, Maximum& now, Eigen::VectorXd& step) {
  for (int half = 0; half < 40; ++half, step *= 0.5) {
    const Eigen::VectorXd next = now.theta + step;
    auto at = evaluator(next);
    if (std::isfinite(at.loglik) && at.loglik >= now.at.loglik - 1e-10 * (1 + std::abs(now.at.loglik))) {
      now.theta = next;
      now.at = std::move(at);
      return true;
    }
  }
  return false;
}

// Broyden-Fletcher-Goldfarb-Shanno update of an inverse Hessian; left alone where the curvature is not that of a maximum.
void learn(Eigen::MatrixXd& inverse, const Eigen::VectorXd& step, const Eigen::VectorXd& gradient_change) {
  const double curvature = -step.dot(gradient_change);
  if (!(curvature > 1e-300)) return;
  const Eigen::VectorXd y = -gradient_change, hy = inverse * y;
  inverse +=
      (1 + y.dot(hy) / curvature) / curvature * step * step.transpose() - (hy * step.transpose() + step * hy.transpose()) / curvature;
}

// What a step may still gain in log likelihood: 1e-18 is 1e-9 standard errors, near the precision of the sums.
constexpr double kSmallGain = 1e-18;

// Quasi-Newton ascent in the free directions; starts over from the information when it stalls.
Maximum climb_by_learning(const Evaluator& evaluator, const Eigen::VectorXd& start, const Eigen::MatrixXd& free,
                          const SearchOptions& options) {
  const auto inverse_information = [&](const Evaluation& at) { return inverse_or_empty(free.transpose() * at.information * free); };
  Maximum now;
  now.theta = start;
  now.at = evaluator(start);
  Eigen::MatrixXd inverse = inverse_information(now.at);
  bool fresh = true;
  for (now.iterations = 1; now.iterations <= options.max_iterations && inverse.size() > 0; ++now.iterations) {
    const Eigen::VectorXd gradient = free.transpose() * now.at.gradient, wanted = inverse * gradient;
    const double gain = wanted.dot(gradient), largest = wanted.size() > 0 ? wanted.cwiseAbs().maxCoeff() : 0;
    const bool small = gain <= kSmallGain || largest <= options.step_tolerance;
    Eigen::VectorXd step = free * wanted * (largest > options.max_step ? options.max_step / largest : 1.0);
    if (!small && take_step(evaluator, now, step)) {
      learn(inverse, free.transpose() * step, free.transpose() * now.at.gradient - gradient);
      fresh = false;
    } else if (fresh) {  // at the likelihood's precision, or no way up
      now.outcome = small || gain < 1e-9 ? SearchOutcome::converged : SearchOutcome::failed;
      return now;
    } else {
      inverse = inverse_information(now.at);
      fresh = true;
    }
  }
  return now;
}

}  // namespace

Scaling scaling_of(const LogisticData& data) {
  const double n = static_cast<double>(data.x.rows());
  Scaling scaling;
  scaling.shift = data.x.colwise().mean().transpose();
  scaling.scale = Eigen::VectorXd::Ones(data.x.cols());
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    const double sd = std::sqrt((data.x.col(j).array() - scaling.shift(j)).square().sum() / n);
    if (sd > 0) scaling.scale(j) = sd;
  }
  return scaling;
}

Eigen::VectorXd to_original(const Scaling& scaling, const Eigen::VectorXd& theta) {
  Eigen::VectorXd coefficients = theta;
  coefficients.tail(scaling.scale.size()).array() /= scaling.scale.array();
  coefficients(0) -= coefficients.tail(scaling.scale.size()).dot(scaling.shift);
  return coefficients;
}

Eigen::VectorXd to_standardised(const Scaling& scaling, const Eigen::VectorXd& coefficients) {
  Eigen::VectorXd theta = coefficients;
  theta(0) += coefficients.tail(scaling.scale.size()).dot(scaling.shift);
  theta.tail(scaling.scale.size()).array() *= scaling.scale.array();
  return theta;
}

Eigen::MatrixXd covariance_to_original(const Scaling& scaling, const Eigen::MatrixXd& covariance) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols());
  for (Eigen::Index j = 0; j < scaling.scale.size(); ++j) {
    a(j + 1, j + 1) = 1 / scaling.scale(j);
    a(0, j + 1) = -scaling.shift(j) / scaling.scale(j);
  }
  return a * covariance * a.transpose();
}

void for_each_block(const LogisticData& data, const Scaling& scaling,
                    const std::function<void(const Eigen::MatrixXd&, Eigen::Index)>& visit) {
  Eigen::MatrixXd z;
  for (Eigen::Index first = 0; first < data.x.rows(); first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, data.x.rows() - first);
    z.resize(rows, data.x.cols() + 1);
    z.col(0).setOnes();
    for (Eigen::Index j = 0; j < data.x.cols(); ++j)
      z.col(j + 1) = (data.x.col(j).segment(first, rows).array() - scaling.shift(j)) / scaling.scale(j);
    visit(z, first);
  }
}

Evaluation evaluate(const LogisticData& data, const Scaling& scaling, const Eigen::VectorXd& theta) {
  Evaluation sum;
  sum.gradient = Eigen::VectorXd::Zero(theta.size());
  sum.information = Eigen::MatrixXd::Zero(theta.size(), theta.size());
  for_each_block(data, scaling, [&](const Eigen::MatrixXd& z, Eigen::Index first) { add_block(data, z, first, theta, sum); });
  sum.information.triangularView<Eigen::StrictlyUpper>() = sum.information.transpose();
  return sum;
}

Maximum maximise(const Evaluator& evaluator, const Eigen::VectorXd& start, const SearchOptions& options) {
  const auto free = free_directions(options, start.size());
  if (options.learn_curvature) return climb_by_learning(evaluator, start, free, options);
  Maximum now;
  now.theta = start;
  now.at = evaluator(start);
  for (now.iterations = 1; now.iterations <= options.max_iterations; ++now.iterations) {
    auto step = scoring_step(now.at, free, options.max_step);
    if (step.size() == 0) return now;
    if (options.stop_when && options.stop_when(step, now.at)) {
      now.outcome = SearchOutcome::stopped;
      return now;
    }
    if (!take_step(evaluator, now, step)) step.setZero();  // no uphill left at this precision
    if (step.cwiseAbs().maxCoeff() <= options.step_tolerance * (1 + now.theta.cwiseAbs().maxCoeff())) {
      now.outcome = SearchOutcome::converged;
      return now;
    }
  }
  return now;
}

Eigen::VectorXd picks_term(const Scaling& scaling, Eigen::Index term) {
  Eigen::VectorXd constraint = Eigen::VectorXd::Zero(scaling.scale.size() + 1);
  if (term > 0) {
    constraint(term) = 1 / scaling.scale(term - 1);
    return constraint;
  }
  constraint(0) = 1;
  constraint.tail(scaling.scale.size()) = -scaling.shift.cwiseQuotient(scaling.scale);
  return constraint;
}

Maximum maximise_at(const Evaluator& evaluator, const Maximum& best, const SearchOptions& options, double value) {
  const Eigen::LLT<Eigen::MatrixXd> llt(best.at.information);
  const Eigen::VectorXd along = llt.solve(options.constraint);
  const double change = value - options.constraint.dot(best.theta);
  return maximise(evaluator, best.theta + along * (change / options.constraint.dot(along)), options);
}

namespace {

// Farther than this many standard errors out, a penalised likelihood can have a second ridge.
constexpr double kFarOut = 3.0;

// The highest of the maxima reached from `near` and from starts to either side of it in every other parameter.
Maximum highest_at(const Evaluator& evaluator, const Maximum& near, const Eigen::VectorXd& side, const SearchOptions& options,
                   double value) {
  auto best = maximise_at(evaluator, near, options, value);
  if (side.size() == 0) return best;
  for (Eigen::Index j = 0; j < side.size(); ++j)
    for (const double sign : {-1.0, 1.0}) {
      Maximum start = near;
      start.theta(j) += sign * side(j);
      const auto found = maximise_at(evaluator, start, options, value);
      if (found.outcome == SearchOutcome::converged && found.at.loglik > best.at.loglik + 1e-9) best = found;
    }
  return best;
}

}  // namespace

ProfileInterval profile_limits(const Evaluator& evaluator, const Maximum& best, SearchOptions options, double level) {
  const double drop = chi_squared_quantile(level, 1.0), estimate = options.constraint.dot(best.theta);
  const Eigen::MatrixXd inverse = inverse_or_empty(best.at.information);
  if (inverse.size() == 0) return {};
  const double standard_error = std::sqrt(options.constraint.dot(inverse * options.constraint));
  const Eigen::VectorXd errors = inverse.diagonal().cwiseSqrt();
  options.max_iterations = std::max(options.max_iterations, 200);
  const auto limit = [&](double direction) -> std::optional<double> {
    Maximum near = best;  // the last point of the ridge is the best start for the next
    const auto excess = [&](double distance) {
      const bool far = options.learn_curvature && distance > kFarOut * standard_error;
      const Eigen::VectorXd side = far ? Eigen::VectorXd(errors * (distance / standard_error)) : Eigen::VectorXd();
      auto found = highest_at(evaluator, near, side, options, estimate + direction * distance);
      if (found.outcome == SearchOutcome::converged) near = found;
      return 2 * (best.at.loglik - found.at.loglik) - drop;
    };
    double inside = 0, outside = normal_quantile(0.5 + level / 2) * standard_error, at_inside = -drop, at_outside = excess(outside);
    for (int i = 0; i < 30 && at_outside < 0; ++i) {
      inside = outside;
      at_inside = at_outside;
      outside *= 1.5;
      at_outside = excess(outside);
    }
    if (!(at_outside >= 0)) return std::nullopt;
    std::uintmax_t iterations = 100;
    const auto root = boost::math::tools::toms748_solve(excess, inside, outside, at_inside, at_outside,
                                                        boost::math::tools::eps_tolerance<double>(42), iterations);
    return estimate + direction * 0.5 * (root.first + root.second);
  };
  return {limit(-1.0), limit(1.0)};
}

Eigen::MatrixXd inverse_or_empty(const Eigen::MatrixXd& matrix) {
  const Eigen::LLT<Eigen::MatrixXd> llt(matrix);
  if (llt.info() != Eigen::Success) return {};
  return llt.solve(Eigen::MatrixXd::Identity(matrix.rows(), matrix.cols()));
}

}  // namespace cemscope::analysis::engine
