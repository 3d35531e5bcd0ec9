// How well a model predicts: on patients as they are, and on imputed copies of them.
#include <cmath>

#include "analysis/risk.h"
#include "src/statistics/fit_analysis.h"

namespace cemscope::statistics {
namespace {

Eigen::VectorXd probabilities(const Eigen::VectorXd& lp) {
  return lp.unaryExpr([](double v) { return analysis::inverse_logit(v); });
}

double logit(double p) { return std::log(p / (1 - p)); }

// The band `factor` times as wide on the scale of the logit.
void widen(analysis::CalibrationCurve& curve, double factor) {
  const auto moved = [&](double limit, double middle) {
    const double farther = analysis::inverse_logit(logit(middle) + factor * (logit(limit) - logit(middle)));
    return std::isfinite(farther) ? farther : limit;
  };
  for (std::size_t i = 0; i < curve.observed.size(); ++i) {
    curve.low[i] = moved(curve.low[i], curve.observed[i]);
    curve.high[i] = moved(curve.high[i], curve.observed[i]);
  }
}

Eigen::VectorXd stacked(const std::vector<Eigen::VectorXd>& copies) {
  Eigen::VectorXd all(copies.front().size() * Eigen::Index(copies.size()));
  Eigen::Index at = 0;
  for (const auto& copy : copies) {
    all.segment(at, copy.size()) = copy;
    at += copy.size();
  }
  return all;
}

}  // namespace

std::vector<double> fine_thresholds() {
  std::vector<double> fine;
  for (int percent = 1; percent < 100; ++percent) fine.push_back(percent / 100.0);
  return fine;
}

const std::vector<double>& printed_thresholds() {
  static const std::vector<double> thresholds = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5};
  return thresholds;
}

Performance performance_of(const Eigen::VectorXd& lp, const Eigen::VectorXd& y) {
  Performance performance;
  const Eigen::VectorXd p = probabilities(lp);
  performance.roc = analysis::analyse_roc(p, y, analysis::RocDirection::larger);
  performance.calibration = analysis::calibrate(lp, y);
  if (lp.size() >= 50) performance.curve = analysis::calibration_curve(lp, y);  // fewer patients bear no smooth curve
  performance.decision = analysis::decision_curve(p, y, printed_thresholds());
  performance.decision_fine = analysis::decision_curve(p, y, fine_thresholds());
  return performance;
}

Performance performance_of_copies(const std::vector<Eigen::VectorXd>& predictors, const Eigen::VectorXd& y) {
  const double n_copies = double(predictors.size()), wider = std::sqrt(n_copies);
  const Eigen::VectorXd lp = stacked(predictors), outcome = stacked(std::vector<Eigen::VectorXd>(predictors.size(), y));
  auto performance = performance_of(lp, outcome);
  const Eigen::VectorXd share = Eigen::VectorXd::Constant(lp.size(), 1 / n_copies);
  performance.roc = analysis::analyse_roc(probabilities(lp), outcome, analysis::RocDirection::larger, &share);
  for (auto& group : performance.calibration.groups) {
    group.n /= n_copies;
    group.observed /= n_copies;
    group.expected /= n_copies;
  }
  auto& c = performance.calibration;
  for (double* se : {&c.slope_se, &c.intercept_se, &c.citl_se}) *se *= wider;
  c.spiegelhalter_z /= wider;
  if (performance.curve) widen(*performance.curve, wider);
  return performance;
}

}  // namespace cemscope::statistics
