#include "src/report/slice.h"

#include <gtest/gtest.h>

#include <numbers>

#include "src/report/outline.h"
#include "tests/src/report/picture_phantom.h"

namespace cemscope::report {
namespace {

using testing::make_labels;
using testing::make_volume;
using testing::PhantomGrid;

double gradient_hu(const imaging::Point_mm& p) { return 3.0 * p.x() - 2.0 * p.y() + 1.0 * (p.z() - 300.0); }

SlicePlane oblique_plane(const PhantomGrid& grid) {
  SlicePlane plane;
  plane.centre_mm = grid.centre_mm + imaging::Point_mm(3.3, -1.7, 2.1);
  plane.right = imaging::Direction(1.0, 0.3, -0.2).normalized();
  plane.down = plane.right.cross(imaging::Direction(0.1, -0.2, 1.0)).normalized();
  plane.mm_per_px = 0.45;
  plane.width = 60, plane.height = 40;
  return plane;
}

TEST(sample_hu, reads_a_linear_density_exactly_on_an_oblique_plane_whatever_the_grid_axes) {
  PhantomGrid grid;
  for (const double angle : {0.0, 0.2, std::numbers::pi}) {
    grid.direction = Eigen::AngleAxisd(angle, Eigen::Vector3d(1, 1, 0).normalized()).toRotationMatrix();
    const auto volume = make_volume(grid, [](const imaging::Point_mm& p) { return std::lround(gradient_hu(p)); });
    const SlicePlane plane = oblique_plane(grid);
    const auto raster = sample_hu(volume, plane);
    for (int y = 0; y < plane.height; y += 7) {
      for (int x = 0; x < plane.width; x += 7) EXPECT_NEAR(raster.at(x, y), gradient_hu(point_of_pixel(plane, x, y)), 1.01);
    }
  }
}

TEST(sample_hu, is_air_outside_the_volume) {
  const PhantomGrid grid{1.0, 11};
  SlicePlane plane;
  plane.centre_mm = grid.centre_mm;
  plane.width = plane.height = 31;
  const auto raster = sample_hu(make_volume(grid, [](const auto&) { return 70.0; }), plane);
  EXPECT_EQ(raster.at(15, 15), 70);
  EXPECT_EQ(raster.at(10, 15), 70);    // the outermost voxel's centre
  EXPECT_EQ(raster.at(9, 15), -1024);  // a voxel beyond it
  EXPECT_EQ(raster.at(15, 0), -1024);
}

TEST(slice_plane, takes_points_to_pixels_and_back) {
  SlicePlane plane = oblique_plane({});
  const auto px = pixel_of_point(plane, point_of_pixel(plane, 12.25, 30.5));
  EXPECT_NEAR(px.x(), 12.25, 1e-9);
  EXPECT_NEAR(px.y(), 30.5, 1e-9);
  const SlicePlane coarse = coarsen(plane, 2);
  EXPECT_LT((point_of_pixel(coarse, 7, 11) - point_of_pixel(plane, 14, 22)).norm(), 1e-9);
}

TEST(slice_plane, follows_a_curve_along_its_normal_only) {
  SlicePlane plane = oblique_plane({});
  const auto flat = point_of_pixel(plane, 5, 10);
  plane.row_depth_mm.assign(40, 0.0);
  plane.row_depth_mm[10] = 4.0;
  const Eigen::Vector3d moved = point_of_pixel(plane, 5, 10) - flat;
  EXPECT_LT((moved - 4.0 * plane.right.cross(plane.down)).norm(), 1e-9);
  EXPECT_LT((point_of_pixel(coarsen(plane, 2), 2, 5) - point_of_pixel(plane, 4, 10)).norm(), 1e-9);
}

TEST(label_coverage, is_half_on_the_face_between_labels) {
  const PhantomGrid grid{1.0, 21};
  const auto mask = make_labels(grid, [&](const imaging::Point_mm& p) { return p.x() < grid.centre_mm.x() + 0.5 ? 3 : 7; });
  SlicePlane plane;
  plane.centre_mm = grid.centre_mm;
  plane.mm_per_px = 0.5;
  plane.width = plane.height = 21;
  const auto coverage = label_coverage(mask, plane);
  ASSERT_EQ(coverage.size(), 2U);
  EXPECT_FLOAT_EQ(coverage.at(3).at(11, 4), 0.5F);  // x = +0.5 mm: the face
  EXPECT_FLOAT_EQ(coverage.at(7).at(11, 4), 0.5F);
  EXPECT_FLOAT_EQ(coverage.at(3).at(9, 4), 1.0F);
  EXPECT_FLOAT_EQ(coverage.at(7).at(9, 4), 0.0F);
}

TEST(window_grey, keeps_bone_and_cement_apart_and_never_falls) {
  EXPECT_EQ(window_grey(-1024), 0);
  EXPECT_EQ(window_grey(3071), 255);
  EXPECT_EQ(window_grey(32767), 255);
  EXPECT_GT(window_grey(300), window_grey(40) + 25);
  EXPECT_GT(window_grey(2500), window_grey(1300) + 25);
  for (int hu = -1100; hu < 3200; ++hu) EXPECT_LE(window_grey(hu), window_grey(hu + 1));
}

Raster<float> disc(int side, double radius) {
  Raster<float> raster(side, side);
  const double middle = (side - 1) / 2.0;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      raster.at(x, y) = static_cast<float>(std::clamp(radius - std::hypot(x - middle, y - middle) + 0.5, 0.0, 1.0));
    }
  }
  return raster;
}

