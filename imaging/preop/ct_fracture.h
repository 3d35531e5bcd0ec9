#pragma once

#include <cstddef>
#include <vector>

#include "imaging/body_place.h"
#include "imaging/preop/fracture_sign.h"

namespace cemscope::imaging::preop {

/// Which endplate of an uncemented body on CT has a fracture under it, by three signs, each against the whole, uncemented bodies within two
/// levels: the endplate's middle is sunken, its front has dropped (a wedge), the spongiosa under it is condensed (trabecular impaction; the
/// layer a sixth to a third of the height deep, where sclerosis of a worn disc has faded). Signs that contradict each other, or none:
/// unclear. Limits were chosen on seeds 200-219 and 300-315 of draw_phantom_parameters. `bodies` from the top downwards;
/// those of `treated` are no neighbours, since they are fractured as well.
FractureSign fracture_on_ct(const std::vector<CtBody>& bodies, std::size_t body, const std::vector<std::size_t>& treated = {});

}  // namespace cemscope::imaging::preop
