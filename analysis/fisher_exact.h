#pragma once

#include <optional>

#include "analysis/contingency.h"

namespace cemscope::analysis {

struct FisherExact {
  double two_sided_p = 1.0;
  std::optional<double> conditional_or;   ///< empty = infinite
  std::optional<double> ci_low, ci_high;  ///< empty = infinite
};

/// `full` solves for the odds ratios to double precision; `as_r` stops where R's uniroot does (1.2e-4 on the ratio or its inverse), so that
/// the printed figures are R's.
enum class RootSearch { full, as_r };

/// Fisher's exact test of a 2 x 2 table of whole numbers, with the conditional maximum-likelihood odds ratio and its 95% limits
/// (noncentral hypergeometric distribution; the two-sided P sums all tables no more probable than the one seen).
FisherExact fisher_exact(const TwoByTwo& table, RootSearch search);

}  // namespace cemscope::analysis
