#pragma once

#include <optional>

#include "imaging/phantom/spine.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::phantom {

/// Where a point lies with respect to a treated vertebra, by DEFINITIONS (priority canal > foramen > disc > paravertebral;
/// vascular and needle_tract are paths, so they are not told from a place). Empty inside other bone and where no leak of this
/// vertebra can lie.
class LeakZones {
 public:
  LeakZones(const Spine& spine, int index);
  [[nodiscard]] std::optional<CementZone> at(const Point_mm& local) const;
  /// Distance in mm to bone other than the vertebra's own body.
  [[nodiscard]] double other_bone_mm(const Point_mm& local) const;
  /// Inside the own pedicle of a side (-1 right, 1 left).
  [[nodiscard]] bool in_own_arch(const Point_mm& local) const;

 private:
  const Vertebra& vertebra_;
  std::vector<const Vertebra*> neighbours_;
};

}  // namespace cemscope::imaging::phantom
