#include "imaging/preop/rigid.h"

#include <cmath>

#include <gtest/gtest.h>

namespace cemscope::imaging::preop {
namespace {

/// Blobs at places without symmetry; smooth, so that sampling adds nothing.
double blobs(const Point_mm& p) {
  struct Blob {
    Point_mm centre;
    double width_mm, height;
  };
  static const std::vector<Blob> kBlobs{{{-14, 3, 6}, 6, 500}, {{12, -9, -4}, 8, 400}, {{5, 14, 10}, 5, 600}, {{-3, -4, -12}, 7, 300}};
  double sum = 0;
  for (const auto& blob : kBlobs) sum += blob.height * std::exp(-0.5 * (p - blob.centre).squaredNorm() / (blob.width_mm * blob.width_mm));
  return sum;
}

template <typename Value>
ScalarImage::Pointer image_of(const Value& value) {
  constexpr int kSize = 81;
  auto image = ScalarImage::New();
  image->SetRegions(ScalarImage::SizeType{kSize, kSize, kSize});
  ScalarImage::PointType origin;
  origin.Fill(-40);
  image->SetOrigin(origin);
  image->Allocate();
  float* pixel = image->GetBufferPointer();
  for (int k = 0; k < kSize; ++k)
    for (int j = 0; j < kSize; ++j)
      for (int i = 0; i < kSize; ++i) *pixel++ = static_cast<float>(value(Point_mm(i - 40, j - 40, k - 40)));
  return image;
}

std::vector<Point_mm> places() {
  std::vector<Point_mm> out;
  for (double z = -24; z <= 24; z += 3)
    for (double y = -24; y <= 24; y += 3)
      for (double x = -24; x <= 24; x += 3) out.emplace_back(x, y, z);
  return out;
}

RigidMotion known_motion() {
  RigidMotion motion;
  motion.rotation = (Eigen::AngleAxisd(0.10, Direction::UnitX()) * Eigen::AngleAxisd(-0.07, Direction::UnitZ())).toRotationMatrix();
  motion.translation_mm = {3, -4, 2.5};
  return motion;
}

TEST(Rigid, AKnownMotionIsFoundFromEqualValues) {
  const auto truth = known_motion();
  const auto fixed = image_of(blobs), moving = image_of([&](const Point_mm&p) { return blobs(truth.back(p)); });
  const auto difference = difference_at(register_rigid(*fixed, places(), *moving, {}, {}), truth, {0, 0, 0});
  EXPECT_LT(difference.shift_mm, 0.1);
  EXPECT_LT(difference.angle_deg, 0.2);
}

TEST(Rigid, AKnownMotionIsFoundFromValuesThatOnlyBelongTogether) {
  const auto truth = known_motion();
  const auto fixed = image_of(blobs);
  const auto moving = image_of([&](const Point_mm& p) { return 80 * std::cos(blobs(truth.back(p)) / 200); });
  RigidParameters parameters;
  parameters.likeness = Likeness::mutual_information, parameters.first_step_mm = 1;
  const auto found = register_rigid(*fixed, places(), *moving, {}, parameters);
  const auto difference = difference_at(found, truth, {0, 0, 0});
  EXPECT_LT(difference.shift_mm, 0.5);
  EXPECT_LT(difference.angle_deg, 1.0);
  const auto again = register_rigid(*fixed, places(), *moving, {}, parameters);
  EXPECT_EQ(found.translation_mm, again.translation_mm) << "sums must not depend on threads";
}

TEST(Rigid, WithoutOverlapTheStartIsKept) {
  const auto fixed = image_of(blobs);
  RigidMotion start;
  start.translation_mm = {500, 0, 0};
  EXPECT_LT(difference_at(register_rigid(*fixed, places(), *fixed, start, {}), start, {0, 0, 0}).shift_mm, 1e-9);
}

TEST(Rigid, MotionBetweenFramesTakesOneToTheOther) {
  VertebralFrame a, b;
  a.centre_mm = {1, 2, 3}, b.centre_mm = {10, -5, 40};
  const auto truth = known_motion();
  b.left = truth.rotation * a.left, b.posterior = truth.rotation * a.posterior, b.superior = truth.rotation * a.superior;
  const auto motion = motion_between(a, b);
  EXPECT_LT((motion.of(a.centre_mm + 7 * a.left) - (b.centre_mm + 7 * b.left)).norm(), 1e-9);
  EXPECT_LT((motion.back(motion.of({4, 5, 6})) - Point_mm(4, 5, 6)).norm(), 1e-9);
}

}  // namespace
}  // namespace cemscope::imaging::preop
