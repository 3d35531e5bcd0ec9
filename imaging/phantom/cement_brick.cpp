#include "imaging/phantom/cement_brick.h"

#include "imaging/phantom/leak_paths.h"
#include "imaging/phantom/leak_zones.h"
#include "imaging/phantom/percolation.h"

namespace cemscope::imaging::phantom {
namespace {

constexpr double kMaxFill = 0.45;

CementBrick empty_brick(const Vertebra& vertebra, const PhantomDeposit& deposit) {
  CementBrick brick;
  brick.level = deposit.level, brick.pattern = deposit.pattern, brick.frame = vertebra.frame;
  brick.plateau_hu = deposit.plateau_hu, brick.texture_fraction = deposit.texture_fraction;
  const double x = vertebra.body.half_width_mm + 24, front = vertebra.body.half_depth_mm + 24;
  const double back = vertebra.canal.centre_y_mm + vertebra.canal.half_depth_mm + 26;
  brick.corner_mm = Point_mm(-x, -front, vertebra.body.min_z_mm - 14);
  const Point_mm far(x, back, vertebra.body.max_z_mm + 14);
  for (int axis = 0; axis < 3; ++axis) brick.size[axis] = static_cast<int>((far[axis] - brick.corner_mm[axis]) / CementBrick::kCell_mm) + 1;
  brick.zone.assign(static_cast<std::size_t>(brick.size[0]) * brick.size[1] * brick.size[2], 0);
  return brick;
}

// Where the cement starts and how it spreads, in units of the body's half sizes and mm.
struct Injection {
  std::vector<Point_mm> seeds;
  Point_mm spread_mm{10, 9, 8};
  double roughness = 0.25, grain_mm = 3.0;
  double side = 0;           ///< the side that is preferred, 0 none
  double crossing_cost = 0;  ///< resistance per mm beyond the midline
};

Injection plan_injection(CementPattern pattern, Random& random) {
  Injection plan;
  const double depth = random.uniform(-0.45, 0.15), height = random.uniform(-0.25, 0.55), lateral = random.uniform(0.38, 0.6);
  plan.roughness = random.uniform(0.15, 0.4), plan.grain_mm = random.uniform(1.6, 3.5);
  switch (pattern) {
    case CementPattern::left:
    case CementPattern::right:
      plan.side = pattern == CementPattern::left ? 1.0 : -1.0;
      plan.seeds = {{plan.side * lateral, depth, height}};
      plan.crossing_cost = random.uniform(0.05, 0.5);
      break;
    case CementPattern::bilateral:
      plan.seeds = {{lateral, depth + random.normal(0, 0.1), height},
                    {-lateral, depth + random.normal(0, 0.1), height + random.normal(0, 0.15)}};
      break;
    case CementPattern::central_spread:
      plan.seeds = {{random.uniform(-0.15, 0.15), depth, height}};
      plan.spread_mm = {15, 10, 6};
      break;
    case CementPattern::clump:
      plan.seeds = {{random.uniform(-0.15, 0.15), random.uniform(-0.3, 0.15), random.uniform(-0.5, 0.2)}};
      plan.spread_mm = {8, 8, 8}, plan.roughness = random.uniform(0.05, 0.15);
      break;
    case CementPattern::diffuse:
      plan.seeds = {{lateral, depth, height}, {-lateral, depth, height}};
      plan.roughness = random.uniform(0.55, 0.95), plan.grain_mm = random.uniform(1.3, 2.0);
      break;
  }
  return plan;
}

/// Club-shaped clouds: cement comes out of holes near the screws' tips.
Injection injection_at(const std::vector<Point_mm>& tips_mm, const VertebraBody& body, Injection plan) {
  plan.seeds.clear();
  for (const Point_mm& tip : tips_mm) {
    const double height = std::max(1.0, body.height_mm(tip.x(), tip.y()));
    plan.seeds.emplace_back(tip.x() / body.half_width_mm, tip.y() / body.half_depth_mm,
                            std::clamp(((tip.z() - body.lower.at(tip.x(), tip.y())) / height - 0.5) / 0.4, -0.9, 0.9));
  }
  plan.side = plan.crossing_cost = 0, plan.spread_mm = {7, 10, 7};
  return plan;
}

void fill_body(CementBrick& brick, const Vertebra& vertebra, const Injection& plan, double volume_ml, const NoiseTexture& texture) {
  const VertebraBody& body = vertebra.body;
  std::vector<Point_mm> seeds;
  for (const Point_mm& seed : plan.seeds) {
    const double x = seed.x() * body.half_width_mm, y = seed.y() * body.half_depth_mm;
    seeds.emplace_back(x, y, body.lower.at(x, y) + (0.5 + 0.4 * seed.z()) * body.height_mm(x, y));
  }
  percolate(brick, seeds, CementZone::body, volume_ml, [&](const Point_mm& local) -> std::optional<double> {
    const double depth = -body.distance_mm(local);
    if (depth < 0.7) return std::nullopt;
    double nearest = 1e9;
    for (const Point_mm& seed : seeds) nearest = std::min(nearest, (local - seed).cwiseQuotient(plan.spread_mm).norm());
    const double crossing = plan.side != 0 ? plan.crossing_cost * std::max(0.0, -plan.side * local.x()) : 0.0;
    return nearest + crossing + plan.roughness * texture.at(local, plan.grain_mm) + 0.15 * std::max(0.0, 2.0 - depth);
  });
}

double body_volume_estimate_ml(const VertebraBody& body) {
  return 0.9 * 3.1416 * body.half_width_mm * body.half_depth_mm * std::max(6.0, body.height_mm(0, 0)) * 1e-3;
}

void set_box(CementBrick& brick) {
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell)
    if (brick.zone[cell] != 0) brick.box.include(brick.frame.to_patient(brick.local_of(cell)), 2 * CementBrick::kCell_mm);
}

}  // namespace

