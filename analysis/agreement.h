#pragma once

#include <optional>
#include <vector>

#include <Eigen/Core>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// A share of counted things with Wilson's 95% limits; value and limits are empty when nothing was counted.
struct Share {
  double of = 0, n = 0;
  std::optional<double> value;
  std::optional<Interval> ci;
};
Share share_of(double of, double n);

/// Yes/no answers against the truth.
struct AnswersAgainstTruth {
  double true_yes = 0, false_no = 0, true_no = 0, false_yes = 0;
  [[nodiscard]] double total() const { return true_yes + false_no + true_no + false_yes; }
};

/// Chance-corrected agreement of two raters who sort the same things into the same categories. Limits are kappa -/+ 1.96 of the
/// large-sample standard error of Fleiss, Cohen & Everitt 1969, cut to [-1, 1]; empty when all agree, where that error is zero whatever n
/// is.
struct Kappa {
  double kappa = 0, se = 0, observed = 0, expected = 0;
  std::optional<Interval> ci;
};
enum class KappaWeights { none, linear, quadratic };

/// Cohen's kappa of a square table of counts, weighted by the categories' distance when asked. Empty when chance alone agrees in all: both
/// raters used one and the same category, or there is nothing. Throws std::invalid_argument for a table that is not square.
std::optional<Kappa> cohen_kappa(const Eigen::MatrixXd& counts, KappaWeights weights = KappaWeights::none);

/// Share of the variance between measured things, of single ratings in a two-way layout, with 95% limits (McGraw & Wong 1996).
struct IntraclassCorrelation {
  double icc = 0;
  Interval ci;
};

/// ICC(A,1), absolute agreement, raters random (Shrout & Fleiss's ICC(2,1)); one row per thing, one column per rater. Empty for fewer than
/// two rows or columns, or when nothing varies.
std::optional<IntraclassCorrelation> icc_agreement(const Eigen::MatrixXd& ratings);

/// ICC(C,1), consistency, raters fixed (ICC(3,1)): what remains when a constant difference of the raters is forgiven.
std::optional<IntraclassCorrelation> icc_consistency(const Eigen::MatrixXd& ratings);

/// Differences of two methods (Bland & Altman 1986, 1999): bias, limits of agreement bias -/+ 1.96 SD, and 95% limits of each; standard
/// error of a limit of agreement SD sqrt(1/n + 1.96^2 / (2 (n - 1))), t with n - 1 degrees of freedom.
struct BlandAltman {
  double n = 0, bias = 0, sd = 0, lower = 0, upper = 0;
  Interval bias_ci, lower_ci, upper_ci;
};
/// Empty for fewer than two differences.
std::optional<BlandAltman> bland_altman(const std::vector<double>& differences);

/// A median with distribution-free limits: the narrowest pair of order statistics, as far from both ends, that holds it with at least 95%
/// (Conover 1999, ch. 3.2). Values are not empty; below six there are no such limits.
struct Median {
  double value = 0;
  std::optional<Interval> ci;
};
Median median_of(std::vector<double> values);

}  // namespace cemscope::analysis
