#include <algorithm>

#include "imaging/phantom/random.h"
#include "imaging/phantom/soft_tissue.h"

namespace cemscope::imaging::phantom {
namespace {

struct Placement {
  double front_y, x, half_width, l1_z;
};

void add_solid_organs(std::vector<Organ>& organs, const Placement& place, Random& random) {
  const double w = place.half_width;
  organs.push_back({{place.x - 0.52 * w, place.front_y - 62, place.l1_z + 55}, {0.36 * w, 75, random.uniform(75, 105)}, 56, 5, 4});
  organs.push_back({{place.x + 0.58 * w, place.front_y - 12, place.l1_z + 75}, {0.20 * w, 42, 55}, 48, 5, 4});
  for (const double side : {-1.0, 1.0}) {
    const Point_mm centre(place.x + side * random.uniform(60, 74), place.front_y + random.uniform(4, 16),
                          place.l1_z - (side < 0 ? 22 : 8) + random.normal(0, 8));
    organs.push_back({centre, {36, 34, 68}, -95, 5, 4});
    organs.push_back({centre, {27, 26, 56}, 34, 4, 4});
    organs.push_back({centre + Point_mm(-side * 10, -4, 0), {13, 10, 28}, -80, 5, 4});
  }
}

void add_bowel_loop(std::vector<Organ>& organs, const Placement& place, bool contrast, Random& random) {
  const double angle = random.uniform(0, 6.28), reach = std::sqrt(random.uniform());
  const Point_mm centre(place.x + 0.68 * place.half_width * reach * std::cos(angle), place.front_y - 82 + 42 * reach * std::sin(angle),
                        place.l1_z - random.uniform(-30, 190));
  const Point_mm radii(random.uniform(9, 22), random.uniform(8, 17), random.uniform(12, 34));
  organs.push_back({centre, radii, 42, 4, 4});
  const Point_mm inner = radii.array() - random.uniform(1.5, 3.0);
  const double kind = random.uniform();
  if (kind < 0.3)
    organs.push_back({centre, inner, 15, 6, 4});
  else if (kind < 0.5)
    organs.push_back({centre, inner, -80, 160, 2.2});
  else if (kind < 0.68)
    organs.push_back({centre, inner, contrast ? random.uniform(200, 420) : 20, contrast ? 20.0 : 5.0, 4});
  if (kind > 0.25 && kind < 0.75)
    organs.push_back({centre + Point_mm(0, -0.25 * inner.y(), 0), {0.85 * inner.x(), 0.6 * inner.y(), 0.9 * inner.z()}, -970, 10, 4});
}

// Plaques of the aortic wall; a few are long plates.
void add_plaques(SoftTissue& tissue, double amount, Random& random) {
  const int n_plaques = static_cast<int>(amount * 22);
  for (int plaque = 0; plaque < n_plaques; ++plaque) {
    const double z = random.uniform(-140, 120), angle = random.uniform(0, 6.28);
    const SpineSection section = tissue.curve.at(z);
    if (section.level > 10.3) continue;
    const double x = section.body.x() + tissue.aorta_offset_x_mm + tissue.aorta_radius_mm * std::cos(angle);
    const double y = section.body.y() - section.half_depth_mm - tissue.aorta_radius_mm - 2 + tissue.aorta_radius_mm * std::sin(angle);
    const double length = random.chance(0.25) ? random.uniform(6, 14) : random.uniform(0.5, 4), radius = random.uniform(0.7, 1.8);
    tissue.calcifications.emplace_back(PartKind::calcification, Point_mm(x, y, z), Point_mm(x, y, z + length), radius,
                                       radius * random.uniform(0.6, 1), Direction(-std::sin(angle), std::cos(angle), 0),
                                       random.uniform(1.0, 2.6));
  }
}

void add_gallstones(SoftTissue& tissue, const Placement& place, Random& random) {
  const Point_mm bladder(place.x - 0.42 * place.half_width, place.front_y - 88, place.l1_z - 12);
  tissue.organs.push_back({bladder, {17, 15, 26}, 10, 0, 4});
  const int n_stones = random.integer(1, 5);
  for (int stone = 0; stone < n_stones; ++stone) {
    const Point_mm at = bladder + Point_mm(random.normal(0, 5), 8, random.normal(-8, 6));
    tissue.calcifications.emplace_back(PartKind::calcification, at, at + Point_mm(0, 0, 0.5), random.uniform(2, 6), random.uniform(2, 6));
  }
}

}  // namespace

SoftTissue make_soft_tissue(const PhantomParameters& parameters, const Spine& spine) {
  Random random(parameters.seed, "soft tissue");
  SoftTissue tissue{parameters.anatomy, SpineCurve(spine), {}, {}};
  const Vertebra& reference = spine.vertebrae[level_index("L1")];
  const Vertebra& lumbar = spine.vertebrae[level_index("L3")];
  tissue.trunk_x_mm = reference.frame.centre_mm.x() + random.normal(0, 4);
  const double back = lumbar.canal.centre_y_mm + lumbar.canal.half_depth_mm + lumbar.size.spinous_length_mm;
  double skin = -1e9;
  for (int index = level_index("T10"); index <= level_index("L5"); ++index)
    skin = std::max(skin, spine.vertebrae[index].frame.centre_mm.y());
  tissue.back_skin_y_mm = 0.5 * (skin + reference.frame.centre_mm.y()) + back + 5 + parameters.anatomy.subcutaneous_fat_mm;
  tissue.table_y_mm = tissue.back_skin_y_mm + 6;
  tissue.diaphragm_z_mm = reference.frame.centre_mm.z() + random.uniform(55, 95);
  tissue.muscle_fat_fraction = random.uniform(0.02, 0.55);
  tissue.aorta_radius_mm = random.chance(0.06) ? random.uniform(15, 19) : random.uniform(8.5, 12);
  tissue.aorta_offset_x_mm = random.uniform(3, 15);
  const Placement place{reference.frame.centre_mm.y() - 12, tissue.trunk_x_mm,
                        parameters.anatomy.body_half_width_mm - parameters.anatomy.subcutaneous_fat_mm - 12, reference.frame.centre_mm.z()};
  const int n_loops = random.integer(35, 60);
  for (int loop = 0; loop < n_loops; ++loop) add_bowel_loop(tissue.organs, place, parameters.anatomy.has_oral_contrast, random);
  add_solid_organs(tissue.organs, place, random);
  add_plaques(tissue, parameters.anatomy.aortic_calcification, random);
  if (parameters.anatomy.has_gallstones) add_gallstones(tissue, place, random);
  return tissue;
}

}  // namespace cemscope::imaging::phantom