double CementBrick::share_at(const Point_mm& local) const {
  const Point_mm position = (local - corner_mm) / kCell_mm;
  const int i = static_cast<int>(std::floor(position.x())), j = static_cast<int>(std::floor(position.y())),
            k = static_cast<int>(std::floor(position.z()));
  if (i < 0 || j < 0 || k < 0 || i + 1 >= size[0] || j + 1 >= size[1] || k + 1 >= size[2]) return 0.0;
  const double u = position.x() - i, v = position.y() - j, w = position.z() - k;
  const std::uint8_t* cell = &zone[index(i, j, k)];
  const std::int64_t up = static_cast<std::int64_t>(size[0]) * size[1], back = size[0];
  const auto row = [&](std::int64_t offset) { return (cell[offset] != 0 ? 1 - u : 0.0) + (cell[offset + 1] != 0 ? u : 0.0); };
  return (1 - w) * ((1 - v) * row(0) + v * row(back)) + w * ((1 - v) * row(up) + v * row(up + back));
}

CementBrick inject_cement(const PhantomDeposit& deposit, const Spine& spine, const std::vector<Point_mm>& screw_tips_mm,
                          const NoiseTexture& texture, std::uint64_t seed) {
  const int index = level_index(deposit.level);
  const Vertebra& vertebra = spine.vertebrae[index];
  Random random(seed, "cement " + deposit.level);
  CementBrick brick = empty_brick(vertebra, deposit);
  const double volume_ml = std::min(deposit.body_ml, kMaxFill * body_volume_estimate_ml(vertebra.body));
  Injection plan = plan_injection(deposit.pattern, random);
  if (deposit.is_round_screws && !screw_tips_mm.empty()) plan = injection_at(screw_tips_mm, vertebra.body, plan);
  fill_body(brick, vertebra, plan, volume_ml, texture);
  const LeakZones zones(spine, index);
  for (const PhantomLeak& leak : deposit.leaks) add_leak(brick, leak, vertebra, zones, texture, random);
  set_box(brick);
  return brick;
}

}  // namespace cemscope::imaging::phantom
