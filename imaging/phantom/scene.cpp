#include "imaging/phantom/scene.h"

#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {
namespace {

struct ScrewHeads {
  std::vector<Point_mm> right, left;
};

void add_screws(Implants& implants, const Vertebra& vertebra, Random& random, ScrewHeads& heads) {
  const CanalSection& canal = vertebra.canal;
  const double height = 0.18 * vertebra.size.height_posterior_mm, x = canal.half_width_mm + 0.45 * vertebra.size.pedicle_width_mm;
  for (const double side : {-1.0, 1.0}) {
    const double tip_x = std::max(4.0, x - random.uniform(4, 9));
    const Point_mm local_tip(side * tip_x, -random.uniform(2, 9), height - random.uniform(0, 4));
    const Point_mm tip = vertebra.frame.to_patient(local_tip);
    const Point_mm head = vertebra.frame.to_patient({side * (x + 3), canal.centre_y_mm + canal.half_depth_mm + 9, height + 2});
    implants.metal.emplace_back(PartKind::metal, tip, head, 2.3, 3.0);
    implants.metal.emplace_back(PartKind::metal, head, head + Point_mm(0, 6, 0), 6.0, 6.0);
    implants.screw_tips_mm[vertebra.level].push_back(local_tip);
    (side < 0 ? heads.right : heads.left).push_back(head + Point_mm(0, 5, 0));
  }
}

/// Two bars of titanium from front to back, or four pins of a radiolucent cage, in the disc below a vertebra.
void add_cage(std::vector<BonePart>& metal, const Vertebra& vertebra, bool is_metal) {
  const VertebraBody& body = vertebra.body;
  const double z = body.min_z_mm - 0.5 * vertebra.size.disc_below_mm + 1.0, depth = 0.45 * body.half_depth_mm;
  const double radius = std::min(4.5, 0.5 * vertebra.size.disc_below_mm + 0.5);
  for (const double side : {-1.0, 1.0}) {
    const double x = side * 0.35 * body.half_width_mm;
    const auto at = [&](double y, double up) { return vertebra.frame.to_patient({x, y, z + up}); };
    if (is_metal) {
      metal.emplace_back(PartKind::metal, at(-depth, 0), at(depth, 0), radius, radius);
      continue;
    }
    for (const double end : {-1.0, 1.0})
      metal.emplace_back(PartKind::metal, at(end * depth, -0.8 * radius), at(end * depth, 0.8 * radius), 0.5, 0.5);
  }
}

}  // namespace

Implants make_hardware(const PhantomAnatomy& anatomy, const Spine& spine, std::uint64_t seed) {
  Random random(seed, "hardware");
  Implants implants;
  std::vector<BonePart>& metal = implants.metal;
  ScrewHeads heads;
  for (const Vertebra& vertebra : spine.vertebrae)
    for (const std::string& level : anatomy.screw_levels)
      if (vertebra.level == level) add_screws(implants, vertebra, random, heads);
  for (const Vertebra& vertebra : spine.vertebrae)
    for (const std::string& level : anatomy.cage_levels)
      if (vertebra.level == level) add_cage(metal, vertebra, anatomy.has_metal_cages);
  for (const auto* rod : {&heads.right, &heads.left})
    for (std::size_t n = 0; n + 1 < rod->size(); ++n) metal.emplace_back(PartKind::metal, (*rod)[n], (*rod)[n + 1], 2.75, 2.75);
  if (anatomy.has_hip_nail) {
    const Point_mm sacrum = spine.vertebrae[kFirstSacral].frame.centre_mm;
    const double side = random.sign();
    metal.emplace_back(PartKind::metal, sacrum + Point_mm(side * 138, -18, -60), sacrum + Point_mm(side * 142, -10, -260), 6.0, 5.5);
    metal.emplace_back(PartKind::metal, sacrum + Point_mm(side * 140, -16, -95), sacrum + Point_mm(side * 98, -26, -62), 5.0, 5.0);
  }
  return implants;
}

Scene make_scene(const PhantomParameters& parameters) {
  NoiseTexture texture(parameters.seed);
  Spine spine = make_spine(parameters, texture);
  SoftTissue tissue = make_soft_tissue(parameters, spine);
  Implants implants = make_hardware(parameters.anatomy, spine, parameters.seed);
  std::vector<CementBrick> bricks;
  for (const PhantomDeposit& deposit : parameters.deposits)
    bricks.push_back(inject_cement(deposit, spine, implants.screw_tips_mm[deposit.level], texture, parameters.seed));
  return {parameters, std::move(texture), std::move(spine), std::move(tissue), std::move(bricks), std::move(implants.metal)};
}

}  // namespace cemscope::imaging::phantom
