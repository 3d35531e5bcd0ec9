#pragma once

#include <vector>

namespace cemscope::imaging::mri {

/// The value below which `share` (0-1) of the sample lies, by copy; 0 for an empty sample. O(n).
float percentile(std::vector<float> sample, double share);

/// The most frequent value: the peak of a histogram of 0.02 bins smoothed by a Gaussian of sigma 0.06 (about the spread of muscle in
/// logarithms). 0 for an empty sample.
double mode_of_logs(const std::vector<float>& logs);

}  // namespace cemscope::imaging::mri
