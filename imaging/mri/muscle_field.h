#pragma once

#include <vector>

#include "imaging/mri/canal_course.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging::mri {

/// The signal that muscle has, or would have, anywhere behind the bodies: coil shading and muscle in one. Its logarithm is
/// row(y) + slope d + curvature d^2 + side(z), with d the depth behind the canal's centre in mm.
struct MuscleField {
  std::vector<double> row, side;              ///< by row, by slice
  double slope = 0, curvature = 0;            ///< per mm, per mm^2
  double reference_mm = 30;                   ///< d is taken from here
  double deepest_mm = -15, farthest_mm = 60;  ///< beyond, the field goes on straight
  double spread = 0.1;                        ///< 1.48 MAD of the logarithm of muscle over the field
  [[nodiscard]] double log_at(int y, int z, double depth_mm) const;
};

/// log(signal + small floor) of the stack; what all measurements of the back start from.
Grid<float> log_signal(const SagittalStack& stack);

/// The field from the muscle 6-32 mm beside the midline: its mode in windows along the body, and the slope that makes most of it lie on the
/// field. Dark (fat, bone) and bright (fluid) tissue have no weight.
MuscleField first_muscle_field(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                               const std::vector<std::vector<int>>& back);

/// The same from all muscle up to 4 mm in front of the fascia (x by [slice][row]), with curvature and sides, by reweighted least squares.
MuscleField refined_muscle_field(const MuscleField& first, const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                 const std::vector<std::vector<double>>& fascia);

}  // namespace cemscope::imaging::mri
