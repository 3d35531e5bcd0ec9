// One-predictor logistic fit with the starting values, stopping rule and (one step stale) weights of R's glm, see logistic.h.
#include <cmath>

#include <Eigen/Dense>

#include "analysis/logistic.h"

namespace cemscope::analysis {
namespace {

// Binomial deviance summed as R does: the stopping rule looks at its last digits.
double deviance(const Eigen::VectorXd& y, const Eigen::VectorXd& p, const Eigen::VectorXd& w) {
  long double sum = 0;
  for (Eigen::Index i = 0; i < y.size(); ++i) sum += 2 * w(i) * (y(i) > 0.5 ? std::log(1 / p(i)) : std::log(1 / (1 - p(i))));
  return static_cast<double>(sum);
}

double r_inverse_logit(double x) {
  const double e = std::exp(x);
  return e / (1 + e);
}

struct Step {
  RFit fit;
  Eigen::VectorXd lp;
};

// Weighted least squares of the working response on (1, x) by Householder's QR, as glm.fit does; x may be null.
Step least_squares(const Eigen::VectorXd* x, const Eigen::VectorXd& z, const Eigen::VectorXd& w) {
  const Eigen::VectorXd root = w.cwiseSqrt();
  Eigen::MatrixXd design(z.size(), x ? 2 : 1);
  design.col(0).setOnes();
  if (x) design.col(1) = *x;
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(root.asDiagonal() * design);
  const Eigen::VectorXd beta = qr.solve(root.cwiseProduct(z));
  const Eigen::MatrixXd r = qr.matrixQR().topRows(design.cols()).triangularView<Eigen::Upper>();
  const Eigen::MatrixXd inverse = r.inverse();
  const Eigen::VectorXd se = inverse.rowwise().norm();
  return {{x ? beta(1) : 0, x ? se(1) : 0, beta(0), se(0)}, design * beta};
}

// glm.fit: working response, weighted fit, deviance; the standard errors are those of the weights it last fitted with.
std::optional<RFit> iterate(const Eigen::VectorXd* x, const Eigen::VectorXd& y, const Eigen::VectorXd& w, const Eigen::VectorXd& offset) {
  Eigen::VectorXd p = (w.array() * y.array() + 0.5) / (w.array() + 1);
  Eigen::VectorXd lp = (p.array() / (1 - p.array())).log();
  double old = deviance(y, p, w);
  for (int iteration = 0; iteration < 50; ++iteration) {
    const Eigen::VectorXd variance = p.array() * (1 - p.array());
    const Eigen::VectorXd z = (lp - offset).array() + (y - p).array() / variance.array();
    const auto step = least_squares(x, z, w.array() * variance.array());
    lp = step.lp + offset;
    p = lp.unaryExpr([](double v) { return r_inverse_logit(v); });
    const double now = deviance(y, p, w);
    if (!std::isfinite(now)) return std::nullopt;
    if (std::abs(now - old) / (std::abs(now) + 0.1) < 1e-15) return step.fit;
    old = now;
  }
  return std::nullopt;
}

// R's way takes a dozen copies of the data; with more rows than these nobody compares the ninth digit.
constexpr Eigen::Index kMostRows = 200'000;

std::optional<RFit> exact_line(const Eigen::VectorXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd* weights) {
  const Eigen::MatrixXd design = x;
  const auto fit = fit_logistic({design, y, weights});
  if (fit.status != FitStatus::converged) return std::nullopt;
  return RFit{fit.coefficients(1), fit.standard_errors(1), fit.coefficients(0), fit.standard_errors(0)};
}

}  // namespace

std::optional<RFit> fit_line_as_r(const Eigen::VectorXd& x, const Eigen::VectorXd& y, const Eigen::VectorXd* weights) {
  if (x.size() > kMostRows) return exact_line(x, y, weights);
  const Eigen::VectorXd w = weights ? *weights : Eigen::VectorXd::Ones(y.size());
  return iterate(&x, y, w, Eigen::VectorXd::Zero(y.size()));
}

std::optional<RFit> fit_offset_as_r(const Eigen::VectorXd& offset, const Eigen::VectorXd& y) {
  if (y.size() > kMostRows) {
    const auto fit = fit_intercept_only(y, offset);
    return RFit{0, 0, fit.intercept, fit.standard_error};
  }
  return iterate(nullptr, y, Eigen::VectorXd::Ones(y.size()), offset);
}

}  // namespace cemscope::analysis
