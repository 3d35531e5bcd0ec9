#include "imaging/cement/leakage.h"

#include "imaging/cement/moments.h"
#include "imaging/cement/outlying.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::Excess;
using spine::VertebralBody;

// How far beyond epsilon a face must be passed before it counts.
constexpr double kFaceUncertainty_mm = 0.2;
constexpr double kCanalDepth_mm = 22;                       // rear wall to lamina, generous
constexpr double kMinorShare = 0.25, kMinorZone_ml = 0.12;  // a smaller part of a leak joins the largest
constexpr double kPedicleFrom = 0.30;                       // relative height above which the pedicle, below which the foramen lies

double tolerance(const VolumeView& v, const LeakageParameters& p) {
  const double voxel = std::max(v.spacing_mm[0], v.spacing_mm[1]), slice = std::max({v.spacing_mm[0], v.spacing_mm[1], v.spacing_mm[2]});
  return std::max({p.min_tolerance_mm, slice / 2, voxel});
}

CementZone zone_behind(const VertebralBody& body, const CementVoxel& v, const CanalWidth& canal) {
  const double side = std::abs(v.local[0] - canal.centre_u_mm);
  if (side <= canal.half_width_mm + 0.5) return v.excess.behind <= kCanalDepth_mm ? CementZone::canal : CementZone::needle_tract;
  const double t = body.relative_height(v.local);
  if (t < kPedicleFrom && v.excess.behind < 12) return CementZone::foramen;
  return CementZone::needle_tract;
}

CementZone raw_zone(const VertebralBody& body, const CementVoxel& v, const CanalWidth& canal) {
  if (v.excess.largest() <= 0) return CementZone::body;
  if (v.excess.behind > 0) return zone_behind(body, v, canal);
  const double beyond_endplate = std::max(v.excess.above, v.excess.below);
  return beyond_endplate > 0 && v.excess.wall <= 1.0 ? CementZone::disc : CementZone::paravertebral;
}

std::vector<CementVoxel> cement_voxels(const Geometry& g, const VertebralBody& body, int id, const CanalWidth& canal, double epsilon) {
  std::vector<CementVoxel> out;
  for (std::size_t q = 0; q < g.map.owner.values.size(); ++q) {
    if (g.map.owner.values[q] != id) continue;
    CementVoxel v{q, body.frame.to_local(g.at(q)), {}};
    v.excess = body.excess(v.local);
    v.zone = raw_zone(body, v, canal);
    v.certain = v.zone != CementZone::body && v.excess.largest() > epsilon + kFaceUncertainty_mm;
    out.push_back(v);
  }
  return out;
}

/// The places of a part, unrolled about the body (see unroll).
std::vector<Eigen::Vector3d> unrolled(const std::vector<CementVoxel*>& part) {
  std::vector<Eigen::Vector3d> local;
  for (const auto* v : part) local.push_back(v->local);
  return unroll(local);
}

struct Tube {
  double length_mm, diameter_mm, flatness, extent_mm;
};

/// Length of the main axis, the diameter of the cylinder of that length and the component's volume, the ratio of the other two axes, and
/// how far it leads off the body.
Tube tube_of(const std::vector<CementVoxel*>& part, double voxel_mm3) {
  const auto places = unrolled(part);
  const Eigen::Vector3d mean = mean_of(places);
  const auto solver = principal_axes(places);
  double lo = 1e9, hi = -1e9, extent = 0;
  for (std::size_t q = 0; q < places.size(); ++q) {
    const double t = (places[q] - mean).dot(solver.eigenvectors().col(2));
    lo = std::min(lo, t), hi = std::max(hi, t);
    extent = std::max(extent, part[q]->excess.largest());
  }
  const double length = std::max(1.0, hi - lo);
  const auto& e = solver.eigenvalues();
  return {length, diameter_of(static_cast<double>(part.size()) * voxel_mm3, length), std::sqrt(std::max(0.0, e[1]) / std::max(0.04, e[0])),
          extent};
}

/// A cast of a vein: long, thin, and round or leading off the body; a flat crescent on the wall is none, but what is very long for its
/// thickness is. What is only a few times longer than thick and as thick as the widest veins is a ragged clump: of phantoms and warped
/// spines looked at, no such part of a vein was thicker than 3.6 mm, and 3 of 34 parts of leaks beside the body were.
bool is_vein(const Tube& tube, const LeakageParameters& p) {
  constexpr double kRound = 3, kOff_mm = 5.5, kSlender = 5, kThin_mm = 3.8;
  const double slenderness = tube.length_mm / tube.diameter_mm;
  const double widest_mm = slenderness < kSlender ? std::min(kThin_mm, p.vascular_max_diameter_mm) : p.vascular_max_diameter_mm;
  return slenderness >= p.vascular_length_to_diameter && tube.diameter_mm <= widest_mm &&
         (tube.flatness <= std::max(kRound, slenderness / 2) || tube.extent_mm >= kOff_mm);
}

