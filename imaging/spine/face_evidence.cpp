#include "imaging/spine/face_evidence.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::spine {
namespace {

struct Chamfer {
  int nx, ny;
  float dx, dy, diagonal;
  Lattice lattice;
  std::vector<float>& way;

  [[nodiscard]] float from(int x, int y, float step) const {
    if (lattice == Lattice::cyclic_x) x = (x + nx) % nx;
    return x < 0 || x >= nx || y < 0 || y >= ny ? kUnseen_mm : way[static_cast<std::size_t>(y) * nx + x] + step;
  }
  /// One node from its four neighbours behind, seen along `s` (+1 forwards, -1 backwards).
  void relax(int x, int y, int s) {
    float& w = way[static_cast<std::size_t>(y) * nx + x];
    w = std::min({w, from(x - s, y, dx), from(x, y - s, dy), from(x - s, y - s, diagonal), from(x + s, y - s, diagonal)});
  }
};

}  // namespace

std::vector<float> way_to_seen(const std::vector<std::uint8_t>& seen, int nx, double dx_mm, double dy_mm, Lattice lattice) {
  std::vector<float> way(seen.size());
  for (std::size_t q = 0; q < seen.size(); ++q) way[q] = seen[q] ? 0.f : kUnseen_mm;
  const int ny = static_cast<int>(seen.size()) / nx;
  Chamfer c{nx, ny, static_cast<float>(dx_mm), static_cast<float>(dy_mm), static_cast<float>(std::hypot(dx_mm, dy_mm)), lattice, way};
  for (int lap = 0; lap < (lattice == Lattice::cyclic_x ? 2 : 1); ++lap) {
    for (int y = 0; y < ny; ++y)
      for (int x = 0; x < nx; ++x) c.relax(x, y, +1);
    for (int y = ny - 1; y >= 0; --y)
      for (int x = nx - 1; x >= 0; --x) c.relax(x, y, -1);
  }
  return way;
}

}  // namespace cemscope::imaging::spine
