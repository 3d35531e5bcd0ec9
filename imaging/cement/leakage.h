#pragma once

#include <array>

#include "imaging/cement/deposit.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::cement {

/// The canal beside a body, for telling canal from foramen and pedicle.
struct CanalWidth {
  double centre_u_mm = 0;     ///< in the body's frame
  double half_width_mm = 11;  ///< at the pedicles; 8-15 in adults
};

/// Half the distance between the pedicles at the body's level, clamped to 8-15 mm; 11 mm when they are not seen.
CanalWidth measure_canal_width(const VolumeView& volume, const spine::VertebralBody& body, double bone_hu);

/// Connected cement outside the body's surface, some of it farther than epsilon: a leak, or a face that was misread.
struct OutlyingPart {
  static constexpr double kSure_mm = 1.0;  ///< beyond epsilon
  double sure_mm3 = 0;                     ///< so far outside
  double way_mm = 0;                       ///< mean way from its face's places to where bone shows the face (way_to_seen_at)
};

/// Cement of one treated vertebra by zone. Index by static_cast<int>(CementZone) - 1.
struct LeakageMeasurement {
  std::array<ZoneVolume, kNCementZones> zones;
  double leak_ml = 0;       ///< all zones but body and needle tract
  double extent_mm = 0;     ///< farthest cement beyond the surface, leaks only
  double doubtful_mm3 = 0;  ///< cement outside the surface as read, but not by enough to be called a leak
  double tolerance_mm = 1;  ///< epsilon that was used
  std::vector<OutlyingPart> parts;
};

/// Labels every cement voxel of `deposit` in `zones` (CementZone values; same grid as the map) and measures the zones by partial-volume
/// sums. A leak is at least 10 mm3 farther than epsilon outside the surface, and then all of it that hangs together (DEFINITIONS,
/// "Leakage"; zones after Yeom et al., J Bone Joint Surg Br 2003). Complexity: O(cement voxels).
LeakageMeasurement measure_leakage(const VolumeView& volume, const CementMap& map, const spine::VertebralBody& body, const Deposit& deposit,
                                   const CanalWidth& canal, const LeakageParameters& parameters, Grid<std::uint8_t>& zones);

}  // namespace cemscope::imaging::cement
