#pragma once

#include "imaging/mri/bodies.h"

namespace cemscope::imaging::mri {

/// Centre and height of a body from its edges.
void stand_between_edges(MrBody& body, const CanalCourse& canal);

/// Moves edges and walls of a body to where the map's odds change sign, edges by up to 7 rows and a tilt of 0.36. An edge stays where the
/// map shows none. A body without a disc on one side ends where the map ends it, if that is within the field, and is then not cut.
void settle_on_map(MrBody& body, const BodyMap& map, const CanalCourse& canal);

}  // namespace cemscope::imaging::mri
