#pragma once

#include <vector>

#include "imaging/mri/bodies.h"
#include "imaging/mri/mr_parameters.h"
#include "imaging/mri/muscle_field.h"

namespace cemscope::imaging::mri {

/// A body's marrow against its neighbours'.
struct MarrowSignal {
  double upper = 0;              ///< 75th percentile of log signal, shading along the body taken out by the muscle field
  double middle = 0;             ///< median
  double upper_edge = 0;         ///< median of the layer under the upper endplate
  double lower_edge = 0;         ///< and of that above the lower one
  double usual = 0;              ///< of the darker half of the other bodies within 3, its median
  double flatness = 1;           ///< SD of the bright part from front to back over that along the body
  double coverage = 1;           ///< of the bright part's rows: how much of them, through the whole body, is bright
  double ratio = 1;              ///< exp(upper - that of the darker half of the other bodies within 3)
  double middle_ratio = 1;       ///< the same of the median
  double edge_ratio = 1;         ///< of the median of the layer under the brighter endplate
  double dark_share = 0;         ///< of the body: far below the marrow near by; cement, vacuum, dense sclerosis
  double void_share = 0;         ///< of the pedicles' place: without signal
  bool is_beside_metal = false;  ///< screws: what is bright may be displaced signal
  bool is_spot = false;          ///< bright, a ball or away from both endplates, in a body as high as its neighbours: a haemangioma
  bool is_oedema = false;
};

/// Signals of all bodies in the slices within 10 mm of the canal's course, and which hold oedema: a fresh fracture. A body that the field
/// cuts needs more; a bright ball is none, nor is what the map hardly takes for a body. Where the map shows the body, no more is looked at.
/// Without at least two others to compare with there is none.
std::vector<MarrowSignal> read_marrow(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                      const MuscleField& field, const std::vector<MrBody>& bodies, const BodyMap& map,
                                      const MrParameters& parameters);

}  // namespace cemscope::imaging::mri
