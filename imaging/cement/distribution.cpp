#include "imaging/cement/distribution.h"

#include <numeric>

#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::Midline;
using spine::VertebralBody;

constexpr double kSunken_mm = 2.0;       // one endplate this much deeper than the other is the collapsed one
constexpr double kReachShare = 0.01;     // of the body's cement; see DistributionMeasurement::reach_mm
constexpr double kContact_mm = 1.5;      // cement this close to an endplate touches it
constexpr double kContactArea_mm2 = 20;
constexpr double kSpongySurface = 0.75;  // share of cement voxels with a face off the deposit above which it is interdigitated (at 1 mm)

struct Walls { double left, right, front, rear; };

/// Extents of the body along its own axes at the middle of its height.
Walls extents(const VertebralBody& b, const Midline& m) {
  const double mid_v = 0, mid_u = m.at(mid_v), w = (b.lower_at(0, 0) + b.upper_at(0, 0)) / 2;
  auto edge = [&](double du, double dv) {
    double r = 4;
    while (r < 40 && b.excess({mid_u + r * du, mid_v + r * dv, w}).largest() < 0) r += 0.25;
    return r;
  };
  return {edge(1, 0), edge(-1, 0), edge(0, 1), edge(0, -1)};
}

/// How far the middle of an endplate lies below the plane of its rim, mm.
double sunken_mm(const VertebralBody& b, const Walls& walls, int sense) {
  auto height = [&](double u, double v) { return sense > 0 ? b.upper_at(u, v) : -b.lower_at(u, v); };
  const double u = 0.8 * std::min(walls.left, walls.right), front = 0.8 * walls.front, rear = -0.8 * walls.rear;
  const double rim = (height(u, 0) + height(-u, 0) + height(0, front) + height(0, rear)) / 4;
  const double middle = (height(0, 0) + height(0, front / 2) + height(0, rear / 2) + height(u / 2, 0) + height(-u / 2, 0)) / 5;
  return rim - middle;
}

void choose_band(const VertebralBody& b, const Walls& walls, DistributionMeasurement& out) {
  constexpr double kCollapsed_mm = 3;
  const double upper = sunken_mm(b, walls, +1), lower = sunken_mm(b, walls, -1);
  out.is_band_lower = lower > upper + kSunken_mm && lower > kCollapsed_mm;
  const bool is_upper_collapsed = upper > lower + kSunken_mm && upper > kCollapsed_mm;
  out.band_source = out.is_band_lower ? "collapsed_lower" : is_upper_collapsed ? "collapsed_upper" : "upper_third";
}

double gini(std::array<double, 6> x) {
  std::sort(x.begin(), x.end());
  const double sum = std::accumulate(x.begin(), x.end(), 0.0);
  if (sum <= 0) return 1;
  double weighted = 0;
  for (int q = 0; q < 6; ++q) weighted += (q + 1) * x[q];
  return 2 * weighted / (6 * sum) - 7.0 / 6;
}

struct Cell { int side, depth; };

/// The cell of a point in the band: thirds of the width about the midline, halves of the depth.
Cell cell_of(const Eigen::Vector3d& q, const Midline& m, const Walls& walls) {
  const double u = q[0] - m.at(q[1]), width = walls.left + walls.right;
  const double third = width / 6;
  return {u > third ? 0 : u < -third ? 2 : 1, q[1] > (walls.front - walls.rear) / 2 ? 0 : 1};
}

struct Sums {
  double upper_contact_mm2 = 0, lower_contact_mm2 = 0;
  std::vector<double> side_mm;  ///< distance to the left of the midline of every cement voxel
};

