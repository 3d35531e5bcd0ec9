#pragma once

#include <vector>

#include "imaging/mri/muscle_field.h"

namespace cemscope::imaging::mri {

/// The thoracolumbar fascia's outer face: the border between the muscles of the back (at the midline the spinous processes' tips) and the
/// subcutaneous fat.
struct Fascia {
  std::vector<std::vector<double>> x_mm;  ///< by [slice][row], smooth
  std::vector<std::vector<double>>
      doubt_mm;                              ///< how far the surface may be off where it goes on beyond the last place at which it was seen
  std::vector<std::vector<double>> support;  ///< 0-1: how clearly the border is seen there; 0 where fluid hides it and it is bridged
};

/// Finds the fascia: in each slice the best line by dynamic programming (muscle in front, a step to fat or a thin dark line, fluid
/// neutral), then a smooth surface through the lines by weighted bending energy, in which rows with fluid beside the line have no weight,
/// so that a strip of fluid does not draw the surface to its far side. Two rounds. O(voxels behind the canal).
Fascia find_fascia(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                   const std::vector<std::vector<int>>& back);

}  // namespace cemscope::imaging::mri