std::map<CementZone, double> volume_by_zone(const std::vector<CementVoxel*>& part, double voxel_mm3) {
  std::map<CementZone, double> mm3;
  for (const auto* v : part) mm3[v->zone] += voxel_mm3;
  return mm3;
}

/// Offsets within a ball, the middle among them.
std::vector<std::array<int, 3>> ball(const VolumeView& volume, double radius_mm) {
  std::array<int, 3> half{};
  for (int d = 0; d < 3; ++d) half[d] = static_cast<int>(radius_mm / volume.spacing_mm[d]);
  std::vector<std::array<int, 3>> offsets;
  for (int z = -half[2]; z <= half[2]; ++z)
    for (int y = -half[1]; y <= half[1]; ++y)
      for (int x = -half[0]; x <= half[0]; ++x)
        if (Eigen::Vector3d(x * volume.spacing_mm[0], y * volume.spacing_mm[1], z * volume.spacing_mm[2]).norm() <= radius_mm)
          offsets.push_back({x, y, z});
  return offsets;
}

/// A part of a leak as thick parts, which a ball fits into, and the connected thin ones that are left.
struct ThickAndThin {
  std::vector<CementVoxel*> thick;
  std::vector<std::vector<CementVoxel*>> thin;
};

ThickAndThin by_thickness(const Geometry& g, const std::vector<CementVoxel*>& part) {
  constexpr double kRadius_mm = 2;
  const auto offsets = ball(g.volume, kRadius_mm);
  Grid<std::uint8_t> own(g.map.owner.nx, g.map.owner.ny, g.map.owner.nz), thick = own;
  VoxelsByIndex by_index;
  for (auto* v : part) own.values[v->at] = 1, by_index[v->at] = v;
  for (const auto* v : part) {
    const auto at = g.place(v->at);
    const bool fits = std::all_of(offsets.begin(), offsets.end(), [&](const auto& o) {
      return own.contains(at[0] + o[0], at[1] + o[1], at[2] + o[2]) && own.at(at[0] + o[0], at[1] + o[1], at[2] + o[2]);
    });
    if (!fits) continue;
    for (const auto& o : offsets) thick.at(at[0] + o[0], at[1] + o[1], at[2] + o[2]) = 1;
  }
  ThickAndThin out;
  for (auto* v : part)
    if (thick.values[v->at]) out.thick.push_back(v), own.values[v->at] = 0;
  out.thin = connected_parts(own, by_index);
  return out;
}

/// How far the thin part leads off the thick one, mm. O(thin x thick).
double lead_of(const std::vector<CementVoxel*>& thin, const std::vector<CementVoxel*>& thick) {
  double farthest = 0;
  for (const auto* v : thin) {
    double nearest = 1e9;
    for (const auto* other : thick) nearest = std::min(nearest, (v->local - other->local).norm());
    farthest = std::max(farthest, nearest);
  }
  return farthest;
}

/// What lies beside the body is a cast of a vein, or a clump with casts of veins that lead off it, or neither.
void tell_veins(const Geometry& g, std::vector<CementVoxel*>& side, const LeakageParameters& p) {
  constexpr double kClump_mm3 = 40, kTail_mm3 = 40, kLead_mm = 8;  // a clump's rim is thin, too
  const double voxel_mm3 = g.volume.voxel_mm3();
  const auto volume = [&](const std::vector<CementVoxel*>& part) { return static_cast<double>(part.size()) * voxel_mm3; };
  const auto make_vascular = [](const std::vector<CementVoxel*>& part) {
    for (auto* v : part) v->zone = CementZone::vascular;
  };
  const auto parts = by_thickness(g, side);
  if (volume(parts.thick) >= kClump_mm3) {
    bool has_tail = false;
    for (const auto& thin : parts.thin)
      if (volume(thin) >= kTail_mm3 && is_vein(tube_of(thin, voxel_mm3), p) && lead_of(thin, parts.thick) >= kLead_mm)
        has_tail = true, make_vascular(thin);
    if (has_tail) return;
  }
  if (is_vein(tube_of(side, voxel_mm3), p)) make_vascular(side);
}

/// Small parts of a leak join its largest zone; a tube becomes vascular.
void settle_zones(const Geometry& g, std::vector<CementVoxel*>& part, const LeakageParameters& p) {
  const double voxel_mm3 = g.volume.voxel_mm3();
  const auto mm3 = volume_by_zone(part, voxel_mm3);
  double total = 0;
  CementZone largest = part.front()->zone;
  for (const auto& [zone, volume] : mm3) {
    total += volume;
    if (volume > mm3.at(largest)) largest = zone;
  }
  for (auto* v : part)
    if (mm3.at(v->zone) < kMinorShare * total && mm3.at(v->zone) < 1000 * kMinorZone_ml) v->zone = largest;
  std::vector<CementVoxel*> side;
  for (auto* v : part)
    if (v->zone == CementZone::paravertebral && !v->is_sheet) side.push_back(v);
  if (!side.empty()) tell_veins(g, side, p);
}

