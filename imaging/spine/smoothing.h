#pragma once

#include <vector>

namespace cemscope::imaging::spine {

/// A sample without a measurement; running_median and interpolate_gaps know it.
inline constexpr double kNoVote = -1e9;

/// Gaussian smoothing of a profile, sigma in samples, ends renormalised. sigma <= 0 returns the input. O(n sigma).
std::vector<double> gaussian_smooth(const std::vector<double>& profile, double sigma);

/// Median over +-half samples of those that voted; samples with no vote in reach take the nearest one's, 0 when nobody votes.
std::vector<double> running_median(const std::vector<double>& profile, int half);

/// kNoVote samples replaced by linear interpolation between their neighbours, held constant at the ends; `fallback` when nobody votes.
std::vector<double> interpolate_gaps(std::vector<double> profile, double fallback);

/// Quantile (0-1) of the values, by copy; `fallback` when empty. O(n).
double quantile(std::vector<double> values, double q, double fallback = 0.0);

}  // namespace cemscope::imaging::spine
