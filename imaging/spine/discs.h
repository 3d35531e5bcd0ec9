#pragma once

#include <vector>

#include "imaging/spine/straighten.h"

namespace cemscope::imaging::spine {

/// An intervertebral disc in curved coordinates: a plane through (s, a = a0, l = 0), tilted.
struct Disc {
  double s = 0;             ///< mm of arc, at a0
  double a0 = 0;            ///< mm in front of the canal's centre, the middle of the bodies
  double tilt_ap = 0;       ///< ds/da
  double tilt_lr = 0;       ///< ds/dl
  double width_mm = 7;
  double score = 0;         ///< how much likelier disc is than body over the plane, log odds
  bool at_scan_end = false; ///< stands for the end of the scan or of the canal's course, not for a disc
};

/// Profiles along the course that place the vertebrae.
struct SpineProfiles {
  std::vector<double> posterior_wall;  ///< a of the bodies' rear wall, mm, per s
  std::vector<double> pedicle;         ///< 0 (foramen) .. 1 (pedicle), per s
};

SpineProfiles measure_profiles(const StraightSpine& spine);

/// The discs from below upwards: planes over which the network of body_map.h sees disc rather than body, with a body between any two and a
/// spacing of 7-48 mm that changes smoothly; solved together by second-order dynamic programming. The ends of the scan are closed by planes
/// with at_scan_end set when at least 12 mm of body lie beyond the last disc. Empty when nothing convinces. Complexity: the network, O(s x
/// tilts x 81 + s x 42 x 42).
std::vector<Disc> find_discs(const StraightSpine& spine, const SpineProfiles& profiles, int n_threads = 1);

}  // namespace cemscope::imaging::spine
