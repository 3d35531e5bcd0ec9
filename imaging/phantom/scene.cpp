#include "imaging/phantom/scene.h"

#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {
namespace {

struct ScrewHeads {
  std::vector<Point_mm> right, left;
};

void add_screws(std::vector<BonePart>& metal, const Vertebra& vertebra, Random& random, ScrewHeads& heads) {
  const CanalSection& canal = vertebra.canal;
  const double height = 0.18 * vertebra.size.height_posterior_mm, x = canal.half_width_mm + 0.45 * vertebra.size.pedicle_width_mm;
  for (const double side : {-1.0, 1.0}) {
    const double tip_x = std::max(4.0, x - random.uniform(4, 9));
    const Point_mm tip = vertebra.frame.to_patient({side * tip_x, -random.uniform(2, 9), height - random.uniform(0, 4)});
    const Point_mm head = vertebra.frame.to_patient({side * (x + 3), canal.centre_y_mm + canal.half_depth_mm + 9, height + 2});
    metal.emplace_back(PartKind::metal, tip, head, 2.3, 3.0);
    metal.emplace_back(PartKind::metal, head, head + Point_mm(0, 6, 0), 6.0, 6.0);
    (side < 0 ? heads.right : heads.left).push_back(head + Point_mm(0, 5, 0));
  }
}

}  // namespace

std::vector<BonePart> make_hardware(const PhantomAnatomy& anatomy, const Spine& spine, std::uint64_t seed) {
  Random random(seed, "hardware");
  std::vector<BonePart> metal;
  ScrewHeads heads;
  for (const Vertebra& vertebra : spine.vertebrae)
    for (const std::string& level : anatomy.screw_levels)
      if (vertebra.level == level) add_screws(metal, vertebra, random, heads);
  for (const auto* rod : {&heads.right, &heads.left})
    for (std::size_t n = 0; n + 1 < rod->size(); ++n) metal.emplace_back(PartKind::metal, (*rod)[n], (*rod)[n + 1], 2.75, 2.75);
  if (anatomy.has_hip_nail) {
    const Point_mm sacrum = spine.vertebrae[kFirstSacral].frame.centre_mm;
    const double side = random.sign();
    metal.emplace_back(PartKind::metal, sacrum + Point_mm(side * 138, -18, -60), sacrum + Point_mm(side * 142, -10, -260), 6.0, 5.5);
    metal.emplace_back(PartKind::metal, sacrum + Point_mm(side * 140, -16, -95), sacrum + Point_mm(side * 98, -26, -62), 5.0, 5.0);
  }
  return metal;
}

Scene make_scene(const PhantomParameters& parameters) {
  NoiseTexture texture(parameters.seed);
  Spine spine = make_spine(parameters, texture);
  SoftTissue tissue = make_soft_tissue(parameters, spine);
  std::vector<CementBrick> bricks;
  for (const PhantomDeposit& deposit : parameters.deposits) bricks.push_back(inject_cement(deposit, spine, texture, parameters.seed));
  std::vector<BonePart> metal = make_hardware(parameters.anatomy, spine, parameters.seed);
  return {parameters, std::move(texture), std::move(spine), std::move(tissue), std::move(bricks), std::move(metal)};
}

}  // namespace cemscope::imaging::phantom
