#include "imaging/phantom/soft_tissue.h"

#include <numbers>

#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {
namespace {

constexpr double kFatHu = -102, kMuscleHu = 52, kLungHu = -850, kCsfHu = 12;

// A point given relative to the spine's section, turned with it.
struct SpineAnchor {
  const SpineSection& section;
  [[nodiscard]] EllipsePatch patch(double x, double y, double radius_x, double radius_y, double hu) const {
    const double cosine = std::cos(section.turn_rad), sine = std::sin(section.turn_rad);
    EllipsePatch result;
    result.x_mm = section.body.x() + cosine * x - sine * y;
    result.y_mm = section.body.y() + sine * x + cosine * y;
    result.radius_x_mm = radius_x, result.radius_y_mm = radius_y, result.turn_rad = section.turn_rad, result.hu = hu;
    return result;
  }
};

EllipsePatch trunk_patch(const SoftTissue& tissue, double shrink_x, double shrink_y, double hu) {
  const double half_width = tissue.anatomy.body_half_width_mm, half_depth = 0.67 * half_width;
  EllipsePatch patch;
  patch.x_mm = tissue.trunk_x_mm, patch.y_mm = tissue.back_skin_y_mm - half_depth;
  patch.radius_x_mm = half_width - shrink_x, patch.radius_y_mm = half_depth - shrink_y;
  patch.hu = hu, patch.exponent = 2.3;
  return patch;
}

void paint_table(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture) {
  EllipsePatch shell;
  shell.x_mm = tissue.trunk_x_mm, shell.y_mm = tissue.table_y_mm - 240, shell.radius_x_mm = 420, shell.radius_y_mm = 275, shell.hu = -250;
  shell.lowest_y_mm = tissue.table_y_mm - 40;
  paint(plane, shell, texture);
  shell.radius_y_mm -= 3, shell.radius_x_mm -= 3, shell.hu = -960;
  paint(plane, shell, texture);
  shell.radius_y_mm -= 27, shell.radius_x_mm -= 27, shell.hu = -300;
  paint(plane, shell, texture);
  shell.radius_y_mm -= 2, shell.radius_x_mm -= 2, shell.hu = -1000;
  paint(plane, shell, texture);
}

EllipsePatch cavity_patch(const SoftTissue& tissue, double hu) {
  const double fat = tissue.anatomy.subcutaneous_fat_mm;
  EllipsePatch cavity = trunk_patch(tissue, fat * 0.8 + 13, fat + 13, hu);
  cavity.y_mm -= 4;
  return cavity;
}

// Lungs reach down behind and beside the dome of the diaphragm.
void paint_lungs(DensityPlane& plane, const SoftTissue& tissue, const SpineSection& section, const NoiseTexture& texture) {
  const double height = plane.z_mm - tissue.diaphragm_z_mm;
  if (height < -70) return;
  EllipsePatch lung = cavity_patch(tissue, kLungHu);
  lung.radius_x_mm -= 3, lung.radius_y_mm -= 3, lung.exponent = 2.0, lung.grain_hu = 35, lung.grain_mm = 2;
  EllipsePatch dome = lung;
  const double share = std::sqrt(std::max(0.0, 1.0 - std::max(0.0, (height + 70) / 170) * std::max(0.0, (height + 70) / 170)));
  dome.radius_x_mm *= share, dome.radius_y_mm *= share, dome.y_mm -= 4 + 0.25 * (lung.radius_y_mm - dome.radius_y_mm);
  dome.hu = kFatHu + 5, dome.grain_hu = 8;
  paint(plane, lung, texture);
  paint(plane, dome, texture);
  const SpineAnchor anchor{section};
  const double chest = std::clamp((height + 20) / 70.0, 0.0, 1.0);
  EllipsePatch beside = anchor.patch(0, 18, section.half_width_mm + 16, section.half_depth_mm + 26, kMuscleHu - 20);
  EllipsePatch heart = anchor.patch(4, -78, 36 * chest, 52 * chest, 40);
  beside.stays_in_cavity = heart.stays_in_cavity = true;
  paint(plane, beside, texture);
  paint(plane, heart, texture);
}

void paint_organs(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture) {
  for (const Organ& organ : tissue.organs) {
    const double w = (plane.z_mm - organ.centre_mm.z()) / organ.radii_mm.z();
    if (w * w >= 1) continue;
    const double shrink = std::sqrt(1 - w * w);
    EllipsePatch patch;
    patch.x_mm = organ.centre_mm.x(), patch.y_mm = organ.centre_mm.y();
    patch.radius_x_mm = organ.radii_mm.x() * shrink, patch.radius_y_mm = organ.radii_mm.y() * shrink;
    patch.stays_in_cavity = true;
    patch.hu = organ.hu, patch.grain_hu = organ.grain_hu, patch.grain_mm = organ.grain_mm;
    paint(plane, patch, texture);
  }
}

void paint_back_muscles(DensityPlane& plane, const SoftTissue& tissue, const SpineSection& section, const NoiseTexture& texture) {
  const SpineAnchor anchor{section};
  const double canal_y = (section.canal - section.body).norm(), fat_fraction = tissue.muscle_fat_fraction;
  const double size = section.level < 5 ? 0.75 : std::min(1.0, 0.75 + 0.06 * (section.level - 5));
  for (const double side : {-1.0, 1.0}) {
    EllipsePatch bed = anchor.patch(side * 37 * size, canal_y + 23 * size, 33 * size, 25 * size, kFatHu + 15);
    paint(plane, bed, texture);
    EllipsePatch erector = anchor.patch(side * 41 * size, canal_y + 24 * size, 27 * size, 21 * size, kMuscleHu - 60 * fat_fraction);
    erector.grain_hu = 8 + 70 * fat_fraction, erector.grain_mm = 2.5;
    paint(plane, erector, texture);
    EllipsePatch multifidus = anchor.patch(side * 14 * size, canal_y + 25 * size, 11 * size, 18 * size, kMuscleHu - 80 * fat_fraction);
    multifidus.grain_hu = 8 + 90 * fat_fraction, multifidus.grain_mm = 2.0;
    paint(plane, multifidus, texture);
  }
}

void paint_psoas(DensityPlane& plane, const SpineSection& section, const NoiseTexture& texture) {
  const SpineAnchor anchor{section};
  const double growth = std::clamp((section.level - 6.3) / 4.5, 0.0, 1.0);
  if (growth <= 0) return;
  const double below = std::max(0.0, section.level - 11.3);
  for (const double side : {-1.0, 1.0}) {
    const double radius_x = 5 + 14 * growth, radius_y = 8 + 16 * growth;
    EllipsePatch psoas = anchor.patch(side * (section.half_width_mm + 1.0 + 0.8 * radius_x + 10 * below), 6 - 4 * growth - 12 * below,
                                      radius_x, radius_y, kMuscleHu + 3);
    psoas.grain_hu = 6;
    paint(plane, psoas, texture);
    EllipsePatch lumborum = anchor.patch(side * (section.half_width_mm + 34), 20, 22 * std::min(1.0, 0.5 + growth), 8, kMuscleHu);
    lumborum.turn_rad -= side * 0.45;
    if (section.level < 11) paint(plane, lumborum, texture);
  }
}

void paint_vessels(DensityPlane& plane, const SoftTissue& tissue, const SpineSection& section, const NoiseTexture& texture) {
  const SpineAnchor anchor{section};
  const double split = std::max(0.0, section.level - 10.3), radius = tissue.aorta_radius_mm * (split > 0 ? 0.62 : 1.0);
  const double front = -(section.half_depth_mm + radius + 2.0);
  const double hu = tissue.anatomy.aorta_hu;
  if (split <= 0) {
    paint(plane, anchor.patch(tissue.aorta_offset_x_mm, front, radius + 1.2, radius + 1.2, 48), texture);
    paint(plane, anchor.patch(tissue.aorta_offset_x_mm, front, radius, radius, hu), texture);
  }
  for (const double side : {-1.0, 1.0}) {
    if (split > 0)
      paint(plane, anchor.patch(tissue.aorta_offset_x_mm * 0.6 + side * (4 + 15 * split), front - 3, radius, radius, hu), texture);
    const double crus = std::clamp((8.6 - section.level) / 2.0, 0.0, 1.0);
    if (crus > 0) paint(plane, anchor.patch(side * 13 + 2, -(section.half_depth_mm + 5), 4 * crus + 1, 9 * crus, kMuscleHu), texture);
  }
  const double cava_hu = 38 + 0.35 * (hu - 40);
  paint(plane, anchor.patch(-17 - 10 * split, -(section.half_depth_mm + 8 - 2 * split), 12, 9, cava_hu), texture);
}

void paint_canal(DensityPlane& plane, const SpineSection& section, const NoiseTexture& texture) {
  SpineSection at_canal = section;
  at_canal.body = section.canal;
  const SpineAnchor anchor{at_canal};
  const double half_width = section.canal_half_width_mm, half_depth = section.canal_half_depth_mm;
  paint(plane, anchor.patch(0, 2.0, half_width + 7, half_depth + 2.5, kFatHu + 20), texture);  // fat of canal and foramina
  const double sac = section.level > 11.5 ? std::max(0.25, 1.0 - 0.3 * (section.level - 11.5)) : 1.0;
  paint(plane, anchor.patch(0, 0, (half_width - 2.8) * sac, (half_depth - 1.8) * sac, 42), texture);
  paint(plane, anchor.patch(0, 0, (half_width - 3.4) * sac, (half_depth - 2.4) * sac, kCsfHu), texture);
  const double cord = section.level < 7 ? 1.0 : std::max(0.0, 1.0 - (section.level - 7.0));
  if (cord > 0) paint(plane, anchor.patch(0, 0, 4.6 * cord, 3.6 * cord, 38), texture);
  for (const double side : {-1.0, 1.0})
    if (section.level > 7) paint(plane, anchor.patch(side * 4, 2, 3.0, 2.2, 28), texture);
}

}  // namespace