void add_voxel(const Eigen::Vector3d& q, double fraction, double ml, const VertebralBody& body, const Midline& m, DistributionMeasurement& out, Sums& sums) {
  const double u = q[0] - m.at(q[1]);
  out.body_cement_ml += fraction * ml;
  (u > 0 ? out.left_ml : out.right_ml) += fraction * ml;
  if (fraction < 0.5) return;
  sums.side_mm.push_back(u);
  const double area = std::pow(1000 * ml, 2.0 / 3);
  if (body.upper_at(q[0], q[1]) - q[2] < kContact_mm) sums.upper_contact_mm2 += area;
  if (q[2] - body.lower_at(q[0], q[1]) < kContact_mm) sums.lower_contact_mm2 += area;
}

void finish_sides(DistributionMeasurement& out, Sums& sums, const Walls& walls) {
  const bool left_minor = out.left_ml < out.right_ml;
  const double total = out.left_ml + out.right_ml;
  out.minor_side_fraction = total > 0 ? std::min(out.left_ml, out.right_ml) / total : 0;
  out.reach_mm = left_minor ? spine::quantile(sums.side_mm, 1 - kReachShare) : -spine::quantile(sums.side_mm, kReachShare);
  const auto share_beyond = [&](double mm) {
    const auto n = std::count_if(sums.side_mm.begin(), sums.side_mm.end(), [&](double u) { return (left_minor ? u : -u) > mm; });
    return sums.side_mm.empty() ? 0.0 : static_cast<double>(n) / static_cast<double>(sums.side_mm.size());
  };
  out.least_minor_fraction = share_beyond(DistributionMeasurement::kMidlineError_mm);
  out.most_minor_fraction = share_beyond(-DistributionMeasurement::kMidlineError_mm);
  out.reach_contralateral = out.reach_mm / std::max(5.0, left_minor ? walls.left : walls.right);
}

struct CellSums {
  BandLayers::Cells cement{}, bone{};
};

BandMeasurement finish_cells(const CellSums& sums, const DistributionParameters& p) {
  BandMeasurement out;
  std::array<double, 6> fills{};
  double cement = 0, bone = 0;
  for (int side = 0; side < 3; ++side)
    for (int depth = 0; depth < 2; ++depth) {
      const double fill = sums.bone[side][depth] > 0 ? sums.cement[side][depth] / sums.bone[side][depth] : 0;
      out.cells[side][depth] = fills[side * 2 + depth] = fill;
      cement += sums.cement[side][depth], bone += sums.bone[side][depth];
      if (fill < p.cell_hit_fraction) continue;
      ++out.n_cells_hit;
      out.left_hit = out.left_hit || side == 0, out.right_hit = out.right_hit || side == 2;
    }
  out.fill = bone > 0 ? cement / bone : 0;
  out.evenness = 1 - gini(fills);
  return out;
}

std::string contact_word(const Sums& s) {
  const bool upper = s.upper_contact_mm2 >= kContactArea_mm2, lower = s.lower_contact_mm2 >= kContactArea_mm2;
  return upper && lower ? "both" : upper ? "upper" : lower ? "lower" : "none";
}

/// Interdigitated cement has much surface for its volume.
std::string texture_word(const CementMap& map, int id) {
  Grid<std::uint8_t> mask = map.owner;
  std::size_t n = 0, inner = 0;
  for (auto& v : mask.values) v = v == id, n += v;
  for (std::uint8_t v : erode_once(mask).values) inner += v;
  return n > 0 && 1.0 - static_cast<double>(inner) / static_cast<double>(n) > kSpongySurface ? "spongy" : "blocky";
}

/// The layer of a relative height; -1 outside the endplates.
int layer_at(double height) {
  return height < 0 || height > 1 ? -1 : std::min(static_cast<int>(height * BandLayers::kLayers), BandLayers::kLayers - 1);
}

/// The body's volume and its cells' on a 1 mm lattice in its own frame.
void add_bone(const VertebralBody& body, const Midline& m, const Walls& walls, DistributionMeasurement& out) {
  constexpr double kLattice_ml = 1e-3;
  for (double w = -31; w <= 31; w += 1)
    for (double v = -32; v <= 32; v += 1)
      for (double u = -34; u <= 34; u += 1) {
        const Eigen::Vector3d q(u, v, w);
        if (!body.contains(q)) continue;
        out.body_ml += kLattice_ml;
        const int layer = layer_at(body.relative_height(q));
        if (layer < 0) continue;
        const Cell cell = cell_of(q, m, walls);
        out.layers.bone_ml[layer][cell.side][cell.depth] += kLattice_ml;
      }
}

}  // namespace

