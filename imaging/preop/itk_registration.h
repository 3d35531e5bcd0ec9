#pragma once

#include <array>
#include <vector>

#include <itkImage.h>

// Without Eigen's types: ITK's registration brings an older Eigen of its own, and one source file cannot hold both.
namespace cemscope::imaging::preop {

/// An image made to be registered, any grid; LPS, mm.
using ScalarImage = itk::Image<float, 3>;

/// What two images have in common: the same scale of values, or only that values belong together.
enum class Likeness { same_values, mutual_information };

struct RigidParameters {
  Likeness likeness = Likeness::same_values;
  double radius_mm = 35;     ///< of what is registered: a radian weighs as so many mm
  int steps = 40;            ///< of the optimiser at each resolution, at most
  double first_step_mm = 2;  ///< of the optimiser; it ends at a hundredth of it
};

/// point -> rotation * (point - centre) + centre + translation, mm.
struct CentredMotion {
  std::array<std::array<double, 3>, 3> rotation{};
  std::array<double, 3> centre{}, translation{};
};

/// register_rigid in plain arrays; the motion is about the same centre as `start`. `start` where ITK gives up.
CentredMotion register_with_itk(const ScalarImage& fixed, const std::vector<std::array<double, 3>>& points, const ScalarImage& moving,
                                const CentredMotion& start, const RigidParameters& parameters);

}  // namespace cemscope::imaging::preop
