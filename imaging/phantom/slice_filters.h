#pragma once

#include <vector>

#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {

/// One reconstructed slice, row by row.
struct Slice {
  int columns = 0, rows = 0;
  double pixel_mm = 0.7;
  float* hu = nullptr;
};

/// Separable Gaussian with replicated borders. A sigma below a quarter pixel does nothing.
void blur(const Slice& slice, double sigma_pixels);

/// The kernel's point spread: a Gaussian of `fwhm_mm`; the bone kernel adds the overshoot of an edge-enhancing filter.
void apply_point_spread(const Slice& slice, ReconstructionKernel kernel, double fwhm_mm);

/// Quantum noise of `noise_hu` SD in the trunk's middle, less outwards, with the grain of the kernel and a little of it in streaks from
/// left to right, where the trunk absorbs most.
void add_noise(const Slice& slice, ReconstructionKernel kernel, double noise_hu, Random& random);

}  // namespace cemscope::imaging::phantom
