#include "imaging/mri/order_statistics.h"

#include <algorithm>

#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {

float percentile(std::vector<float> sample, double share) {
  if (sample.empty()) return 0;
  const auto n = static_cast<std::ptrdiff_t>(share * (static_cast<double>(sample.size()) - 1));
  std::nth_element(sample.begin(), sample.begin() + n, sample.end());
  return sample[static_cast<std::size_t>(n)];
}

double mode_of_logs(const std::vector<float>& logs) {
  constexpr double kBin = 0.02, kSigma = 0.06;
  if (logs.empty()) return 0;
  const auto [low, high] = std::minmax_element(logs.begin(), logs.end());
  std::vector<double> histogram(static_cast<std::size_t>((*high - *low) / kBin) + 1, 0.0);
  for (const float value : logs) histogram[static_cast<std::size_t>((value - *low) / kBin)] += 1;
  const auto smooth = spine::gaussian_smooth(histogram, kSigma / kBin);
  const auto peak = std::max_element(smooth.begin(), smooth.end()) - smooth.begin();
  return *low + (static_cast<double>(peak) + 0.5) * kBin;
}

}  // namespace cemscope::imaging::mri
