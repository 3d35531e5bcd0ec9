#pragma once

#include <optional>
#include <vector>

#include "imaging/mri/mr_reading.h"

namespace cemscope::imaging::mri {

/// Cerebrospinal fluid over muscle: the bright part of the canal in windows along the body, the middle window's. Needs canal and muscle.
double fluid_ratio_of(const Grid<float>& logs, const MrReading& reading);

/// Subcutaneous fat over muscle.
struct FatState {
  std::optional<double> ratio;      ///< median along the body; empty when no fat is in view
  std::vector<bool> is_failed_row;  ///< by row: fat is not suppressed there
};

/// Fat in blocks of rows; oedema in it is not fat, and where the marrow is no brighter than elsewhere nothing failed. Needs canal, muscle,
/// fascia.
FatState fat_state(const Grid<float>& logs, const MrReading& reading, const std::vector<std::vector<int>>& back,
                   const MrParameters& parameters);

/// The stretch of the canal's course that holds fluid, and whether the course jumps aside beyond its ends: there it runs where no canal is.
struct Sac {
  int first = 0, last = 0;
  bool jumps_before = false, jumps_after = false;
};

/// From the middle of the field up and down. A gap of most of a level is a narrow canal; a short one in which the course runs aside is its
/// end. Needs canal, muscle and fluid ratio.
Sac find_sac(const Grid<float>& logs, const MrReading& reading);

}  // namespace cemscope::imaging::mri
