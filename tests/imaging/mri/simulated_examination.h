#pragma once

#include "imaging/mri/mr_reading.h"
#include "imaging/phantom/mr_phantom.h"

namespace cemscope::imaging {

/// A patient without findings, square slices of 1 mm pixels.
inline PhantomMrParameters quiet_patient(std::uint64_t seed, int n_pixels, int n_slices) {
  PhantomMrParameters p;
  p.seed = seed;
  p.scan.columns = p.scan.rows = n_pixels, p.scan.pixel_mm = 1.0, p.scan.n_slices = n_slices;
  return p;
}

/// The same with a fresh fracture of L1, and nothing else unless a test adds it.
inline PhantomMrParameters fractured_patient(std::uint64_t seed, int n_pixels, int n_slices) {
  auto p = quiet_patient(seed, n_pixels, n_slices);
  p.oedema = {{.level = "L1", .s = 0.6, .share = 0.8}};
  return p;
}

inline MrReading read(const PhantomMrParameters& p) { return read_mr(make_mr_phantom(p).volume); }

}  // namespace cemscope::imaging
