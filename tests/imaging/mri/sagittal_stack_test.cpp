#include <gtest/gtest.h>

#include "imaging/error.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging {
namespace {

struct Axes {
  Direction columns, rows, slices;
};

// Every pixel holds x + 2 y + 3 z of the patient (LPS).
MrVolume ramp(const Axes& axes, double pixel_mm) {
  MrVolume volume;
  volume.image = SignalImage::New();
  volume.image->SetRegions(SignalImage::SizeType{40, 50, 5});
  SignalImage::DirectionType direction;
  for (int row = 0; row < 3; ++row)
    direction[row][0] = axes.columns[row], direction[row][1] = axes.rows[row], direction[row][2] = axes.slices[row];
  const double spacing[3] = {pixel_mm, pixel_mm, 4};
  volume.image->SetDirection(direction);
  volume.image->SetSpacing(spacing);
  volume.image->Allocate();
  for (int k = 0; k < 5; ++k)
    for (int j = 0; j < 50; ++j)
      for (int i = 0; i < 40; ++i) {
        const Point_mm at = i * pixel_mm * axes.columns + j * pixel_mm * axes.rows + 4.0 * k * axes.slices;
        volume.image->SetPixel({{i, j, k}}, static_cast<float>(at.x() + 2 * at.y() + 3 * at.z()));
      }
  return volume;
}

void expect_patient_values(const SagittalStack& stack, double tolerance) {
  for (int z = 0; z < stack.signal.nz; ++z)
    for (int y = 3; y + 3 < stack.signal.ny; y += 5)
      for (int x = 3; x + 3 < stack.signal.nx; x += 5) {
        const Point_mm at = stack.to_patient(x, y, z);
        EXPECT_NEAR(stack.signal.at(x, y, z), at.x() + 2 * at.y() + 3 * at.z(), tolerance);
      }
}

TEST(SagittalStack, KeepsPatientCoordinatesForAnyOrderOfTheAxes) {
  const Direction back(0, 1, 0), down(0, 0, -1), left(1, 0, 0);
  for (const auto& axes :
       {Axes{back, down, left}, Axes{back, down, -left}, Axes{-back, down, left}, Axes{-down, back, left}, Axes{down, -back, -left}}) {
    const auto stack = sagittal_stack(ramp(axes, 1.0));
    EXPECT_GT(stack.step_mm(1, 0), 0.9);   // x to the back
    EXPECT_LT(stack.step_mm(2, 1), -0.9);  // y to the feet
    EXPECT_GT(stack.step_mm(0, 2), 3.9);   // z to the left
    expect_patient_values(stack, 1e-3);
  }
}

TEST(SagittalStack, ResamplesToOneMillimetre) {
  for (const double pixel_mm : {0.5, 0.8, 1.25}) {
    const auto stack = sagittal_stack(ramp({{0, 1, 0}, {0, 0, -1}, {1, 0, 0}}, pixel_mm));
    EXPECT_EQ(stack.signal.nx, static_cast<int>(39 * pixel_mm) + 1);
    expect_patient_values(stack, 0.5);  // 0.17 mm along the steepest axis
  }
}

TEST(SagittalStack, RefusesAxialSlices) { EXPECT_THROW(sagittal_stack(ramp({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 1.0)), Error); }

}  // namespace
}  // namespace cemscope::imaging