/// How far beyond the wall a piece lies, mm: the q-quantile of its voxels.
double off_wall_mm(const std::vector<CementVoxel*>& piece, double q) {
  std::vector<double> off;
  for (const auto* v : piece) off.push_back(v->excess.wall);
  return spine::quantile(std::move(off), q);
}

/// Moves a piece out to where a leak begins.
void lift(const std::vector<CementVoxel*>& piece, double epsilon) {
  const double way = epsilon + kFaceUncertainty_mm + 0.1 - off_wall_mm(piece, 0.1);
  for (auto* v : piece) {
    v->excess.wall += std::max(0.0, way);
    v->zone = CementZone::paravertebral, v->certain = true;
  }
}

/// A slender piece of its own that lies along the wall is a cast of a vein, wherever the wall was drawn: it passes for cortex, and the wall
/// is drawn round it. Moves such pieces out to where a leak begins.
void lift_casts(const Geometry& g, std::vector<CementVoxel>& voxels, double epsilon, const LeakageParameters& p) {
  constexpr double kInside_mm = 0.7, kSlender = 4, kLeast_mm = 8;
  Grid<std::uint8_t> own(g.map.owner.nx, g.map.owner.ny, g.map.owner.nz);
  VoxelsByIndex by_index;
  for (auto& v : voxels) own.values[v.at] = 1, by_index[v.at] = &v;
  for (const auto& piece : connected_parts(own, by_index)) {
    const bool is_beside = std::all_of(piece.begin(), piece.end(), [](const auto* v) {
      const Excess& e = v->excess;
      return e.wall > -kInside_mm && e.behind < 0 && std::max(e.above, e.below) < 0;
    });
    if (!is_beside) continue;
    const Tube tube = tube_of(piece, g.volume.voxel_mm3());
    if (tube.length_mm < kLeast_mm || tube.length_mm < kSlender * tube.diameter_mm || !is_vein(tube, p)) continue;
    lift(piece, epsilon);
  }
}

/// Three times as long as wide, unrolled about the body.
bool is_slender(const std::vector<CementVoxel*>& piece) {
  constexpr double kLengthToWidth = 3;
  const Eigen::Vector3d along = variances_of(unrolled(piece));
  return side_of(along[2]) >= kLengthToWidth * side_of(along[1]);
}

/// A sheet of cement along the wall, apart from the deposit but for a neck, ran out and was pressed flat on the waist, wherever the wall
/// was drawn: it passes for cortex, too. Cement that fills marrow up to the wall reaches deeper: of some 600 pieces within 3.5 mm of the
/// walls of 320 phantoms and warped spines, four leaks but only two pieces of the body's, both below 45 mm3, lay within 2.2 mm of it.
void lift_sheets(const Geometry& g, std::vector<CementVoxel>& voxels, double epsilon) {
  constexpr double kShell_mm = 3.5, kFlat_mm = 2.2, kTouches_mm = 0.8, kHalfOut_mm = 0.5, kLeast_mm3 = 50;
  Grid<std::uint8_t> shell(g.map.owner.nx, g.map.owner.ny, g.map.owner.nz);
  VoxelsByIndex by_index;
  for (auto& v : voxels) {
    const Excess& e = v.excess;
    if (e.wall > -kShell_mm && e.behind < -1 && std::max(e.above, e.below) < 0) shell.values[v.at] = 1, by_index[v.at] = &v;
  }
  for (const auto& piece : connected_parts(shell, by_index)) {
    if (static_cast<double>(piece.size()) * g.volume.voxel_mm3() < kLeast_mm3) continue;
    const bool is_outside = off_wall_mm(piece, 0.5) > kHalfOut_mm, is_deep = off_wall_mm(piece, 0.1) < -kFlat_mm;
    if (is_outside || is_deep || off_wall_mm(piece, 0.9) < -kTouches_mm) continue;
    lift(piece, epsilon);
    if (!is_slender(piece))
      for (auto* v : piece) v->is_sheet = true;
  }
}

/// A tract of the needle, by its volume beyond epsilon, or a leak, by its odds.
bool is_off_the_body(const OutlyingCement& part, const LeakageParameters& p) {
  if (part.is_tract()) return part.certain_mm3 >= p.min_leak_mm3;
  return part.outside_mm3 >= p.min_leak_mm3 && part.leak_odds() > 0;
}

bool is_leak_zone(CementZone z) { return z != CementZone::body && z != CementZone::needle_tract; }

