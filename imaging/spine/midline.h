#pragma once

#include <vector>

#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

/// The mid-sagittal plane of a vertebra in its own frame: u = offset + slope * v (mm).
struct Midline {
  double offset_mm = 0, slope = 0;
  double mismatch_hu = 0;     ///< mean mirror difference at the best plane
  double spread_mm = 0;       ///< disagreement of the voters at the body's centre
  [[nodiscard]] double at(double v) const { return offset_mm + slope * v; }
};

/// The plane about which the vertebra, pedicles, laminae and spinous process included, is most nearly its own mirror image (density limited to
/// [-50, 500] HU, cement left out), voted on by the centre between the lateral walls; one per body. Offsets up to 6 mm and rotations up
/// to 14 degrees against the canal's frame are searched; neighbours within two levels steady each plane. Never the image's centre.
std::vector<Midline> find_midlines(const VolumeView& volume, const std::vector<VertebralBody>& bodies, int n_threads = 1);

}  // namespace cemscope::imaging::spine
