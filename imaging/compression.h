#pragma once

#include <string>

namespace cemscope::imaging {

/// Classes of compression (DEFINITIONS, Heights): fractions of the reference height lost.
struct CompressionParameters {
  double none_below = 0.20, quarter_below = 0.375, half_below = 0.625;
};

/// "none", "1/4", "1/2" or "severe".
inline std::string compression_class(double compression, const CompressionParameters& p) {
  return compression < p.none_below ? "none" : compression < p.quarter_below ? "1/4" : compression < p.half_below ? "1/2" : "severe";
}

}  // namespace cemscope::imaging