DistributionMeasurement measure_distribution(const VolumeView& volume, const CementMap& map, const Grid<std::uint8_t>& zones,
                                             const VertebralBody& body, const Midline& midline, const Deposit& deposit,
                                             const DistributionParameters& parameters) {
  DistributionMeasurement out;
  const Walls walls = extents(body, midline);
  choose_band(body, walls, out);
  Sums sums;
  add_bone(body, midline, walls, out);
  const double ml = volume.voxel_mm3() / 1000;
  const int id = deposit.body + 1;
  const auto& r = map.region;
  for (int z = 0; z < zones.nz; ++z)
    for (int y = 0; y < zones.ny; ++y)
      for (int x = 0; x < zones.nx; ++x) {
        const std::size_t index = zones.index(x, y, z);
        const double fraction = map.fraction.values[index];
        const int owner = map.owner.values[index];
        if (fraction <= 0 || (owner != id && owner != 0)) continue;
        const Point_mm at((r.start[0] + x) * volume.spacing_mm[0], (r.start[1] + y) * volume.spacing_mm[1], (r.start[2] + z) * volume.spacing_mm[2]);
        const Eigen::Vector3d q = body.frame.to_local(at);
        const bool inside = body.excess(q).largest() <= 0;
        if (owner == id ? zones.values[index] != static_cast<int>(CementZone::body) : !inside) continue;
        add_voxel(q, fraction, ml, body, midline, out, sums);
        const int layer = inside ? layer_at(body.relative_height(q)) : -1;
        if (layer < 0) continue;
        const Cell cell = cell_of(q, midline, walls);
        out.layers.cement_ml[layer][cell.side][cell.depth] += fraction * ml;
      }
  out.fill = out.body_ml > 0 ? out.body_cement_ml / out.body_ml : 0;
  finish_sides(out, sums, walls);
  out.lower_third = measure_band(out.layers, kLowerThird, parameters), out.upper_third = measure_band(out.layers, kUpperThird, parameters);
  out.endplate_contact = contact_word(sums);
  out.texture = texture_word(map, id);
  return out;
}

BandMeasurement measure_band(const BandLayers& layers, const HeightBand& band, const DistributionParameters& parameters) {
  CellSums sums;
  for (int layer = 0; layer < BandLayers::kLayers; ++layer) {
    const double share =
        std::min(band.high * BandLayers::kLayers, layer + 1.0) - std::max(band.low * BandLayers::kLayers, static_cast<double>(layer));
    if (share < 1e-9) continue;
    for (int side = 0; side < 3; ++side)
      for (int depth = 0; depth < 2; ++depth) {
        sums.cement[side][depth] += share * layers.cement_ml[layer][side][depth];
        sums.bone[side][depth] += share * layers.bone_ml[layer][side][depth];
      }
  }
  return finish_cells(sums, parameters);
}

SunkenEndplates measure_sunken(const VertebralBody& body, const Midline& midline) {
  const Walls walls = extents(body, midline);
  return {sunken_mm(body, walls, +1), sunken_mm(body, walls, -1)};
}

BodyHeights measure_heights(const VertebralBody& body, const Midline& midline) {
  const Walls walls = extents(body, midline);
  auto height = [&](double v) {
    std::vector<double> h;
    for (double u = -4; u <= 4; u += 2) h.push_back(body.upper_at(midline.at(v) + u, v) - body.lower_at(midline.at(v) + u, v));
    return std::max(0.0, spine::quantile(std::move(h), 0.5));
  };
  return {height(walls.front - 3), height((walls.front - walls.rear) / 2), height(-walls.rear + 3)};
}

}  // namespace cemscope::imaging::cement
