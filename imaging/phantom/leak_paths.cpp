#include "imaging/phantom/leak_paths.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "imaging/phantom/percolation.h"

namespace cemscope::imaging::phantom {
namespace {

struct Breach {
  Point_mm outside{0, 0, 0}, inside{0, 0, 0};
  bool found = false;
};

Point_mm nearest_cement(const CementBrick& brick, const std::vector<std::int64_t>& cells, const Point_mm& point) {
  double best = std::numeric_limits<double>::max();
  Point_mm nearest = point;
  for (std::size_t n = 0; n < cells.size(); n += 7) {
    const Point_mm candidate = brick.local_of(cells[n]);
    const double distance = (candidate - point).squaredNorm();
    if (distance < best) best = distance, nearest = candidate;
  }
  return nearest;
}

std::vector<std::int64_t> body_cells(const CementBrick& brick) {
  std::vector<std::int64_t> cells;
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell)
    if (brick.zone[cell] == static_cast<std::uint8_t>(CementZone::body)) cells.push_back(cell);
  return cells;
}

// A random point just outside the body where a leak of this zone would begin.
Point_mm propose_breach(CementZone zone, const Vertebra& vertebra, Random& random) {
  const VertebraBody& body = vertebra.body;
  if (zone == CementZone::disc) {
    const double angle = random.uniform(0, 4), reach = std::sqrt(random.uniform()) * 0.75;
    const auto [cosine, sine] = diamond_direction(angle);
    const double x = reach * body.half_width_mm * cosine, y = reach * body.half_depth_mm * sine;
    return random.chance(0.65) ? Point_mm(x, y, body.upper.at(x, y) + 0.6) : Point_mm(x, y, body.lower.at(x, y) - 0.6);
  }
  double angle = random.uniform(1.9, 4.1), height = random.uniform(0.25, 0.85);
  if (zone == CementZone::canal) angle = random.uniform(0.8, 1.2);
  if (zone == CementZone::foramen)
    angle = random.chance(0.5) ? random.uniform(0.42, 0.68) : random.uniform(1.32, 1.58), height = random.uniform(0.08, 0.3);
  const auto [cosine, sine] = diamond_direction(angle);
  const double radius = body.radius_mm(angle, height) + 0.8, x = radius * cosine, y = radius * sine;
  return {x, y, body.lower.at(x, y) + height * body.height_mm(x, y)};
}

Breach find_breach(const CementBrick& brick, CementZone zone, const Vertebra& vertebra, const LeakZones& zones, Random& random) {
  const std::vector<std::int64_t> cells = body_cells(brick);
  const CementZone place = zone == CementZone::vascular ? CementZone::paravertebral : zone;
  Breach best;
  double best_score = std::numeric_limits<double>::max();
  for (int trial = 0; trial < 40 && !cells.empty(); ++trial) {
    const Point_mm outside = propose_breach(zone, vertebra, random);
    if (zones.at(outside) != place) continue;
    const Point_mm inside = nearest_cement(brick, cells, outside);
    const double score = (inside - outside).norm() + random.uniform(0, 4);
    if (score < best_score) best_score = score, best = {outside, inside, true};
  }
  return best;
}

// The way of the cement from the deposit through the cortex: a channel of 0.9 mm radius that belongs to the body.
void carve_channel(CementBrick& brick, const Breach& breach, const Vertebra& vertebra) {
  const Point_mm course = breach.outside - breach.inside;
  const int n_steps = static_cast<int>(course.norm() / 0.2) + 1;
  for (int step = 0; step <= n_steps; ++step) {
    const Point_mm centre = breach.inside + course * (static_cast<double>(step) / n_steps);
    for (int k = -2; k <= 2; ++k)
      for (int j = -2; j <= 2; ++j)
        for (int i = -2; i <= 2; ++i) {
          const Point_mm point = centre + CementBrick::kCell_mm * Point_mm(i, j, k);
          const std::int64_t cell = brick.cell_at(point);
          if (i * i + j * j + k * k > 5 || cell < 0 || brick.zone[cell] != 0) continue;
          if (vertebra.body.distance_mm(brick.local_of(cell)) < 0) brick.zone[cell] = static_cast<std::uint8_t>(CementZone::body);
        }
  }
}

// How a leak spreads: thin and wide in the disc, flat along the wall in the canal, a blob beside the body.
Point_mm spread(CementZone zone) {
  if (zone == CementZone::disc) return {1.0, 1.0, 1.8};
  if (zone == CementZone::canal) return {1.0, 2.0, 0.7};
  return {1.2, 1.2, 0.9};
}

void spread_leak(CementBrick& brick, const PhantomLeak& leak, const Breach& breach, const LeakZones& zones, const NoiseTexture& texture) {
  const Point_mm weight = spread(leak.zone);
  percolate(brick, {breach.outside}, leak.zone, leak.volume_ml, [&](const Point_mm& local) -> std::optional<double> {
    if (zones.at(local) != leak.zone) return std::nullopt;
    return (local - breach.outside).cwiseProduct(weight).norm() + 1.1 * texture.at(local, 1.6);
  });
}

struct Tube {
  std::vector<Point_mm> course;
  double radius_mm;
};

// Fills a tube from its start until the volume is reached; only cells that `allowed` accepts.
void fill_tube(CementBrick& brick, const Tube& tube, const PhantomLeak& leak, const std::function<bool(const Point_mm&)>& allowed) {
  const int reach = static_cast<int>(tube.radius_mm / CementBrick::kCell_mm) + 1;
  double filled_ml = 0;
  for (const Point_mm& centre : tube.course) {
    for (int k = -reach; k <= reach; ++k)
      for (int j = -reach; j <= reach; ++j)
        for (int i = -reach; i <= reach; ++i) {
          const std::int64_t cell = brick.cell_at(centre + CementBrick::kCell_mm * Point_mm(i, j, k));
          if (cell < 0 || brick.zone[cell] != 0 || (brick.local_of(cell) - centre).norm() > tube.radius_mm ||
              !allowed(brick.local_of(cell)))
            continue;
          brick.zone[cell] = static_cast<std::uint8_t>(leak.zone);
          filled_ml += CementBrick::kCell_ml;
        }
    if (filled_ml >= leak.volume_ml) return;
  }
}

// A segmental vein: round the body's side at the height of the breach, then drifting up or down.
Tube segmental_vein(const Breach& breach, double volume_ml, const Vertebra& vertebra, Random& random) {
  // Never thicker than a quarter of its length, else it would be no cast of a vessel (DEFINITIONS: length/diameter >= 3).
  const double thickest_mm = std::cbrt(volume_ml * 1000 / (8 * std::numbers::pi));
  Tube vein{{}, std::min(random.uniform(1.0, 1.6), thickest_mm)};
  const VertebraBody& body = vertebra.body;
  const double start = diamond_angle(breach.outside.x(), breach.outside.y()), drift = random.normal(0, 0.25);
  const double turn = start < 3.0 ? 1.0 : -1.0, height = body.locate(breach.outside).height_fraction;
  double z = breach.outside.z(), clearance = 0.2;
  for (double travelled = 0; travelled < 1.9; travelled += 0.01) {
    const double angle = start + turn * travelled;
    const auto [cosine, sine] = diamond_direction(angle);
    clearance = std::min(clearance + 0.03, 1.0);
    const double radius = body.radius_mm(angle - 4 * std::floor(angle / 4), height) +
                          body.rim_mm.at(angle - 4 * std::floor(angle / 4)) * 0.3 + vein.radius_mm + clearance;
    z += drift * 0.25;
    vein.course.emplace_back(radius * cosine, radius * sine, z);
  }
  return vein;
}

void add_vascular_leak(CementBrick& brick, const PhantomLeak& leak, const Breach& breach, const Vertebra& vertebra, const LeakZones& zones,
                       Random& random) {
  const Tube vein = segmental_vein(breach, leak.volume_ml, vertebra, random);
  fill_tube(brick, vein, leak, [&](const Point_mm& local) { return zones.at(local) == CementZone::paravertebral; });
}

// Cement left in the needle's way: along a pedicle and out behind it.
void add_needle_tract(CementBrick& brick, const PhantomLeak& leak, const Vertebra& vertebra, const LeakZones& zones, Random& random) {
  const double side = random.sign(), height = 0.18 * vertebra.size.height_posterior_mm;
  const double x = vertebra.canal.half_width_mm + 0.45 * vertebra.size.pedicle_width_mm;
  const Point_mm entry(side * (x + 6), vertebra.canal.centre_y_mm + vertebra.canal.half_depth_mm + 6, height + 4);
  const Point_mm front(side * (x - 3), vertebra.body.half_depth_mm - 8, height - 1);
  Tube tract{{}, random.uniform(1.0, 1.5)};
  for (double share = 0; share <= 1.5; share += 0.008) tract.course.push_back(front + share * (entry - front));
  const CanalSection& canal = vertebra.canal;
  fill_tube(brick, tract, leak, [&](const Point_mm& local) {
    return vertebra.body.distance_mm(local) >= 0 && canal.distance_mm(local) > 0.5 &&
           (zones.in_own_arch(local) || local.y() > canal.centre_y_mm);
  });
}

}  // namespace

void add_leak(CementBrick& brick, const PhantomLeak& leak, const Vertebra& vertebra, const LeakZones& zones, const NoiseTexture& texture,
              Random& random) {
  if (leak.zone == CementZone::needle_tract) return add_needle_tract(brick, leak, vertebra, zones, random);
  const Breach breach = find_breach(brick, leak.zone, vertebra, zones, random);
  if (!breach.found) return;
  carve_channel(brick, breach, vertebra);
  if (leak.zone == CementZone::vascular)
    add_vascular_leak(brick, leak, breach, vertebra, zones, random);
  else
    spread_leak(brick, leak, breach, zones, texture);
}

}  // namespace cemscope::imaging::phantom
