#pragma once

#include <vector>

#include "imaging/phantom/noise_texture.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/plane_painter.h"
#include "imaging/phantom/shapes.h"
#include "imaging/phantom/spine_curve.h"

namespace cemscope::imaging::phantom {

/// An organ or its content: an ellipsoid aligned with the axes.
struct Organ {
  Point_mm centre_mm{0, 0, 0}, radii_mm{1, 1, 1};
  double hu = 40, grain_hu = 0, grain_mm = 5;
};

/// The trunk without its bones.
struct SoftTissue {
  PhantomAnatomy anatomy;
  SpineCurve curve;
  std::vector<Organ> organs;             ///< painted in order
  std::vector<BonePart> calcifications;  ///< aortic plaques, gallstones; painted with the bones
  double trunk_x_mm = 0, back_skin_y_mm = 0, diaphragm_z_mm = 0, table_y_mm = 0;
  double muscle_fat_fraction = 0.1;
  double aorta_radius_mm = 10, aorta_offset_x_mm = 8;
};

SoftTissue make_soft_tissue(const PhantomParameters& parameters, const Spine& spine);

/// Paints what hardly changes along the body: air, table, skin, fat and the muscular wall.
void paint_trunk(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture);

/// Paints over it, at plane.z_mm: lungs, organs, vessels, muscles of the back, canal content.
void paint_soft_tissue(DensityPlane& plane, const SoftTissue& tissue, const NoiseTexture& texture);

}  // namespace cemscope::imaging::phantom
