#pragma once

#include <optional>
#include <vector>

#include "imaging/ct_reading.h"
#include "imaging/mri/mr_volume.h"
#include "imaging/preop/rigid.h"

namespace cemscope::imaging::preop {

/// A box in a vertebra's frame, mm from its centre: left and right alike, to anterior and posterior, and up and down alike.
struct VertebraBox {
  VertebralFrame frame;
  double half_width_mm = 40, anterior_mm = 25, posterior_mm = 60, half_height_mm = 30;
};

/// The box round one vertebra with its arch, and `margin_mm` more on all sides.
VertebraBox box_round(const VertebralFrame& frame, double margin_mm);

/// The volume in the box on a grid along the frame's axes, `spacing_mm` apart in all directions: the mean of eight trilinear samples a
/// voxel, each limited to [low, high]; `low` outside the volume.
ScalarImage::Pointer crop(const HuImage& image, const VertebraBox& box, double spacing_mm, float low, float high);
ScalarImage::Pointer crop(const SignalImage& image, const VertebraBox& box, double spacing_mm, float low, float high);

/// Places of a box, `spacing_mm` apart, that lie in the volume, off cement (3 mm and more) and metal: what two examinations of a vertebra
/// have in common. `cement`: labels of a reading, null for none.
std::vector<Point_mm> places_without_cement(const HuImage& image, const LabelImage* cement, const VertebraBox& box, double spacing_mm);

/// Correlation of two images at places of the first and where the motion takes them in the second.
struct Correlation {
  double value = 0;    ///< -1 to 1
  double overlap = 0;  ///< share of the places that lie in the second image
};
Correlation correlate(const ScalarImage& fixed, const std::vector<Point_mm>& places, const ScalarImage& moving, const RigidMotion& motion);

}  // namespace cemscope::imaging::preop
