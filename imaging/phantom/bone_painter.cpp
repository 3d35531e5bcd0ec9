#include "imaging/phantom/bone_painter.h"

#include <array>

namespace cemscope::imaging::phantom {
namespace {

constexpr double kMetalHu = 9000;
constexpr int kBlock = 8;

struct Bone {
  double cortex_mm, cortex_hu, inside_hu;
};

// Shell and inside over what lies beneath.
void blend_bone(float& hu, double distance_mm, double edge_mm, const Bone& bone) {
  const double whole = coverage(distance_mm, edge_mm), inner = coverage(distance_mm + bone.cortex_mm, edge_mm);
  hu = static_cast<float>(hu * (1 - whole) + bone.cortex_hu * (whole - inner) + bone.inside_hu * inner);
}

double decay(double depth_mm, double reach_mm) { return std::exp(-std::max(0.0, depth_mm) / reach_mm); }

// Trabecular density: grain stretched along the load, denser near the endplates and under a collapse, thin at the basivertebral vein.
double spongiosa_hu(const Vertebra& vertebra, const Point_mm& local, const BodyPosition& position, const NoiseTexture& texture) {
  const double fine = texture.at(local.x() / 1.0, local.y() / 1.0, local.z() / 2.2), coarse = texture.at(local, 4.5);
  double hu = vertebra.trabecular_hu + (14 + 0.22 * vertebra.trabecular_hu) * fine + (6 + 0.12 * vertebra.trabecular_hu) * coarse;
  hu +=
      (25 + vertebra.upper_sclerosis_hu) * decay(-position.above_mm, 4) + (25 + vertebra.lower_sclerosis_hu) * decay(-position.below_mm, 4);
  const double crushed = 170 * vertebra.body.fracture_compression;
  hu += crushed * (decay(-position.above_mm, 7) * vertebra.body.upper_drop_share +
                   decay(-position.below_mm, 7) * (1 - vertebra.body.upper_drop_share));
  if (vertebra.impaction) hu += vertebra.impaction->density_hu * impacted_share(*vertebra.impaction, position.height_fraction);
  const double behind = local.y() - 0.25 * vertebra.body.half_depth_mm;
  if (behind > 0 && std::abs(local.z()) < 5 && std::abs(local.x()) < 8) {
    const double off_axis = std::hypot(local.x() / 1.4, local.z());
    hu -= (60 + 0.6 * vertebra.trabecular_hu) * std::exp(-off_axis * off_axis / (1.0 + 0.35 * behind));
  }
  if (vertebra.island_mm) hu += (750 - hu) * coverage((local - *vertebra.island_mm).norm() - vertebra.island_radius_mm, 2.0);
  if (vertebra.has_cleft && position.above_mm > -7) {
    const double u = local.x() / (0.6 * vertebra.body.half_width_mm), v = (local.y() + 4) / (0.5 * vertebra.body.half_depth_mm),
                 w = (position.above_mm + 4.5) / 2.0;
    if (u * u + v * v + w * w < 1) hu = -550;
  }
  return hu;
}

void paint_body(ImagePlane& plane, const Vertebra& vertebra, const Scene& scene) {
  const PhantomAnatomy& anatomy = scene.parameters.anatomy;
  const double edge = plane.edge_mm();
  for_pixels_in(plane, vertebra.body_box, [&](const Point_mm& point, float& hu) {
    const Point_mm local = vertebra.frame.to_local(point);
    if (!vertebra.body.may_contain(local, 1.0)) return;
    const BodyPosition position = vertebra.body.locate(local);
    if (position.distance_mm > edge) return;
    const double grain = 1.0 + 0.18 * scene.texture.at(local, 2.0);
    const Bone bone{anatomy.cortex_thickness_mm * grain, anatomy.cortex_hu * grain,
                    position.distance_mm > -0.5 * edge ? vertebra.trabecular_hu : spongiosa_hu(vertebra, local, position, scene.texture)};
    blend_bone(hu, position.distance_mm, edge, bone);
  });
}

// The shell of the arch is thick in places and thin in others: `patch` is a slow texture of SD 1.
Bone arch_bone(PartKind kind, const PhantomAnatomy& anatomy, double trabecular_hu, double grain, double patch) {
  const double cortex_mm = (0.3 + 0.9 * anatomy.cortex_thickness_mm) * std::clamp(0.85 + 0.4 * patch, 0.4, 2.0),
               cortex_hu = anatomy.cortex_hu;
  switch (kind) {
    case PartKind::facet:
      return {cortex_mm, cortex_hu + 0.2 * anatomy.facet_sclerosis_hu,
              trabecular_hu + 90 + anatomy.facet_sclerosis_hu * (1 + 0.15 * grain)};
    case PartKind::lamina: return {cortex_mm, cortex_hu, trabecular_hu + 110 + 40 * grain};
    case PartKind::rib: return {0.8, 0.8 * anatomy.cortex_hu, trabecular_hu + 20 * grain};
    default: return {cortex_mm, cortex_hu, trabecular_hu + 30 + 30 * grain};
  }
}

struct PartGroup {
  const std::vector<BonePart>& parts;
  const Vertebra* vertebra;  ///< whose canal is carved out; none for the pelvis
  double trabecular_hu;
};

// Distance to the group's parts near a block, and the nearest part's kind.
struct Nearest {
  double distance_mm;
  PartKind kind;
};

Nearest nearest_part(const std::vector<const BonePart*>& parts, const Point_mm& point) {
  Nearest nearest{1e3, PartKind::lamina};
  double smallest = 1e3;
  for (const BonePart* part : parts) {
    const double distance = part->distance_mm(point);
    nearest.distance_mm = smooth_min(nearest.distance_mm, distance, 2.5);
    if (distance < smallest) smallest = distance, nearest.kind = part->kind();
  }
  return nearest;
}

void paint_block(ImagePlane& plane, const PixelBox& block, const std::vector<const BonePart*>& near, const PartGroup& group,
                 const Scene& scene) {
  const double edge = plane.edge_mm();
  for (int j = block.first_row; j <= block.last_row; ++j)
    for (int i = block.first_column; i <= block.last_column; ++i) {
      const Point_mm point = plane.at(i, j);
      Nearest nearest = nearest_part(near, point);
      if (nearest.distance_mm > edge) continue;
      nearest.distance_mm += 0.35 * scene.texture.at(point, 3.5);
      if (group.vertebra)
        nearest.distance_mm = std::max(nearest.distance_mm, -group.vertebra->canal.distance_mm(group.vertebra->frame.to_local(point)));
      blend_bone(plane.value(i, j), nearest.distance_mm, edge,
                 arch_bone(nearest.kind, scene.parameters.anatomy, group.trabecular_hu, scene.texture.at(point, 1.2),
                           scene.texture.at(point, 2.6)));
    }
}

void paint_parts(ImagePlane& plane, const Box& box, const PartGroup& group, const Scene& scene) {
  const PixelBox all = pixels_in(plane, box);
  const double radius = 0.71 * kBlock * plane.pixel_mm;
  if (all.last_row < all.first_row || all.last_column < all.first_column) return;
  Box slab;
  for (const int row : {all.first_row, all.last_row})
    for (const int column : {all.first_column, all.last_column}) slab.include(plane.at(column, row), radius);
  std::vector<const BonePart*> in_slab, near;
  for (const BonePart& part : group.parts)
    if ((part.box().low.array() < slab.high.array()).all() && (part.box().high.array() > slab.low.array()).all()) in_slab.push_back(&part);
  for (int row = all.first_row; row <= all.last_row; row += kBlock)
    for (int column = all.first_column; column <= all.last_column; column += kBlock) {
      const PixelBox block{column, std::min(column + kBlock - 1, all.last_column), row, std::min(row + kBlock - 1, all.last_row)};
      const Point_mm centre = 0.5 * (plane.at(block.first_column, block.first_row) + plane.at(block.last_column, block.last_row));
      near.clear();
      for (const BonePart* part : in_slab)
        if ((centre.array() > part->box().low.array() - radius).all() && (centre.array() < part->box().high.array() + radius).all() &&
            part->distance_mm(centre) < 1.6 * radius + 3.5)
          near.push_back(part);
      if (!near.empty()) paint_block(plane, block, near, group, scene);
    }
}

void paint_disc(ImagePlane& plane, const Vertebra& upper, const Vertebra& lower, const Scene& scene) {
  Box box;
  const double reach = std::max(upper.body.max_radius_mm, lower.body.max_radius_mm);
  const Point_mm centre = 0.5 * (upper.frame.to_patient({0, 0, upper.body.min_z_mm}) + lower.frame.to_patient({0, 0, lower.body.max_z_mm}));
  box.include(centre, reach);
  const double edge = plane.edge_mm(), disc_hu = scene.parameters.anatomy.disc_hu;
  for_pixels_in(plane, box, [&](const Point_mm& point, float& hu) {
    const Point_mm above = upper.frame.to_local(point), beneath = lower.frame.to_local(point);
    if (above.z() > upper.body.min_z_mm + 9 || beneath.z() < lower.body.max_z_mm - 9) return;
    const BodyPosition in_upper = upper.body.locate(above);
    if (in_upper.below_mm < -1) return;
    const BodyPosition in_lower = lower.body.locate(beneath);
    if (in_lower.above_mm < -1) return;
    const double lateral = 0.5 * (in_upper.lateral_mm + in_lower.lateral_mm) - 0.6;
    double density = disc_hu + 6 * scene.texture.at(point, 2.5) + 18 * decay(-lateral, 4);
    if (upper.has_gas_disc && lateral < -6 && scene.texture.at(point.x() / 5, point.y() / 5, 0) > 0.2 &&
        std::abs(in_upper.below_mm - in_lower.above_mm) < 2.5)
      density = -350;
    hu += static_cast<float>(coverage(lateral, edge) * (density - hu));
  });
}

// Cement is sampled finer than the plane, so that thin casts keep their volume.
double cement_share(const ImagePlane& plane, const CementBrick& brick, const Point_mm& point) {
  const int across = static_cast<int>(std::ceil(plane.pixel_mm / CementBrick::kCell_mm)),
            through = static_cast<int>(std::ceil(plane.thickness_mm / CementBrick::kCell_mm));
  double share = 0;
  for (int k = 0; k < through; ++k)
    for (int j = 0; j < across; ++j)
      for (int i = 0; i < across; ++i) {
        const Point_mm offset(((i + 0.5) / across - 0.5) * plane.pixel_mm, ((j + 0.5) / across - 0.5) * plane.pixel_mm,
                              ((k + 0.5) / through - 0.5) * plane.thickness_mm);
        share += brick.share_at(brick.frame.to_local(point + offset));
      }
  return share / (across * across * through);
}

void paint_solid(ImagePlane& plane, const BonePart& part, double density) {
  const double edge = plane.edge_mm();
  for_pixels_in(plane, part.box(), [&](const Point_mm& point, float& hu) {
    const double share = coverage(part.distance_mm(point), edge);
    if (share > 0) hu += static_cast<float>(share * (density - hu));
  });
}

}  // namespace

void paint_discs(ImagePlane& plane, const Scene& scene) {
  for (std::size_t n = 0; n + 1 < scene.spine.vertebrae.size(); ++n)
    paint_disc(plane, scene.spine.vertebrae[n], scene.spine.vertebrae[n + 1], scene);
}

void paint_vertebrae(ImagePlane& plane, const Scene& scene) {
  for (const Vertebra& vertebra : scene.spine.vertebrae) {
    paint_parts(plane, vertebra.parts_box, {vertebra.parts, &vertebra, vertebra.trabecular_hu}, scene);
    paint_body(plane, vertebra, scene);
  }
  paint_parts(plane, scene.spine.pelvis_box, {scene.spine.pelvis, nullptr, scene.parameters.anatomy.trabecular_hu}, scene);
}

void paint_calcifications(ImagePlane& plane, const Scene& scene) {
  for (std::size_t n = 0; n < scene.tissue.calcifications.size(); ++n) {
    const double density = 400 + 900 * (0.5 + 0.5 * std::sin(static_cast<double>(n) * 12.9898));
    paint_solid(plane, scene.tissue.calcifications[n], density);
  }
}

void paint_cement(ImagePlane& plane, const Scene& scene) {
  for (const CementBrick& brick : scene.bricks) {
    for_pixels_in(plane, brick.box, [&](const Point_mm& point, float& hu) {
      const double share = cement_share(plane, brick, point);
      if (share <= 0) return;
      const double grain = 0.75 * scene.texture.at(point, 0.9) + 0.65 * scene.texture.at(point, 3.0);
      const double density = brick.plateau_hu * (1 + brick.texture_fraction * std::clamp(grain, -2.5, 2.5));
      hu += static_cast<float>(share * (density - hu));
    });
  }
}

void paint_metal(ImagePlane& plane, const Scene& scene) {
  for (const BonePart& part : scene.metal) paint_solid(plane, part, kMetalHu);
}

}  // namespace cemscope::imaging::phantom
