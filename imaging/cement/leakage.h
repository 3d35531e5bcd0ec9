#pragma once

#include <array>

#include "imaging/cement/deposit.h"
#include "imaging/cement/outlying_cement.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::cement {

/// The canal beside a body, for telling canal from foramen and pedicle.
struct CanalWidth {
  double centre_u_mm = 0;     ///< in the body's frame
  double half_width_mm = 11;  ///< at the pedicles; 8-15 in adults
};

/// Half the distance between the pedicles at the body's level, clamped to 8-15 mm; 11 mm when they are not seen.
CanalWidth measure_canal_width(const VolumeView& volume, const spine::VertebralBody& body, double bone_hu);

/// Cement of one treated vertebra by zone. Index by static_cast<int>(CementZone) - 1.
struct LeakageMeasurement {
  std::array<ZoneVolume, kNCementZones> zones;
  double leak_ml = 0;       ///< all zones but body and needle tract
  double extent_mm = 0;     ///< farthest cement beyond the surface, leaks only
  static constexpr double kNothingOutside = -3.7;  ///< of 243 such vertebrae of phantoms and warped spines 6 leaked
  double leak_odds = kNothingOutside;              ///< log odds of the likeliest leak among the parts of 10 mm3 or more
  double tolerance_mm = 1;  ///< epsilon that was used
  std::vector<OutlyingCement> parts;
};

/// Labels every cement voxel of `deposit` in `zones` (CementZone values; same grid as the map) and measures the zones by partial-volume
/// sums. A leak is what is likelier than not, by the signs of what is seen of it, to be 10 mm3 or more farther than epsilon outside the
/// surface (OutlyingCement::leak_odds), and then all of it that hangs together (DEFINITIONS, "Leakage"; zones after Yeom et al., J Bone
/// Joint Surg Br 2003). Complexity: O(cement voxels).
LeakageMeasurement measure_leakage(const VolumeView& volume, const CementMap& map, const spine::VertebralBody& body, const Deposit& deposit,
                                   const CanalWidth& canal, const LeakageParameters& parameters, Grid<std::uint8_t>& zones);

}  // namespace cemscope::imaging::cement
