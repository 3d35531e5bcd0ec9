#pragma once

#include <vector>

#include "imaging/phantom/spine.h"

namespace cemscope::imaging::phantom {

/// The spine where a horizontal plane cuts it: what the soft tissue hangs on.
struct SpineSection {
  double level = 0;                             ///< continuous index, T6 = 0 ... L5 = 11, S1 = 12
  Point_mm body{0, 0, 0};                       ///< centre of the body
  Point_mm canal{0, 0, 0};                      ///< centre of the canal
  double turn_rad = 0;                          ///< axial rotation
  double half_width_mm = 0, half_depth_mm = 0;  ///< of the body
  double canal_half_width_mm = 0, canal_half_depth_mm = 0;
  double spinous_length_mm = 0;
};

/// The spine sampled along z, between vertebral centres linearly.
class SpineCurve {
 public:
  explicit SpineCurve(const Spine& spine);
  [[nodiscard]] SpineSection at(double z_mm) const;

 private:
  std::vector<SpineSection> sections_;  ///< from the top, falling body.z
};

}  // namespace cemscope::imaging::phantom
