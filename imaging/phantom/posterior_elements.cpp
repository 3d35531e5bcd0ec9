#include "imaging/phantom/posterior_elements.h"

#include <array>

namespace cemscope::imaging::phantom {
namespace {

// Adds parts given in the vertebra's own frame.
struct Builder {
  Vertebra& vertebra;
  void add(PartKind kind, const Point_mm& a, const Point_mm& b, double radius_a, double radius_b, const Direction& along, double stretch) {
    const LocalFrame& frame = vertebra.frame;
    vertebra.parts.emplace_back(kind, frame.to_patient(a), frame.to_patient(b), radius_a, radius_b, frame.axes * along, stretch);
  }
};

const Direction kUp(0, 0, 1);

void add_pedicle(Builder& builder, double side, double height) {
  const VertebraSize& size = builder.vertebra.size;
  const CanalSection& canal = builder.vertebra.canal;
  const double x = canal.half_width_mm + 0.45 * size.pedicle_width_mm, radius = 0.5 * size.pedicle_width_mm;
  const double wall = builder.vertebra.body.half_depth_mm;
  const Point_mm front(side * (x - 0.5), wall - 6, height), back(side * (x + 1.0), canal.centre_y_mm + 0.1 * canal.half_depth_mm, height);
  builder.add(PartKind::pedicle, front, back, radius, radius, kUp, size.pedicle_height_mm / size.pedicle_width_mm);
  builder.vertebra.pedicles.push_back(builder.vertebra.parts.back());
}

void add_arch(Builder& builder, double side, double height, bool lumbar) {
  const VertebraSize& size = builder.vertebra.size;
  const CanalSection& canal = builder.vertebra.canal;
  const double pillar_x = canal.half_width_mm + 0.45 * size.pedicle_width_mm + 1.0;
  const double back = canal.centre_y_mm + canal.half_depth_mm;
  const double plate_height = lumbar ? 7.0 : 9.0;
  const Point_mm pillar(side * pillar_x, canal.centre_y_mm + 2, height - 3), lamina(side * (pillar_x - 2), back - 1.5, height - 8);
  const Point_mm root(0, back + 3.5, height - 12);
  builder.add(PartKind::lamina, pillar, lamina, 4.4, 3.6, kUp, 1.9);
  builder.add(PartKind::lamina, lamina, root, 3.2, 3.0, kUp, plate_height / 3.2);
}

void add_facets(Builder& builder, double side, double height, bool lumbar) {
  const VertebraSize& size = builder.vertebra.size;
  const CanalSection& canal = builder.vertebra.canal;
  const double half_height = 0.5 * size.height_posterior_mm, back = canal.centre_y_mm + canal.half_depth_mm;
  const double upper_x = canal.half_width_mm + (lumbar ? 6.5 : 2.5), lower_x = canal.half_width_mm + (lumbar ? 0.5 : 1.5);
  const double joint_y = lumbar ? back - 2.0 : back - 4.0;
  const Point_mm base(side * (upper_x - 1), canal.centre_y_mm + 2, height - 2),
      top(side * upper_x, joint_y, half_height + 0.55 * size.disc_below_mm + 4);
  builder.add(PartKind::facet, base, top, 4.6, 3.6, Direction(0, 1, 0), lumbar ? 1.35 : 0.8);
  const Point_mm lamina(side * (lower_x - 0.5), back - 0.5, height - 12),
      foot(side * lower_x, back + (lumbar ? 1.8 : 2.6), -half_height - size.disc_below_mm - 3);
  builder.add(PartKind::facet, lamina, foot, 4.4, 3.8, Direction(0, 1, 0), lumbar ? 1.25 : 0.7);
}

void add_spinous(Builder& builder, double height, bool lumbar) {
  const VertebraSize& size = builder.vertebra.size;
  const CanalSection& canal = builder.vertebra.canal;
  const double back = canal.centre_y_mm + canal.half_depth_mm;
  const Point_mm root(0, back + 2, height - 11), tip(0, back + size.spinous_length_mm, height - 8 - size.spinous_drop_mm);
  builder.add(PartKind::spinous, root, tip, lumbar ? 2.7 : 2.3, lumbar ? 3.4 : 2.8, kUp, lumbar ? 3.0 : 1.8);
}

void add_transverse(Builder& builder, double side, double height) {
  const VertebraSize& size = builder.vertebra.size;
  const CanalSection& canal = builder.vertebra.canal;
  const double root_x = canal.half_width_mm + size.pedicle_width_mm, tip_x = 0.5 * size.transverse_width_mm;
  if (tip_x < root_x + 2) return;
  const double tip_back = builder.vertebra.level[0] == 'T' ? 12.0 : 4.0;
  const Point_mm root(side * root_x, canal.centre_y_mm + 1, height - 2), tip(side * tip_x, canal.centre_y_mm + tip_back, height + 1);
  builder.add(PartKind::transverse, root, tip, 4.0, 2.6, kUp, 1.5);
}

// A rib from the costovertebral joint round the trunk, sloping down.
void add_rib(Builder& builder, double side, double trunk_half_width) {
  const VertebraSize& size = builder.vertebra.size;
  const double body_x = builder.vertebra.body.half_width_mm, wall = builder.vertebra.body.half_depth_mm;
  const double z = 0.32 * size.height_posterior_mm;
  const double reach = builder.vertebra.level == "T12" ? 0.45 : builder.vertebra.level == "T11" ? 0.75 : 1.0;
  const double outer = trunk_half_width - 26;
  const std::array<Point_mm, 7> course{{{body_x + 2, wall - 5, z},
                                        {0.5 * size.transverse_width_mm + 2, wall + 13, z - 3},
                                        {0.42 * outer, wall + 26, z - 11},
                                        {0.68 * outer, wall + 16, z - 24},
                                        {0.9 * outer, wall - 14, z - 42},
                                        {outer, wall - 55, z - 62},
                                        {0.93 * outer, wall - 100, z - 80}}};
  const int n = 2 + static_cast<int>(reach * 4.5);
  for (int i = 0; i + 1 < n; ++i) {
    const Point_mm a(side * course[i].x(), course[i].y(), course[i].z()), b(side * course[i + 1].x(), course[i + 1].y(), course[i + 1].z());
    builder.add(PartKind::rib, a, b, 3.4, 3.4, kUp, 1.6);
  }
}

}  // namespace

void add_posterior_elements(Vertebra& vertebra, double trunk_half_width_mm, Random& random) {
  Builder builder{vertebra};
  const bool lumbar = vertebra.level[0] == 'L';
  const double height = 0.18 * vertebra.size.height_posterior_mm;
  for (const double side : {-1.0, 1.0}) {
    add_pedicle(builder, side, height + random.normal(0, 0.4));
    add_arch(builder, side, height, lumbar);
    add_facets(builder, side, height, lumbar);
    add_transverse(builder, side, height + random.normal(0, 1.0));
    if (vertebra.level[0] == 'T') add_rib(builder, side, trunk_half_width_mm);
  }
  add_spinous(builder, height, lumbar);
  vertebra.parts_box = box_of(vertebra.parts);
}

void add_sacral_parts(Vertebra& segment) {
  Builder builder{segment};
  const double width = segment.body.half_width_mm, back = segment.canal.centre_y_mm + segment.canal.half_depth_mm;
  const double ala_x = segment.level == "S1" ? 46 : segment.level == "S2" ? 40 : 32;
  for (const double side : {-1.0, 1.0}) {
    builder.add(PartKind::lamina, {side * (width - 4), 4, 2}, {side * ala_x, 12, -4}, 11, 10, kUp, 1.25);
    builder.add(PartKind::lamina, {side * ala_x, 12, -4}, {side * (segment.canal.half_width_mm + 4), back, -2}, 7, 4.5, kUp, 1.6);
    builder.add(PartKind::lamina, {side * (segment.canal.half_width_mm + 4), back, -2}, {0, back + 2.5, -3}, 3.4, 3.2, kUp, 2.5);
    if (segment.level == "S1") {
      builder.add(PartKind::facet, {side * (segment.canal.half_width_mm + 5), back - 3, 2},
                  {side * (segment.canal.half_width_mm + 7), back - 4, 21}, 4.6, 3.6, {0, 1, 0}, 1.2);
    }
  }
  builder.add(PartKind::spinous, {0, back + 2, -3}, {0, back + segment.size.spinous_length_mm, -5}, 2.6, 2.6, kUp, 2.4);
  segment.parts_box = box_of(segment.parts);
}

std::vector<BonePart> make_pelvis(const Vertebra& first_sacral) {
  std::vector<BonePart> wings;
  const Point_mm centre = first_sacral.frame.centre_mm;
  for (const double side : {-1.0, 1.0}) {
    const auto at = [&](double x, double y, double z) { return Point_mm(centre + Point_mm(side * x, y, z)); };
    wings.emplace_back(PartKind::pelvis, at(62, 34, -34), at(60, 40, 6), 7.5, 6.5, Direction(side * 0.3, 1, 0), 2.2);
    wings.emplace_back(PartKind::pelvis, at(62, 30, -20), at(92, -10, 10), 5.0, 4.6, Direction(0, 0.2, 1), 5.0);
    wings.emplace_back(PartKind::pelvis, at(92, -10, 10), at(112, -52, 0), 4.6, 6.0, Direction(0, 0.2, 1), 5.0);
    wings.emplace_back(PartKind::pelvis, at(84, -8, -62), at(96, -30, -70), 22, 24, Direction(0, 0, 1), 1.0);
  }
  return wings;
}

}  // namespace cemscope::imaging::phantom
