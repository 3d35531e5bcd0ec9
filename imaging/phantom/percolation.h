#pragma once

#include <functional>
#include <optional>

#include "imaging/phantom/cement_brick.h"

namespace cemscope::imaging::phantom {

/// Resistance of a place to cement; empty where cement cannot go. Called once per cell at most.
using Resistance = std::function<std::optional<double>(const Point_mm& local)>;

/// Invasion percolation (Wilkinson and Willemsen, J Phys A 1983;16:3365): from the seeds, always fills the reachable cell of least
/// resistance, until `volume_ml` of free cells carry `zone`. Cells that already hold cement are passed, not relabelled.
/// Returns the volume filled, which is less only when the region is exhausted.
double percolate(CementBrick& brick, const std::vector<Point_mm>& seeds, CementZone zone, double volume_ml, const Resistance& resistance);

}  // namespace cemscope::imaging::phantom
