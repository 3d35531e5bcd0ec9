#include "imaging/spine/smoothing.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::spine {

std::vector<double> gaussian_smooth(const std::vector<double>& profile, double sigma) {
  if (sigma <= 0) return profile;
  const int n = static_cast<int>(profile.size()), half = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> kernel(half + 1), out(n);
  for (int d = 0; d <= half; ++d) kernel[d] = std::exp(-0.5 * d * d / (sigma * sigma));
  for (int q = 0; q < n; ++q) {
    double sum = 0, weight = 0;
    for (int d = std::max(-half, -q); d <= std::min(half, n - 1 - q); ++d)
      sum += kernel[std::abs(d)] * profile[q + d], weight += kernel[std::abs(d)];
    out[q] = sum / weight;
  }
  return out;
}

std::vector<double> running_median(const std::vector<double>& profile, int half) {
  const int n = static_cast<int>(profile.size());
  std::vector<double> out(n, kNoVote);
  for (int q = 0; q < n; ++q) {
    std::vector<double> votes;
    for (int r = std::max(0, q - half); r <= std::min(n - 1, q + half); ++r)
      if (profile[r] > kNoVote) votes.push_back(profile[r]);
    if (!votes.empty()) out[q] = quantile(std::move(votes), 0.5);
  }
  return interpolate_gaps(std::move(out), 0.0);
}

std::vector<double> interpolate_gaps(std::vector<double> profile, double fallback) {
  const int n = static_cast<int>(profile.size());
  int last = -1;
  for (int q = 0; q < n; ++q) {
    if (profile[q] <= kNoVote) continue;
    for (int r = last + 1; r < q; ++r)
      profile[r] = last < 0 ? profile[q] : profile[last] + (profile[q] - profile[last]) * (r - last) / (q - last);
    last = q;
  }
  for (int r = last + 1; r < n; ++r) profile[r] = last < 0 ? fallback : profile[last];
  return profile;
}

double quantile(std::vector<double> values, double q, double fallback) {
  if (values.empty()) return fallback;
  const auto k = static_cast<std::ptrdiff_t>(std::clamp(q, 0.0, 1.0) * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[k];
}

}  // namespace cemscope::imaging::spine
