#pragma once

#include <optional>
#include <vector>

#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging::mri {

/// Where the body ends towards the back, x in mm by [slice][row]: the last column that is not air.
std::vector<std::vector<int>> back_contour(const SagittalStack& stack);

/// The spinal canal's centre in every row of a sagittal stack.
struct CanalCourse {
  std::vector<double> x_mm;          ///< by row
  std::vector<double> slice;         ///< by row, fractional
  std::vector<double> slope;         ///< dx/dy of the smoothed course, by row
  std::vector<double> lean;          ///< the same of its trend over a vertebra and its neighbours: how the bodies stand
  int first_row = 0, last_row = -1;  ///< where a canal was seen
  double score = 0;                  ///< 0-2; below kMinCanalScore it is none
  [[nodiscard]] bool holds(int row) const { return row >= first_row && row <= last_row; }
};
inline constexpr double kMinCanalScore = 0.75;

/// Log odds, by row of the canal's course, of what lies 24 mm in front of it (row_evidence.h).
struct RowEvidence {
  std::vector<double> disc;         ///< the middle of a disc, within 2 mm
  std::vector<double> upper_plate;  ///< the upper endplate of a body, within 1 mm
  std::vector<double> lower_plate;  ///< the lower one
};

struct FoundCanal {
  CanalCourse course;
  RowEvidence evidence;  ///< of the course, which was chosen by it among others
};

/// Finds the canal as the bright ridge 8-20 mm deep between darker bodies and arches that runs through the whole stack: dynamic programming
/// over rows in slices and columns, the best of three separate courses by ridge height, by the rhythm of bodies and discs in front and by
/// how many discs are seen there. Empty when no course passes (T1, another region of the body). O(voxels).
std::optional<FoundCanal> find_canal(const SagittalStack& stack, const std::vector<std::vector<int>>& back);

}  // namespace cemscope::imaging::mri
