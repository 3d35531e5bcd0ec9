#pragma once

#include "imaging/grid.h"

namespace cemscope::imaging::spine {

/// A height field over an nx x ny lattice: `label` is fractional (sub-sample by a parabola), `cost` the data cost at it.
struct Surface {
  int nx = 0, ny = 0;
  std::vector<double> label;
  [[nodiscard]] double at(int x, int y) const { return label[static_cast<std::size_t>(y) * nx + x]; }
};

/// The surface of least total cost: data cost(x, y, z = label) plus `stiffness` x |label difference| between neighbours, by semi-global
/// aggregation over eight directions (Hirschmueller, IEEE TPAMI 2008; 30:328). `cyclic_x`: the lattice closes on itself in x (a contour round
/// a body). Returns fractional labels in [0, cost.nz - 1]. Complexity: O(8 nx ny nz).
enum class Lattice { open, cyclic_x };
Surface fit_surface(const Grid<float>& cost, float stiffness, Lattice lattice);

}  // namespace cemscope::imaging::spine
