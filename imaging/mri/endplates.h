#pragma once

#include <optional>
#include <vector>

#include "imaging/mri/bodies.h"

namespace cemscope::imaging::mri {

/// Distance between a body's endplates near its front wall, in its middle and near its rear wall, in its middle slices.
struct PlateHeights {
  std::optional<double> anterior_mm, middle_mm, posterior_mm;  ///< empty: cut, or no clear endplates
};

/// Heights of all bodies. In the plane of each (square to the canal's lean, turned by the discs' tilt) both endplates are the best lines by
/// dynamic programming from the canal to the front wall: where marrow ends at a dark line or at another brightness and the map ends, near
/// where the rows' evidence puts the endplates between the discs. Limits chosen on seeds 21001-21040 of draw_mr_parameters, on which the
/// heights of unfractured bodies are within 1.5 mm in nine of ten. O(bodies).
std::vector<PlateHeights> measure_plates(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                         const std::vector<MrBody>& bodies, const RowEvidence& evidence, const BodyMap& map);

}  // namespace cemscope::imaging::mri
