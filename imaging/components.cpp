#include "imaging/components.h"

namespace cemscope::imaging {
namespace {

struct Voxel { int x, y, z; };

Voxel voxel_of(const Grid<std::uint8_t>& g, std::size_t q) {
  const auto plane = static_cast<std::size_t>(g.nx) * g.ny;
  return {static_cast<int>(q % g.nx), static_cast<int>(q % plane / g.nx), static_cast<int>(q / plane)};
}

template <typename Visit>
void for_neighbours(const Grid<std::uint8_t>& g, const Voxel& v, Visit visit) {
  for (int dz = -1; dz <= 1; ++dz)
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if ((dx || dy || dz) && g.contains(v.x + dx, v.y + dy, v.z + dz)) visit(g.index(v.x + dx, v.y + dy, v.z + dz));
}

}  // namespace

std::vector<std::vector<std::size_t>> label_components(Grid<std::uint8_t> mask) {
  std::vector<std::vector<std::size_t>> components;
  for (std::size_t start = 0; start < mask.values.size(); ++start) {
    if (!mask.values[start]) continue;
    std::vector<std::size_t> found{start};
    mask.values[start] = 0;
    for (std::size_t next = 0; next < found.size(); ++next)
      for_neighbours(mask, voxel_of(mask, found[next]), [&](std::size_t q) {
        if (mask.values[q]) mask.values[q] = 0, found.push_back(q);
      });
    components.push_back(std::move(found));
  }
  return components;
}

Grid<std::uint8_t> dilate(const Grid<std::uint8_t>& mask, int rounds) {
  Grid<std::uint8_t> out = mask;
  std::vector<std::size_t> front;
  for (std::size_t q = 0; q < mask.values.size(); ++q)
    if (mask.values[q]) front.push_back(q);
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::size_t> grown;
    for (std::size_t q : front)
      for_neighbours(out, voxel_of(out, q), [&](std::size_t n) {
        if (!out.values[n]) out.values[n] = 1, grown.push_back(n);
      });
    front.swap(grown);
  }
  return out;
}

Grid<std::uint8_t> erode_once(const Grid<std::uint8_t>& mask) {
  Grid<std::uint8_t> out(mask.nx, mask.ny, mask.nz);
  const std::size_t dy = mask.nx, dz = static_cast<std::size_t>(mask.nx) * mask.ny;
  for (int z = 1; z + 1 < mask.nz; ++z)
    for (int y = 1; y + 1 < mask.ny; ++y)
      for (int x = 1; x + 1 < mask.nx; ++x) {
        const std::size_t q = mask.index(x, y, z);
        const auto& m = mask.values;
        out.values[q] = m[q] && m[q - 1] && m[q + 1] && m[q - dy] && m[q + dy] && m[q - dz] && m[q + dz];
      }
  return out;
}

}  // namespace cemscope::imaging
