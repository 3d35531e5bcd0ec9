#include "imaging/spine/surface.h"

namespace cemscope::imaging::spine {
namespace {

/// Costs with the labels innermost: the paths run over whole label columns.
struct Columns {
  int nx, ny, nz;
  std::vector<float> values;
  explicit Columns(int nx_, int ny_, int nz_) : nx(nx_), ny(ny_), nz(nz_), values(static_cast<std::size_t>(nx_) * ny_ * nz_) {}
  [[nodiscard]] float* at(int x, int y) { return &values[(static_cast<std::size_t>(y) * nx + x) * nz]; }
  [[nodiscard]] const float* at(int x, int y) const { return &values[(static_cast<std::size_t>(y) * nx + x) * nz]; }
};

Columns columns_of(const Grid<float>& cost) {
  Columns c(cost.nx, cost.ny, cost.nz);
  for (int z = 0; z < cost.nz; ++z)
    for (int y = 0; y < cost.ny; ++y)
      for (int x = 0; x < cost.nx; ++x) c.at(x, y)[z] = cost.at(x, y, z);
  return c;
}

/// One step of a path: next[z] = cost[z] + min over z' of (before[z'] + stiffness |z - z'|), less the common minimum.
void step(const float* before, const float* cost, int n, float stiffness, float* next) {
  next[0] = before[0];
  for (int z = 1; z < n; ++z) next[z] = std::min(before[z], next[z - 1] + stiffness);
  for (int z = n - 2; z >= 0; --z) next[z] = std::min(next[z], next[z + 1] + stiffness);
  const float least = *std::min_element(next, next + n);
  for (int z = 0; z < n; ++z) next[z] += cost[z] - least;
}

int wrap(int x, int nx, Lattice lattice) { return lattice == Lattice::cyclic_x ? (x + nx) % nx : x; }

/// Adds the path costs of direction (dx, dy) to `total`. A cyclic lattice is walked once more to forget its start.
void aggregate(const Columns& cost, int dx, int dy, float stiffness, Lattice lattice, Columns& total) {
  const std::vector<float> zero(cost.nz, 0.f);
  Columns path(cost.nx, cost.ny, cost.nz);
  const int laps = lattice == Lattice::cyclic_x && dy == 0 ? 2 : 1;
  for (int lap = 0; lap < laps; ++lap)
    for (int q = 0; q < cost.ny; ++q) {
      const int y = dy >= 0 ? q : cost.ny - 1 - q;
      for (int r = 0; r < cost.nx; ++r) {
        const int x = dx >= 0 ? r : cost.nx - 1 - r;
        const int px = wrap(x - dx, cost.nx, lattice), py = y - dy;
        const bool inside = px >= 0 && px < cost.nx && py >= 0 && py < cost.ny;
        step(inside ? path.at(px, py) : zero.data(), cost.at(x, y), cost.nz, stiffness, path.at(x, y));
      }
    }
  for (std::size_t q = 0; q < total.values.size(); ++q) total.values[q] += path.values[q];
}

double parabola_minimum(const float* total, int n, int z) {
  if (z == 0 || z == n - 1) return z;
  const double a = total[z - 1], b = total[z], c = total[z + 1], curvature = a - 2 * b + c;
  return curvature > 1e-9 ? z + std::clamp(0.5 * (a - c) / curvature, -0.5, 0.5) : z;
}

}  // namespace

Surface fit_surface(const Grid<float>& data, float stiffness, Lattice lattice) {
  const Columns cost = columns_of(data);
  Columns total(cost.nx, cost.ny, cost.nz);
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx)
      if (dx != 0 || dy != 0) aggregate(cost, dx, dy, stiffness, lattice, total);
  Surface out{cost.nx, cost.ny, std::vector<double>(static_cast<std::size_t>(cost.nx) * cost.ny)};
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x) {
      const float* column = total.at(x, y);
      const auto best = static_cast<int>(std::min_element(column, column + cost.nz) - column);
      out.label[static_cast<std::size_t>(y) * cost.nx + x] = parabola_minimum(column, cost.nz, best);
    }
  return out;
}

}  // namespace cemscope::imaging::spine
