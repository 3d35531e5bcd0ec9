#pragma once

#include <cstdint>
#include <vector>

#include "imaging/spine/surface.h"

namespace cemscope::imaging::spine {

/// For every node of an nx x ny lattice (x fastest) the way along the lattice to the nearest node with `seen` set, mm: how far a face was
/// carried over cement, a gap or a cut from where bone showed it. Nodes `dx_mm` and `dy_mm` apart, chamfer steps, at most kUnseen_mm.
/// O(nx ny).
inline constexpr float kUnseen_mm = 40.f;
std::vector<float> way_to_seen(const std::vector<std::uint8_t>& seen, int nx, double dx_mm, double dy_mm, Lattice lattice);

}  // namespace cemscope::imaging::spine
