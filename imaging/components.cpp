#include "imaging/components.h"

#include <numeric>

namespace cemscope::imaging {
namespace {

struct Voxel {
  int x, y, z;
};

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

/// Neighbouring voxels of one row, by index.
struct Run {
  std::size_t first, last;
};

struct RunTable {
  int nx, ny;
  std::vector<Run> runs;
  std::vector<std::size_t> first_of_row;  ///< by row, and one beyond
  [[nodiscard]] std::size_t row(int y, int z) const { return static_cast<std::size_t>(z) * ny + y; }
};

RunTable find_runs(const Grid<std::uint8_t>& mask) {
  RunTable table{mask.nx, mask.ny, {}, {}};
  const std::size_t rows = static_cast<std::size_t>(mask.ny) * mask.nz;
  for (std::size_t row = 0; row < rows; ++row) {
    table.first_of_row.push_back(table.runs.size());
    const std::uint8_t* values = &mask.values[row * mask.nx];
    const std::uint8_t* end = values + mask.nx;
    for (const std::uint8_t* p = values; (p = std::find_if(p, end, [](std::uint8_t v) { return v != 0; })) != end;) {
      const std::uint8_t* stop = std::find(p, end, std::uint8_t{0});
      table.runs.push_back({static_cast<std::size_t>(p - mask.values.data()), static_cast<std::size_t>(stop - mask.values.data()) - 1});
      p = stop;
    }
  }
  table.first_of_row.push_back(table.runs.size());
  return table;
}

/// Union-find; the root of a set is its first member.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t q) {
    while (parent_[q] != q) q = parent_[q] = parent_[parent_[q]];
    return q;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a), b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

/// Joins the runs of two neighbouring rows that touch, corners included.
void join_rows(const RunTable& table, std::size_t row, std::size_t other, DisjointSets& sets) {
  const std::size_t shift = (row - other) * table.nx;  // brings `other`'s indices to `row`
  std::size_t b = table.first_of_row[other];
  for (std::size_t a = table.first_of_row[row]; a < table.first_of_row[row + 1]; ++a) {
    while (b < table.first_of_row[other + 1] && table.runs[b].last + shift + 1 < table.runs[a].first) ++b;
    for (std::size_t c = b; c < table.first_of_row[other + 1] && table.runs[c].first + shift <= table.runs[a].last + 1; ++c)
      sets.join(a, c);
  }
}

}  // namespace

std::vector<std::vector<std::size_t>> label_components(const Grid<std::uint8_t>& mask) {
  const RunTable table = find_runs(mask);
  DisjointSets sets(table.runs.size());
  for (int z = 0; z < mask.nz; ++z)
    for (int y = 0; y < mask.ny; ++y)
      for (const auto& [dy, dz] : {std::array{-1, 0}, {-1, -1}, {0, -1}, {1, -1}})
        if (y + dy >= 0 && y + dy < mask.ny && z + dz >= 0) join_rows(table, table.row(y, z), table.row(y + dy, z + dz), sets);
  std::vector<std::vector<std::size_t>> components;
  std::vector<std::size_t> component_of(table.runs.size(), table.runs.size());
  for (std::size_t r = 0; r < table.runs.size(); ++r) {
    auto& component = component_of[sets.root(r)];
    if (component == table.runs.size()) component = components.size(), components.emplace_back();
    for (std::size_t q = table.runs[r].first; q <= table.runs[r].last; ++q) components[component].push_back(q);
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

bool any_in_box(const Grid<std::uint8_t>& mask, const std::array<int, 3>& at, const std::array<int, 3>& half) {
  for (int z = std::max(0, at[2] - half[2]); z <= std::min(mask.nz - 1, at[2] + half[2]); ++z)
    for (int y = std::max(0, at[1] - half[1]); y <= std::min(mask.ny - 1, at[1] + half[1]); ++y)
      for (int x = std::max(0, at[0] - half[0]); x <= std::min(mask.nx - 1, at[0] + half[0]); ++x)
        if (mask.at(x, y, z)) return true;
  return false;
}

}  // namespace cemscope::imaging
