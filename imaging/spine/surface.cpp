#include "imaging/spine/surface.h"

namespace cemscope::imaging::spine {
namespace {

/// One step of a path: next[z] = cost[z] + min over z' of (before[z'] + stiffness |z - z'|), less the common minimum.
void step(const std::vector<float>& before, const Grid<float>& cost, int x, int y, float stiffness, std::vector<float>& next) {
  next = before;
  const int n = cost.nz;
  for (int z = 1; z < n; ++z) next[z] = std::min(next[z], next[z - 1] + stiffness);
  for (int z = n - 2; z >= 0; --z) next[z] = std::min(next[z], next[z + 1] + stiffness);
  const float least = *std::min_element(next.begin(), next.end());
  for (int z = 0; z < n; ++z) next[z] += cost.at(x, y, z) - least;
}

int wrap(int x, int nx, Lattice lattice) { return lattice == Lattice::cyclic_x ? (x + nx) % nx : x; }

/// Adds the path costs of direction (dx, dy) to `total`. A cyclic lattice is walked once more to forget its start.
void aggregate(const Grid<float>& cost, int dx, int dy, float stiffness, Lattice lattice, Grid<float>& total) {
  const std::vector<float> zero(cost.nz, 0.f);
  Grid<float> path(cost.nx, cost.ny, cost.nz);
  std::vector<float> before(cost.nz), next(cost.nz);
  const int laps = lattice == Lattice::cyclic_x && dy == 0 ? 2 : 1;
  for (int lap = 0; lap < laps; ++lap)
    for (int q = 0; q < cost.ny; ++q) {
      const int y = dy >= 0 ? q : cost.ny - 1 - q;
      for (int r = 0; r < cost.nx; ++r) {
        const int x = dx >= 0 ? r : cost.nx - 1 - r;
        const int px = wrap(x - dx, cost.nx, lattice), py = y - dy;
        const bool inside = px >= 0 && px < cost.nx && py >= 0 && py < cost.ny;
        for (int z = 0; z < cost.nz; ++z) before[z] = inside ? path.at(px, py, z) : 0.f;
        step(inside ? before : zero, cost, x, y, stiffness, next);
        for (int z = 0; z < cost.nz; ++z) path.at(x, y, z) = next[z];
      }
    }
  for (std::size_t q = 0; q < total.values.size(); ++q) total.values[q] += path.values[q];
}

double parabola_minimum(const Grid<float>& total, int x, int y, int z) {
  if (z == 0 || z == total.nz - 1) return z;
  const double a = total.at(x, y, z - 1), b = total.at(x, y, z), c = total.at(x, y, z + 1), curvature = a - 2 * b + c;
  return curvature > 1e-9 ? z + std::clamp(0.5 * (a - c) / curvature, -0.5, 0.5) : z;
}

}  // namespace

Surface fit_surface(const Grid<float>& cost, float stiffness, Lattice lattice) {
  Grid<float> total(cost.nx, cost.ny, cost.nz);
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx)
      if (dx != 0 || dy != 0) aggregate(cost, dx, dy, stiffness, lattice, total);
  Surface out{cost.nx, cost.ny, std::vector<double>(static_cast<std::size_t>(cost.nx) * cost.ny)};
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x) {
      int best = 0;
      for (int z = 1; z < cost.nz; ++z)
        if (total.at(x, y, z) < total.at(x, y, best)) best = z;
      out.label[static_cast<std::size_t>(y) * cost.nx + x] = parabola_minimum(total, x, y, best);
    }
  return out;
}

}  // namespace cemscope::imaging::spine
