#pragma once

#include <optional>
#include <vector>

#include <Eigen/Core>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// Which end of a score means the event. `larger` is pROC's "<", `smaller` its ">".
enum class RocDirection { larger, smaller };

/// An operating point: positive = score beyond the threshold. Thresholds are midpoints of neighbouring values, plus infinite ends.
struct RocPoint {
  double threshold = 0, sens = 0, spec = 0;
  double tp = 0, fp = 0, tn = 0, fn = 0;
  [[nodiscard]] double youden() const { return sens + spec - 1; }
};

/// A ROC curve with every usual standard error, named. Ties are found after rounding scores to 12 significant digits.
struct RocAnalysis {
  RocDirection direction = RocDirection::larger;
  double n_pos = 0, n_neg = 0, auc = 0.5;
  double delong_var = 0, delong_se = 0;     ///< DeLong, DeLong & Clarke-Pearson 1988
  Interval delong_ci;                       ///< normal, cut to [0, 1] as pROC does
  std::optional<Interval> delong_ci_logit;  ///< empty at AUC 0 or 1
  double spss_nonparametric_se = 0;         ///< Hanley & McNeil 1982 with empirical Q1, Q2 and ties / 3
  Interval spss_ci;
  double se_simple_midrank = 0;         ///< the same with ties / 4
  double spss_null_se = 0, spss_p = 1;  ///< standard error under AUC = 1/2 and its two-sided P
  double hanley_mcneil_exponential_se = 0;
  std::vector<RocPoint> youden;  ///< all points with the largest J, from sensitive to specific
  std::vector<RocPoint> points;  ///< from sensitivity 1 to 0; thinned evenly above 5,000
};

/// Scores against outcome 0/1; `weights` are frequencies (> 0) or null. Throws std::invalid_argument when a class is empty.
RocAnalysis analyse_roc(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, RocDirection direction,
                        const Eigen::VectorXd* weights = nullptr);

/// The direction that gives AUC >= 1/2; `larger` on a draw.
RocDirection better_direction(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, const Eigen::VectorXd* weights = nullptr);

/// The AUC alone (larger = event), for loops; weights may be zero.
double auc_of(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, const Eigen::VectorXd* weights = nullptr);

/// Two scores of the same patients (both larger = event): DeLong's paired test.
struct PairedRoc {
  double auc1 = 0, auc2 = 0, difference = 0, se = 0, z = 0, p = 1;
  Interval ci;
};
PairedRoc compare_paired_roc(const Eigen::VectorXd& score1, const Eigen::VectorXd& score2, const Eigen::VectorXd& outcome);

/// The two halves of it, for one score against many: every case's placement (share of the other class it beats, ties half), and the test.
Eigen::VectorXd placements(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome);
PairedRoc compare_placements(const Eigen::VectorXd& placements1, const Eigen::VectorXd& placements2, const Eigen::VectorXd& outcome);

/// `value` rounded to 12 significant digits, so that equal scores computed by different routes tie.
double rounded_score(double value);

}  // namespace cemscope::analysis