/// The zone of a rim voxel: that of the cement next to it (the highest label, so that a leak's rim stays the leak's).
std::uint8_t rim_zone(const Geometry& g, const Grid<std::uint8_t>& zones, std::size_t q, int id) {
  const auto& map = g.map;
  const auto [x, y, z] = g.place(q);
  std::array<int, kNCementZones + 1> votes{};
  for (int dz = -1; dz <= 1; ++dz)
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if (zones.contains(x + dx, y + dy, z + dz) && map.owner.at(x + dx, y + dy, z + dz) == id) ++votes[zones.at(x + dx, y + dy, z + dz)];
  votes[0] = 0;
  const auto top = std::max_element(votes.begin(), votes.end());
  return *top > 0 ? static_cast<std::uint8_t>(top - votes.begin()) : 0;
}

void sum_zones(const Geometry& g, const Grid<std::uint8_t>& zones, const std::vector<CementVoxel>& voxels, int id,
               LeakageMeasurement& out) {
  const double ml = g.volume.voxel_mm3() / 1000;
  for (std::size_t q = 0; q < zones.values.size(); ++q) {
    if (g.map.fraction.values[q] <= 0) continue;
    if (g.map.owner.values[q] != 0 && g.map.owner.values[q] != id) continue;
    const int zone = g.map.owner.values[q] ? zones.values[q] : rim_zone(g, zones, q, id);
    if (zone) out.zones[zone - 1].volume_ml += g.map.fraction.values[q] * ml;
  }
  for (const auto& v : voxels)
    if (v.zone != CementZone::body) {
      auto& extent = out.zones[static_cast<int>(v.zone) - 1].extent_mm;
      extent = std::max(extent, v.excess.largest());
    }
  for (int z = 0; z < kNCementZones; ++z)
    if (is_leak_zone(static_cast<CementZone>(z + 1))) {
      out.leak_ml += out.zones[z].volume_ml;
      out.extent_mm = std::max(out.extent_mm, out.zones[z].extent_mm);
    }
}

}  // namespace

CanalWidth measure_canal_width(const VolumeView& volume, const VertebralBody& body, double bone_hu) {
  std::vector<double> left, right;
  const double rear = body.rear_at(0, 0);
  for (double w = -4; w <= 12; w += 1)
    for (double back = 4; back <= 9; back += 1)
      for (int side : {-1, 1})
        for (double u = 4; u <= 16; u += 0.5)
          if (volume.sample(body.frame.to_image({side * u, rear - back, w})) > bone_hu + 40) {
            (side > 0 ? left : right).push_back(u);
            break;
          }
  if (left.size() < 12 || right.size() < 12) return {};
  const double l = spine::quantile(left, 0.5), r = spine::quantile(right, 0.5);
  return {(l - r) / 2, std::clamp((l + r) / 2, 8.0, 15.0)};
}

LeakageMeasurement measure_leakage(const VolumeView& volume, const CementMap& map, const VertebralBody& body, const Deposit& deposit,
                                   const CanalWidth& canal, const LeakageParameters& parameters, Grid<std::uint8_t>& zones) {
  const Geometry g{volume, map};
  LeakageMeasurement out;
  out.tolerance_mm = tolerance(volume, parameters);
  const int id = deposit.body + 1;
  auto voxels = cement_voxels(g, body, id, canal, out.tolerance_mm);
  lift_casts(g, voxels, out.tolerance_mm, parameters);
  lift_sheets(g, voxels, out.tolerance_mm);
  std::vector<CementVoxel*> kept;
  for (auto& part : outlying_parts(g, body, voxels, out.tolerance_mm)) {
    if (is_off_the_body(part.found, parameters)) {
      if (part.found.is_tract() && part.found.leak_odds() <= 0)
        for (auto* v : part.voxels) v->zone = CementZone::needle_tract;
      settle_zones(g, part.voxels, parameters);
      kept.insert(kept.end(), part.voxels.begin(), part.voxels.end());
    }
    const bool is_beside = std::any_of(part.voxels.begin(), part.voxels.end(), [](const auto* v) { return is_leak_zone(v->zone); });
    if (part.found.outside_mm3 >= parameters.min_leak_mm3 && (is_beside || !part.found.is_tract()))
      out.leak_odds = std::max(out.leak_odds, part.found.leak_odds());
    out.parts.push_back(std::move(part.found));
  }
  for (const auto& v : voxels) zones.values[v.at] = static_cast<std::uint8_t>(CementZone::body);
  for (const auto* v : kept) zones.values[v->at] = static_cast<std::uint8_t>(v->zone);
  for (auto& v : voxels) v.zone = static_cast<CementZone>(zones.values[v.at]);
  sum_zones(g, zones, voxels, id, out);
  return out;
}

}  // namespace cemscope::imaging::cement
