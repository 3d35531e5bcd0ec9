#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/noise_texture.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/shapes.h"
#include "imaging/phantom/vertebra_body.h"

namespace cemscope::imaging::phantom {

/// The spinal canal at a vertebra, in its own frame: an ellipse behind the body.
struct CanalSection {
  double centre_y_mm = 0, half_width_mm = 0, half_depth_mm = 0;
  [[nodiscard]] double distance_mm(const Point_mm& local) const {
    const double u = local.x() / half_width_mm, v = (local.y() - centre_y_mm) / half_depth_mm;
    return (std::sqrt(u * u + v * v) - 1.0) * std::min(half_width_mm, half_depth_mm);
  }
};

/// How far a place lies in impacted spongiosa, 0-1; the border is soft, a tenth of the body's height.
inline double impacted_share(const PhantomImpaction& impaction, double height_fraction) {
  constexpr double kBorder = 0.1;
  const double from_plate = impaction.under == PhantomEndplate::lower ? height_fraction : 1 - height_fraction;
  return std::clamp(0.5 + (impaction.share - from_plate) / kBorder, 0.0, 1.0);
}

/// A vertebra (or sacral segment) in the patient.
struct Vertebra {
  std::string level;
  VertebraSize size;  ///< scaled to the patient
  LocalFrame frame;
  VertebraBody body;
  CanalSection canal;
  std::vector<BonePart> parts;  ///< posterior elements and ribs, patient coordinates
  std::vector<BonePart> pedicles;
  Box body_box, parts_box;
  bool is_sacral = false;
  bool is_fractured = false;
  double trabecular_hu = 90;
  double upper_sclerosis_hu = 0, lower_sclerosis_hu = 0;
  std::optional<Point_mm> island_mm;  ///< a bone island in the body, local, of island_radius_mm
  double island_radius_mm = 0;
  std::optional<PhantomImpaction> impaction;
  bool has_cleft = false;     ///< gas under the collapsed endplate
  bool has_gas_disc = false;  ///< gas in the disc below
};

/// T6 to S3 from the top, and the pelvis.
struct Spine {
  std::vector<Vertebra> vertebrae;
  std::vector<BonePart> pelvis;
  Box pelvis_box;
};

/// Distance to the posterior elements of one vertebra (with ribs), the canal carved out. True up to some 3 mm from the bone; farther off
/// parts beyond BonePart::kNear_mm are left out.
double posterior_distance_mm(const Vertebra& vertebra, const Point_mm& point);

/// Builds the spine: sizes after the published means, posture from lordosis, scoliosis (which turns the vertebrae too), rotation and
/// tilt, collapsed bodies letting those above sink and tip forward. L1 lies near the patient origin.
Spine make_spine(const PhantomParameters& parameters, const NoiseTexture& texture);

}  // namespace cemscope::imaging::phantom
