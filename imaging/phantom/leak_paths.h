#pragma once

#include "imaging/phantom/cement_brick.h"
#include "imaging/phantom/leak_zones.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {

/// Adds one leak to a brick that already holds body cement.
void add_leak(CementBrick& brick, const PhantomLeak& leak, const Vertebra& vertebra, const LeakZones& zones, const NoiseTexture& texture,
              Random& random);

}  // namespace cemscope::imaging::phantom
