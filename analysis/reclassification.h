#pragma once

#include <Eigen/Core>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// A new model's predictions against an old one's on the same patients (Pencina 2008, 2011). The net reclassification improvement is
/// raised by models that are merely miscalibrated (Hilden & Gerds 2014; Pepe 2015): never report it without calibration and net benefit.
struct Reclassification {
  double nri_events = 0, nri_others = 0;  ///< continuous: share moved up minus down among events; down minus up among the others
  double nri = 0, nri_se = 0, nri_p = 1;
  double idi = 0, idi_se = 0, idi_p = 1;  ///< integrated discrimination improvement
};

/// Probabilities of both models, outcomes 0/1 with both classes present.
Reclassification reclassify(const Eigen::VectorXd& p_old, const Eigen::VectorXd& p_new, const Eigen::VectorXd& y);

/// How a published model has to be changed for local patients, by the closed test of Vergouwe et al. 2017: the simplest change that the
/// next larger one does not improve significantly.
enum class Recalibration { keep, intercept, intercept_and_slope, refit };
struct RecalibrationTest {
  double minus2ll_original = 0, minus2ll_intercept = 0, minus2ll_logistic = 0, minus2ll_refit = 0;
  TestResult refit_against_original, refit_against_intercept, refit_against_logistic;
  Recalibration advised = Recalibration::keep;
};

/// From the published model's linear predictor and the log likelihood of a refit with `n_parameters` (intercept included).
RecalibrationTest test_recalibration(const Eigen::VectorXd& lp, const Eigen::VectorXd& y, double loglik_refit, Eigen::Index n_parameters);

}  // namespace cemscope::analysis
