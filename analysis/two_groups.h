#pragma once

#include <optional>
#include <vector>

#include "analysis/contingency.h"

namespace cemscope::analysis {

/// Size, mean and sample standard deviation of a group, in the variable's unit.
struct GroupSummary {
  double n = 0, mean = 0, sd = 0;
};

struct TTest {
  double t = 0, df = 0, p = 1;
  Interval ci;  ///< of mean(1) - mean(0), 95%
};

struct LeveneTest {
  double f = 0, df1 = 0, df2 = 0, p = 1;
};

struct MannWhitney {
  double u1 = 0;             ///< U of group 1: pairs in which it is larger, ties half
  double z_uncorrected = 0;  ///< tie-corrected variance, no continuity correction
  double p_asymptotic_uncorrected = 1, p_asymptotic_corrected = 1;
};

/// Two groups compared as the study did, and as it should have. Statistics that do not exist (no spread, n < 2) are empty.
struct TwoGroupAnalysis {
  GroupSummary group1, group0;
  double mean_diff = 0;
  std::optional<TTest> t_pooled, t_welch;
  std::optional<LeveneTest> levene_mean, levene_median;
  std::optional<MannWhitney> mann_whitney;
  std::optional<double> shapiro_p1, shapiro_p0;
  std::optional<double> cohen_d;  ///< by the pooled standard deviation
};

/// Sum, then mean and standard deviation in two passes; n = 0 gives zeros, n = 1 gives sd 0.
GroupSummary summarise(const std::vector<double>& values);

/// Student's t from printed summaries, group 1 minus group 0; empty when there is no spread or a group has fewer than 2.
std::optional<TTest> t_test_pooled(const GroupSummary& group1, const GroupSummary& group0);
std::optional<TTest> t_test_welch(const GroupSummary& group1, const GroupSummary& group0);

enum class LeveneCentre { mean, median };
std::optional<LeveneTest> levene_test(const std::vector<double>& group1, const std::vector<double>& group0, LeveneCentre centre);

std::optional<MannWhitney> mann_whitney_test(const std::vector<double>& group1, const std::vector<double>& group0);

/// P of Shapiro and Wilk's test by Royston 1995 (AS R94); empty for n < 3, n > 5000 or no spread.
std::optional<double> shapiro_wilk_p(std::vector<double> values);

TwoGroupAnalysis compare_groups(const std::vector<double>& group1, const std::vector<double>& group0);

/// Ranks 1..n, ties averaged.
std::vector<double> midranks(const std::vector<double>& values);

}  // namespace cemscope::analysis
