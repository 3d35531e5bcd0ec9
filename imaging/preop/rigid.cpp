#include "imaging/preop/rigid.h"

namespace cemscope::imaging::preop {
namespace {

Eigen::Matrix3d axes_of(const VertebralFrame& frame) {
  Eigen::Matrix3d axes;
  axes << frame.left, frame.posterior, frame.superior;
  return axes;
}

std::array<double, 3> array_of(const Point_mm& point) { return {point[0], point[1], point[2]}; }

CentredMotion centred(const RigidMotion& motion, const Point_mm& centre) {
  CentredMotion out;
  out.centre = array_of(centre), out.translation = array_of(motion.of(centre) - centre);
  for (int row = 0; row < 3; ++row) out.rotation[row] = array_of(motion.rotation.row(row).transpose());
  return out;
}

RigidMotion motion_of(const CentredMotion& centred) {
  const Point_mm centre(centred.centre.data()), moved(centred.translation.data());
  RigidMotion motion;
  for (int row = 0; row < 3; ++row) motion.rotation.row(row) = Point_mm(centred.rotation[row].data()).transpose();
  motion.translation_mm = centre + moved - motion.rotation * centre;
  return motion;
}

constexpr double kLeastOverlap = 0.1;  // below it ITK has nothing to go by

double overlap_of(const std::vector<Point_mm>& points, const ScalarImage& image, const RigidMotion& motion) {
  std::size_t n = 0;
  for (const auto& point : points) {
    const auto moved = motion.of(point);
    ScalarImage::IndexType index;
    n += image.TransformPhysicalPointToIndex(ScalarImage::PointType(moved.data()), index) ? 1 : 0;
  }
  return static_cast<double>(n) / static_cast<double>(points.size());
}

}  // namespace

RigidMotion motion_between(const VertebralFrame& from, const VertebralFrame& to) {
  RigidMotion motion;
  motion.rotation = axes_of(to) * axes_of(from).transpose();
  motion.translation_mm = to.centre_mm - motion.rotation * from.centre_mm;
  return motion;
}

MotionDifference difference_at(const RigidMotion& a, const RigidMotion& b, const Point_mm& point) {
  const Eigen::AngleAxisd turn(a.rotation * b.rotation.transpose());
  return {(a.of(point) - b.of(point)).norm(), std::abs(turn.angle()) * 180 / M_PI};
}

RigidMotion register_rigid(const ScalarImage& fixed, const std::vector<Point_mm>& points, const ScalarImage& moving,
                           const RigidMotion& start, const RigidParameters& parameters) {
  if (points.empty()) return start;
  Point_mm centre(0, 0, 0);
  std::vector<std::array<double, 3>> plain;
  for (const auto& point : points) {
    centre += point / static_cast<double>(points.size());
    plain.push_back(array_of(point));
  }
  if (overlap_of(points, moving, start) < kLeastOverlap) return start;
  return motion_of(register_with_itk(fixed, plain, moving, centred(start, centre), parameters));
}

}  // namespace cemscope::imaging::preop
