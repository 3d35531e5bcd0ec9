#pragma once

#include <vector>

#include <Eigen/Core>

#include "analysis/logistic.h"

namespace cemscope::analysis {

/// 1 / (1 - R^2) of each column on the others.
Eigen::VectorXd vif_linear(const Eigen::MatrixXd& x);

/// The same from the correlations of the estimates (car::vif): what counts for a logistic model.
Eigen::VectorXd vif_from_covariance(const Eigen::MatrixXd& covariance);

/// Largest condition index of (1, x) with columns scaled to unit length (Belsley, Kuh & Welsch 1980).
double largest_condition_index(const Eigen::MatrixXd& x);

/// What one case does to a fit.
struct CaseDiagnostics {
  double lp = 0, p = 0, se_lp = 0, leverage = 0, pearson_resid = 0, deviance_resid = 0, cooks = 0;
};
CaseDiagnostics diagnose_case(const LogisticData& data, const LogisticFit& fit, Eigen::Index row);

/// Explained variation and information criteria of a fit.
struct FitQuality {
  double minus2ll = 0, lr_chi2 = 0, lr_df = 0, lr_p = 1, aic = 0, bic = 0;
  double cox_snell = 0, nagelkerke = 0, mcfadden = 0, tjur = 0, shrinkage = 0;
};
FitQuality quality_of(const LogisticFit& fit, const Eigen::VectorXd& p, const LogisticData& data);

/// Cases by predicted (p >= cut) and true class.
struct Classification {
  double tp = 0, fp = 0, tn = 0, fn = 0;
};
Classification classify(const Eigen::VectorXd& p, const LogisticData& data, double cut);

}  // namespace cemscope::analysis
