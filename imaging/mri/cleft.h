#pragma once

#include <vector>

#include "imaging/mri/bodies.h"
#include "imaging/mri/muscle_field.h"

namespace cemscope::imaging::mri {

/// Fluid in a crack of a fractured body. Sizes are of the slice where it is largest.
struct FluidCleft {
  int body = 0;                        ///< index of the body
  double width_mm = 0, height_mm = 0;  ///< front to back, and the mean from top to bottom
  double area_mm2 = 0;
  double contrast = 1;  ///< over the oedema round it
  int n_slices = 0;
};

/// Clefts in the bodies with oedema: as bright as cerebrospinal fluid, brighter than the oedema round it, flat, and next to an endplate
/// (the fluid sign of Baur et al., Radiology 2002;225:730). A disc that has sunk into the endplate has the endplate's dark line
/// between it and the marrow. Oedema as bright as the fluid hides a cleft. Limits chosen on seeds 101-160 of
/// draw_hard_mr_parameters.
std::vector<FluidCleft> find_clefts(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                                    const std::vector<MrBody>& bodies, const std::vector<int>& acute_bodies, double fluid_ratio);

}  // namespace cemscope::imaging::mri
