#include "src/report/outline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cemscope::report {
namespace {

/// The part of a raster that is not 0, with a border of zeros; its cells' edges are numbered 2 * corner (to the right) and
/// 2 * corner + 1 (down).
struct Padded {
  const Raster<float>& values;
  float level;
  int left = 0, top = 0;      ///< of the border, in the raster
  int width = 0, height = 0;  ///< with the border

  Padded(const Raster<float>& raster, float at) : values(raster), level(at) {
    int right = 0, bottom = 0;
    left = raster.width, top = raster.height;
    for (int y = 0; y < raster.height; ++y) {
      for (int x = 0; x < raster.width; ++x) {
        if (raster.at(x, y) <= 0.0F) continue;
        left = std::min(left, x), right = std::max(right, x);
        top = std::min(top, y), bottom = y;
      }
    }
    left -= 1, top -= 1;
    width = std::max(0, right + 2 - left), height = std::max(0, bottom + 2 - top);
  }
  [[nodiscard]] float at(int x, int y) const {
    const int column = x + left, row = y + top;
    if (column < 0 || row < 0 || column >= values.width || row >= values.height) return 0.0F;
    return values.at(column, row);
  }
  [[nodiscard]] bool is_in(int x, int y) const { return at(x, y) >= level; }
  [[nodiscard]] int edge_right(int x, int y) const { return 2 * (y * width + x); }
  [[nodiscard]] int edge_down(int x, int y) const { return edge_right(x, y) + 1; }
};

/// The cell's edges: top, right, bottom, left.
std::array<int, 4> edges_of_cell(const Padded& p, int x, int y) {
  return {p.edge_right(x, y), p.edge_down(x + 1, y), p.edge_right(x, y + 1), p.edge_down(x, y)};
}

/// For each case (bit 0 top left, 1 top right, 2 bottom right, 3 bottom left inside): up to two segments from edge to edge, the inside
/// always on the same hand, so that segments chain head to tail.
constexpr std::array<std::array<int, 4>, 16> kSegments{{{-1, -1, -1, -1},
                                                        {0, 3, -1, -1},
                                                        {1, 0, -1, -1},
                                                        {1, 3, -1, -1},
                                                        {2, 1, -1, -1},
                                                        {0, 3, 2, 1},
                                                        {2, 0, -1, -1},
                                                        {2, 3, -1, -1},
                                                        {3, 2, -1, -1},
                                                        {0, 2, -1, -1},
                                                        {1, 0, 3, 2},
                                                        {1, 2, -1, -1},
                                                        {3, 1, -1, -1},
                                                        {0, 1, -1, -1},
                                                        {3, 0, -1, -1},
                                                        {-1, -1, -1, -1}}};

/// next[edge] = the edge that the outline goes to, -1 where it does not pass.
std::vector<int> link_edges(const Padded& p) {
  std::vector<int> next(2 * static_cast<std::size_t>(p.width) * static_cast<std::size_t>(p.height), -1);
  for (int y = 0; y + 1 < p.height; ++y) {
    for (int x = 0; x + 1 < p.width; ++x) {
      const int kind = p.is_in(x, y) + 2 * p.is_in(x + 1, y) + 4 * p.is_in(x + 1, y + 1) + 8 * p.is_in(x, y + 1);
      if (kind == 0 || kind == 15) continue;
      const auto& segment = kSegments[static_cast<std::size_t>(kind)];
      const auto edges = edges_of_cell(p, x, y);
      for (std::size_t s = 0; s < 4 && segment[s] >= 0; s += 2) {
        next[static_cast<std::size_t>(edges[static_cast<std::size_t>(segment[s])])] = edges[static_cast<std::size_t>(segment[s + 1])];
      }
    }
  }
  return next;
}

/// Where the level is crossed on an edge, in pixels of the raster.
Eigen::Vector2d crossing(const Padded& p, int edge) {
  const int corner = edge / 2, x = corner % p.width, y = corner / p.width;
  const bool is_down = edge % 2 == 1;
  const float a = p.at(x, y), b = is_down ? p.at(x, y + 1) : p.at(x + 1, y);
  const double t = (p.level - a) / (b - a);
  const Eigen::Vector2d from(x + p.left, y + p.top);
  return from + (is_down ? Eigen::Vector2d(0, t) : Eigen::Vector2d(t, 0));
}

void taubin_step(Polyline& line, double factor) {
  const std::size_t n = line.size() - 1;  // the last point repeats the first
  const Polyline old = line;
  for (std::size_t i = 0; i < n; ++i) {
    const Eigen::Vector2d mean = 0.5 * (old[(i + n - 1) % n] + old[(i + 1) % n]);
    line[i] = old[i] + factor * (mean - old[i]);
  }
  line[n] = line[0];
}

}  // namespace

std::vector<Polyline> trace_outlines(const Raster<float>& values, float level) {
  const Padded padded(values, level);
  std::vector<int> next = link_edges(padded);
  std::vector<Polyline> outlines;
  for (std::size_t start = 0; start < next.size(); ++start) {
    if (next[start] < 0) continue;
    Polyline line;
    for (int edge = static_cast<int>(start); next[static_cast<std::size_t>(edge)] >= 0;) {
      line.push_back(crossing(padded, edge));
      const int following = next[static_cast<std::size_t>(edge)];
      next[static_cast<std::size_t>(edge)] = -1;
      edge = following;
    }
    line.push_back(line.front());
    outlines.push_back(std::move(line));
  }
  return outlines;
}

double enclosed_area_px2(const std::vector<Polyline>& outlines) {
  double twice = 0.0;
  for (const auto& line : outlines) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i) twice += line[i].x() * line[i + 1].y() - line[i + 1].x() * line[i].y();
  }
  return std::abs(twice) / 2.0;
}

std::vector<Polyline> smooth_outlines(std::vector<Polyline> outlines, int passes) {
  constexpr double kLambda = 0.5, kMu = -0.53;
  for (auto& line : outlines) {
    if (line.size() < 8) continue;
    for (int pass = 0; pass < passes; ++pass) {
      taubin_step(line, kLambda);
      taubin_step(line, kMu);
    }
  }
  return outlines;
}

}  // namespace cemscope::report
