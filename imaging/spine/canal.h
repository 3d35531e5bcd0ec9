#pragma once

#include <vector>

#include "imaging/grid.h"

namespace cemscope::imaging::spine {

/// Where the spinal canal is looked for, and what a bone looks like in this scan.
struct CanalParameters {
  double grid_mm = 1.8;              ///< mm, coarse grid on which the canal is traced
  double min_bone_hu = 130.0;        ///< HU, lowest threshold of "bone"
  double bone_above_soft_hu = 80.0;  ///< HU above the median of soft tissue
  double min_quality = 0.45;         ///< path score per slice below which a slice holds no canal; chosen on the shared cohort
  int n_threads = 1;
  double min_length_mm = 24.0;       ///< mm, a shorter course is no spine
};

/// The canal's centre line in image millimetres, one point per millimetre of arc, from the lowest point upwards.
/// `along` is the unit tangent, pointing superior.
struct CanalCourse {
  std::vector<Point_mm> centre_mm;
  std::vector<Direction> along;
  double bone_hu = 130.0;            ///< the bone threshold that was used
  double soft_hu = 50.0;             ///< median of soft tissue (fat excluded)
  [[nodiscard]] bool found() const { return !centre_mm.empty(); }
};

/// Traces the spinal canal through an LPS-oriented volume: a soft, bone-enclosed spot with a vertebral body in front and a spinous process
/// behind, followed from slice to slice by dynamic programming (Viterbi) on a coarse grid, then smoothed and recentred.
/// Contrast medium in vessels and bowel does not count as bone, and a course that bone hardly closes on both sides is struck out for the
/// next best one. Empty when no stretch of at least min_length_mm is convincing. Robust against discs (open ring), ribs and limbs. Limits:
/// coronal curves above about 40 degrees are not followed. Complexity: O(voxels / coarsening).
CanalCourse trace_canal(const VolumeView& volume, const CanalParameters& parameters);

}  // namespace cemscope::imaging::spine