void paint_trunk(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture) {
  std::fill(plane.hu.begin(), plane.hu.end(), -1000.0F);
  paint_table(plane, tissue, texture);
  const double fat = tissue.anatomy.subcutaneous_fat_mm;
  paint(plane, trunk_patch(tissue, 0, 0, 10), texture);
  EllipsePatch layer = trunk_patch(tissue, 2, 2, kFatHu);
  layer.grain_hu = 5;
  paint(plane, layer, texture);
  paint(plane, trunk_patch(tissue, fat * 0.8, fat, kMuscleHu), texture);
  layer = cavity_patch(tissue, kFatHu);
  layer.grain_hu = 7, layer.grain_mm = 3;
  paint(plane, layer, texture);
  DensityPlane inside = plane;
  std::fill(inside.hu.begin(), inside.hu.end(), 0.0F);
  paint(inside, cavity_patch(tissue, 1.0), texture);
  plane.cavity = std::move(inside.hu);
}

void paint_soft_tissue(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture) {
  const SpineSection section = tissue.curve.at(plane.z_mm);
  paint_lungs(plane, tissue, section, texture);
  paint_organs(plane, tissue, texture);
  const SpineAnchor anchor{section};
  paint(plane, anchor.patch(0, -8, section.half_width_mm + 12, section.half_depth_mm + 6, kFatHu + 8), texture);  // prevertebral fat
  paint_vessels(plane, tissue, section, texture);
  paint_psoas(plane, section, texture);
  paint_back_muscles(plane, tissue, section, texture);
  paint_canal(plane, section, texture);
}

}  // namespace cemscope::imaging::phantom
