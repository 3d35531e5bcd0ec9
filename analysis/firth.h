#pragma once

#include <Eigen/Core>

#include "analysis/logistic.h"

namespace cemscope::analysis {

/// Firth's penalised likelihood (Firth 1993; Heinze & Schemper 2002): finite under separation. Standard errors are from the unpenalised
/// information at the estimate (as logistf and brglm2 give them); tests and limits are those of the penalised profile likelihood.
struct FirthFit {
  FitStatus status = FitStatus::not_converged;
  Eigen::VectorXd coefficients, standard_errors;
  Eigen::MatrixXd covariance;
  double penalised_loglik = 0;  ///< loglik + ln det(X'WX) / 2 in the data's units
  double flic_intercept = 0;    ///< intercept refitted so that mean prediction = share of events (Puhr et al. 2017)
  int iterations = 0;
};
FirthFit fit_firth(const LogisticData& data);

/// Penalised likelihood-ratio chi-square of term = 0 (0 = intercept), the penalty being that of the full model.
double firth_likelihood_ratio(const LogisticData& data, const FirthFit& fit, Eigen::Index term);

/// Profile limits of the penalised likelihood.
ProfileInterval firth_profile_interval(const LogisticData& data, const FirthFit& fit, Eigen::Index term, double level = 0.95);

}  // namespace cemscope::analysis
