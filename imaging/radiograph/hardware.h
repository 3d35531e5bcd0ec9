#pragma once

#include "imaging/radiograph/dense_things.h"

namespace cemscope::imaging::radiograph {

/// Rods, screws and wires of spinal instrumentation.
struct Hardware {
  Plane<std::uint8_t> mask;  ///< of what hangs together with bars, all that is more than half as dense as they; working grid
  bool is_present = false;
};

/// Finds straight dense bars 2.5-9 mm wide and at least 28 mm long. Hardware is present when one of them runs along the column for 32 mm or
/// more (rods connect screws), or two bars run across it: bone has no such lines this dense, and cement none this straight.
Hardware find_hardware(const WorkingFilm& film, const Column& column, const Relief& relief);

}  // namespace cemscope::imaging::radiograph
