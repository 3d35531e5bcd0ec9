#pragma once

#include <optional>

#include "imaging/volume.h"

namespace cemscope::imaging {

/// A box along the patient's axes, LPS, mm.
struct Box_mm {
  Point_mm low, high;
};

/// Where a scan shows the spine, from a coarse volume (about 2 mm; any orientation): the box round the spinal canal's course that holds
/// vertebrae, heads of the ribs, paravertebral muscles and great vessels. Unlimited along the spine. Empty when no canal is found.
std::optional<Box_mm> locate_spine(const CtVolume& overview, int n_threads);

}  // namespace cemscope::imaging
