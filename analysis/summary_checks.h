#pragma once

#include <optional>
#include <string>

#include "analysis/contingency.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {

/// A number as printed: it stands for every value that rounds to it.
struct PrintedNumber {
  double value = 0;
  int decimals = 0;
  [[nodiscard]] double half_unit() const;
  [[nodiscard]] Interval box() const { return {value - half_unit(), value + half_unit()}; }
  /// Whether `exact` rounds (half either way) to the printed digits.
  [[nodiscard]] bool is_rounding_of(double exact) const;
  /// Whether cutting `exact` off gives the printed digits.
  [[nodiscard]] bool is_truncation_of(double exact) const;
};

/// A printed number from its text ("0.040" has three decimals). Throws std::invalid_argument for text that is no number.
PrintedNumber parse_printed(const std::string& text);

/// Mean and standard deviation of a group as printed.
struct PrintedGroup {
  double n = 0;
  PrintedNumber mean, sd;
  [[nodiscard]] GroupSummary summary() const { return {n, mean.value, sd.value}; }
};

/// Smallest and largest pooled t (group 1 minus group 0) that the rounding of means and standard deviations allows.
Interval t_range(const PrintedGroup& group1, const PrintedGroup& group0);

/// Variance ratio 1 / 0 and its two-sided P.
TestResult variance_ratio(const GroupSummary& group1, const GroupSummary& group0);

/// GRIM (Brown & Heathers 2017): can the mean of n whole numbers print like this?
bool grim_consistent(const PrintedNumber& mean, double n);

/// Smallest standard deviation that n whole numbers with this printed mean can have (the idea of GRIMMER, Anaya 2016).
double smallest_integer_sd(const PrintedNumber& mean, double n);

/// A logistic regression row as printed; what is not printed is empty. The interval is of the odds ratio.
struct PrintedCoefficient {
  PrintedNumber b, se;
  std::optional<PrintedNumber> wald, odds_ratio, p, ci_low, ci_high;
};

/// The coefficients and standard errors that print as all the row's figures at once: a convex polygon, given by its ranges and centroid.
struct CoefficientBox {
  double b = 0, se = 0;
  Interval b_range, se_range;
};
std::optional<CoefficientBox> consistent_coefficients(const PrintedCoefficient& row);

/// What normal scores with these means and standard deviations imply for a test "positive when score <= cut" (group 1: diseased).
struct BinormalRoc {
  double auc = 0.5, sens_at_cut = 0, spec_at_cut = 0, max_youden = 0;
};
BinormalRoc binormal_roc(const GroupSummary& diseased, const GroupSummary& healthy, double cut);
/// Range of the area over the rounding of the four figures.
Interval binormal_auc_range(const PrintedGroup& diseased, const PrintedGroup& healthy);

/// P(X >= x) for X hypergeometric: n drawn of `total` with `marked`.
double hypergeometric_upper(double x, double n, double marked, double total);
/// P(X >= x) for X binomial.
double binomial_upper(double x, double n, double p);

}  // namespace cemscope::analysis
