#pragma once

#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// Cases with neighbouring predictions.
struct RiskGroup {
  double n = 0, observed = 0, expected = 0;
  [[nodiscard]] double mean_p() const { return expected / n; }
};

/// Cut points at the type-7 deciles, right-closed, equal ones merged (ResourceSelection::hoslem.test).
std::vector<RiskGroup> group_by_quantiles(const Eigen::VectorXd& p, const Eigen::VectorXd& y, int groups = 10);

/// Groups of equal size by rank, ties in file order: the table under a calibration plot.
std::vector<RiskGroup> group_by_rank(const Eigen::VectorXd& p, const Eigen::VectorXd& y, int groups);

/// SAS PROC LOGISTIC LACKFIT: groups of floor(n / 10 + 1/2), cases of equal p (12 digits) kept together, a last small group merged.
std::vector<RiskGroup> group_by_sas(const Eigen::VectorXd& p, const Eigen::VectorXd& y);

/// Hosmer and Lemeshow's chi-square; empty with fewer than 3 groups. `degrees_taken` 2 for the data of the fit, 0 for external data.
/// By R's rule the degrees of freedom follow the `nominal` number of groups.
struct HosmerLemeshow {
  double chi2 = 0, df = 0, p = 1;
  std::vector<RiskGroup> groups;
};
std::optional<HosmerLemeshow> hosmer_lemeshow(const std::vector<RiskGroup>& groups, double df);

struct Calibration {
  double slope = 0, slope_se = 0, intercept = 0, intercept_se = 0;  ///< logistic regression of y on the linear predictor
  bool slope_exists = false;                                        ///< false when y on lp separates
  double citl = 0, citl_se = 0;                                     ///< intercept with the slope held at 1
  double observed_expected = 0, brier = 0, brier_max = 0, brier_scaled = 0, mean_p = 0;
  double spiegelhalter_z = 0, log_loss = 0;
  std::vector<RiskGroup> groups;  ///< tenths by rank
};

/// Calibration of predictions 1 / (1 + exp(-lp)) against outcomes 0/1, both classes present.
Calibration calibrate(const Eigen::VectorXd& lp, const Eigen::VectorXd& y);

/// A smooth calibration curve: logistic regression of y on a restricted cubic spline of lp (4 knots), with its pointwise 95% band,
/// and the integrated calibration index (mean |p - curve|; Austin & Steyerberg 2019). Empty when the fit does not converge.
struct CalibrationCurve {
  std::vector<double> predicted, observed, low, high;
  double ici = 0, e50 = 0, e90 = 0;
};
std::optional<CalibrationCurve> calibration_curve(const Eigen::VectorXd& lp, const Eigen::VectorXd& y);

/// Net benefit of treating at p >= threshold (Vickers & Elkin 2006).
struct NetBenefit {
  double threshold = 0, net_benefit = 0, treat_all = 0, tpr = 0, fpr = 0;
};

/// At each threshold; prevalence empty = that of the sample.
std::vector<NetBenefit> decision_curve(const Eigen::VectorXd& p, const Eigen::VectorXd& y, const std::vector<double>& thresholds,
                                       std::optional<double> prevalence = std::nullopt);

/// Quantile of type 7 (R's default) of sorted values.
double quantile_sorted(const std::vector<double>& sorted, double probability);

}  // namespace cemscope::analysis
