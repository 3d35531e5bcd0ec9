#include "analysis/diagnostics.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "analysis/distributions.h"
#include "analysis/logistic_engine.h"
#include "analysis/risk.h"

namespace cemscope::analysis {
namespace {

double weight_of(const LogisticData& data, Eigen::Index i) { return data.weights ? (*data.weights)(i) : 1.0; }

// In one pass over blocks of rows: the design is never copied.
Eigen::MatrixXd correlations(const Eigen::MatrixXd& x) {
  const Eigen::VectorXd nothing = Eigen::VectorXd::Zero(x.rows());
  const LogisticData data{x, nothing};
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(x.cols() + 1, x.cols() + 1);
  engine::for_each_block(data, engine::scaling_of(data),
                         [&](const Eigen::MatrixXd& z, Eigen::Index) { gram.noalias() += z.transpose() * z; });
  const Eigen::MatrixXd products = gram.bottomRightCorner(x.cols(), x.cols());
  const Eigen::VectorXd sums = gram.col(0).tail(x.cols());
  const Eigen::MatrixXd central = products - sums * sums.transpose() / static_cast<double>(x.rows());
  const Eigen::VectorXd scale = central.diagonal().cwiseSqrt().cwiseInverse();
  return scale.asDiagonal() * central * scale.asDiagonal();
}

constexpr Eigen::Index kBlockRows = 4096;

// The triangle of a QR decomposition, block after block.
Eigen::MatrixXd triangle_of(const Eigen::MatrixXd& x, const Eigen::RowVectorXd& norms) {
  const Eigen::Index p = x.cols() + 1;
  Eigen::MatrixXd r(0, p);
  for (Eigen::Index first = 0; first < x.rows(); first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, x.rows() - first);
    Eigen::MatrixXd stack(r.rows() + rows, p);
    stack.topRows(r.rows()) = r;
    stack.col(0).tail(rows).setConstant(1 / norms(0));
    stack.bottomRightCorner(rows, x.cols()) = x.middleRows(first, rows).array().rowwise() / norms.tail(x.cols()).array();
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(stack);
    r = qr.matrixQR().topRows(std::min(p, stack.rows())).triangularView<Eigen::Upper>();
  }
  return r;
}

}  // namespace

Eigen::VectorXd vif_linear(const Eigen::MatrixXd& x) {
  if (x.cols() < 2) return Eigen::VectorXd::Ones(x.cols());
  return correlations(x).ldlt().solve(Eigen::MatrixXd::Identity(x.cols(), x.cols())).diagonal();
}

Eigen::VectorXd vif_from_covariance(const Eigen::MatrixXd& covariance) {
  const Eigen::Index p = covariance.rows() - 1;
  if (p < 2) return Eigen::VectorXd::Ones(p);
  const Eigen::MatrixXd slopes = covariance.bottomRightCorner(p, p);
  const Eigen::VectorXd scale = slopes.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd correlation = scale.asDiagonal() * slopes * scale.asDiagonal();
  return correlation.ldlt().solve(Eigen::MatrixXd::Identity(p, p)).diagonal();
}

double largest_condition_index(const Eigen::MatrixXd& x) {
  Eigen::RowVectorXd norms(x.cols() + 1);
  norms << std::sqrt(static_cast<double>(x.rows())), x.colwise().norm();
  const Eigen::MatrixXd r = triangle_of(x, norms);
  const Eigen::VectorXd singular = Eigen::JacobiSVD<Eigen::MatrixXd>(r).singularValues();
  return singular(0) / singular(singular.size() - 1);
}

CaseDiagnostics diagnose_case(const LogisticData& data, const LogisticFit& fit, Eigen::Index row) {
  Eigen::RowVectorXd z(data.x.cols() + 1);
  z << 1, data.x.row(row);
  CaseDiagnostics d;
  d.lp = z * fit.coefficients + (data.offset ? (*data.offset)(row) : 0.0);
  d.p = inverse_logit(d.lp);
  const double variance = (z * fit.covariance * z.transpose())(0, 0), y = data.y(row), w = weight_of(data, row);
  d.se_lp = std::sqrt(variance);
  d.leverage = w * d.p * (1 - d.p) * variance;
  d.pearson_resid = std::sqrt(w) * (y - d.p) / std::sqrt(d.p * (1 - d.p));
  d.deviance_resid = (y > 0.5 ? 1 : -1) * std::sqrt(-2 * w * (y > 0.5 ? std::log(d.p) : std::log1p(-d.p)));
  const double part = d.pearson_resid / (1 - d.leverage);
  d.cooks = part * part * d.leverage / static_cast<double>(z.size());
  return d;
}

FitQuality quality_of(const LogisticFit& fit, const Eigen::VectorXd& p, const LogisticData& data) {
  FitQuality q;
  const double k = static_cast<double>(fit.coefficients.size());
  q.minus2ll = -2 * fit.loglik;
  q.lr_chi2 = 2 * (fit.loglik - fit.loglik_null);
  q.lr_df = k - 1;
  q.lr_p = chi_squared_upper_p(q.lr_chi2, q.lr_df);
  q.aic = q.minus2ll + 2 * k;
  q.bic = q.minus2ll + k * std::log(fit.n);
  q.cox_snell = -std::expm1(-q.lr_chi2 / fit.n);
  q.nagelkerke = q.cox_snell / -std::expm1(2 * fit.loglik_null / fit.n);
  q.mcfadden = 1 - fit.loglik / fit.loglik_null;
  double in_events = 0, in_others = 0;
  for (Eigen::Index i = 0; i < p.size(); ++i) (data.y(i) > 0.5 ? in_events : in_others) += weight_of(data, i) * p(i);
  q.tjur = in_events / fit.events - in_others / (fit.n - fit.events);
  q.shrinkage = (q.lr_chi2 - q.lr_df) / q.lr_chi2;
  return q;
}

Classification classify(const Eigen::VectorXd& p, const LogisticData& data, double cut) {
  Classification c;
  for (Eigen::Index i = 0; i < p.size(); ++i) {
    const bool event = data.y(i) > 0.5, positive = p(i) >= cut;
    (positive ? (event ? c.tp : c.fp) : (event ? c.fn : c.tn)) += weight_of(data, i);
  }
  return c;
}

}  // namespace cemscope::analysis
