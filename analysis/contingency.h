#pragma once

#include <optional>

#include <Eigen/Core>

namespace cemscope::analysis {

struct TestResult {
  double statistic = 0.0;
  double df = 0.0;
  double p = 1.0;
};

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

/// Counts of a binary exposure x against a binary outcome y. May be weighted (whole numbers for the exact test).
struct TwoByTwo {
  double x1_y1 = 0, x1_y0 = 0, x0_y1 = 0, x0_y0 = 0;
  [[nodiscard]] double total() const { return x1_y1 + x1_y0 + x0_y1 + x0_y0; }
};

/// What a cross table says. Infinite or undefined values (a zero cell) are empty; the Haldane-Anscombe and the conditional values remain.
struct TwoByTwoAnalysis {
  TwoByTwo table;
  double min_expected = 0.0;
  TestResult pearson, yates, likelihood_ratio, linear_by_linear;
  double fisher_two_sided_p = 1.0;
  std::optional<double> fisher_cond_mle_or;                                    ///< conditional maximum likelihood
  std::optional<double> fisher_ci_low, fisher_ci_high;                         ///< as R prints them: its root search stops at 1.2e-4
  std::optional<double> fisher_exact_or, fisher_exact_low, fisher_exact_high;  ///< the same, solved fully
  std::optional<double> odds_ratio, ln_or, se_ln_or;
  std::optional<Interval> or_ci_wald;
  double haldane_or = 1.0;
  Interval haldane_ci;
  double risk_diff = 0.0;  ///< share exposed among events minus share exposed among the others
  double phi = 0.0;        ///< absolute
};

/// All tests of a 2 x 2 table. Yates: |ad - bc| - n/2, not below 0 (R, SPSS). Linear-by-linear: (n-1)/n Pearson. Fisher: sum of the
/// tables no more probable than the one seen (with R's relative tolerance 1e-7); limits by the noncentral hypergeometric law. Above 200,000
/// possible tables Fisher's P is Pearson's and its limits stay empty.
/// Throws std::invalid_argument when a margin is empty.
TwoByTwoAnalysis analyse_two_by_two(const TwoByTwo& table);

/// Pearson's chi-square of an r x c table of counts; df 0 when a row or column total is empty everywhere but one.
TestResult pearson_chi_squared(const Eigen::MatrixXd& counts);

/// Score (Wilson 1927) and exact (Clopper-Pearson 1934) limits of a proportion of `events` in `n`.
Interval wilson_interval(double events, double n, double level = 0.95);
Interval exact_interval(double events, double n, double level = 0.95);

}  // namespace cemscope::analysis