TEST(trace_outlines, follows_a_circle) {
  const auto outlines = trace_outlines(disc(81, 30.0), 0.5F);
  ASSERT_EQ(outlines.size(), 1U);
  EXPECT_EQ(outlines[0].front(), outlines[0].back());
  for (const auto& point : outlines[0]) EXPECT_NEAR((point - Eigen::Vector2d(40, 40)).norm(), 30.0, 0.15);
  EXPECT_NEAR(enclosed_area_px2(outlines), std::numbers::pi * 900.0, 0.005 * std::numbers::pi * 900.0);
}

TEST(trace_outlines, subtracts_holes_and_closes_at_the_border) {
  auto ring = disc(81, 30.0);
  const auto hole = disc(81, 12.0);
  for (std::size_t i = 0; i < ring.values.size(); ++i) ring.values[i] -= hole.values[i];
  const auto outlines = trace_outlines(ring, 0.5F);
  EXPECT_EQ(outlines.size(), 2U);
  EXPECT_NEAR(enclosed_area_px2(outlines), std::numbers::pi * (900.0 - 144.0), 15.0);
  const auto full = trace_outlines(Raster<float>(10, 6, 1.0F), 0.5F);
  ASSERT_EQ(full.size(), 1U);
  EXPECT_NEAR(enclosed_area_px2(full), 10.0 * 6.0, 1.0);
}

TEST(trace_outlines, keeps_touching_corners_apart_and_finds_nothing_in_nothing) {
  Raster<float> corners(4, 4);
  corners.at(1, 1) = corners.at(2, 2) = 1.0F;
  EXPECT_EQ(trace_outlines(corners, 0.5F).size(), 2U);
  EXPECT_TRUE(trace_outlines(Raster<float>(5, 5), 0.5F).empty());
}

TEST(smooth_outlines, rounds_off_steps_without_shrinking) {
  Raster<float> steps(120, 120);
  for (int y = 0; y < 120; ++y) {
    for (int x = 0; x < 120; ++x) steps.at(x, y) = std::hypot(x / 3 * 3 - 58, y / 3 * 3 - 58) <= 40 ? 1.0F : 0.0F;  // blocks of 3 x 3
  }
  const auto rough = trace_outlines(steps, 0.5F), smooth = smooth_outlines(rough, 10);
  EXPECT_NEAR(enclosed_area_px2(smooth), enclosed_area_px2(rough), 0.01 * enclosed_area_px2(rough));
  const auto length = [](const Polyline& line) {
    double sum = 0.0;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) sum += (line[i + 1] - line[i]).norm();
    return sum;
  };
  EXPECT_LT(length(smooth[0]), 0.97 * length(rough[0]));
}

}  // namespace
}  // namespace cemscope::report
