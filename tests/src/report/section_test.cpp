#include "src/report/section.h"

#include <gtest/gtest.h>

#include <numbers>

#include "tests/src/report/picture_phantom.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;
using testing::in_ellipsoid;
using testing::make_patient;
using testing::PhantomGrid;

const auto kNothing = [](const imaging::Point_mm&) -> std::uint8_t { return 0; };

TEST(largest_section, of_a_ball_is_through_its_centre) {
  const PhantomGrid grid;
  const auto patient = make_patient(grid, kNothing);
  const auto cement = cement_of_vertebra(patient.reading, patient.reading.treated[0]);
  for (const View view : {View::axial, View::sagittal, View::coronal}) {
    const auto section = largest_section(cement, {CementZone::body}, view);
    ASSERT_TRUE(section);
    EXPECT_NEAR(section->offset_mm, 0.0, 0.5);
    EXPECT_NEAR(section->area_mm2, std::numbers::pi * 81.0, 0.03 * std::numbers::pi * 81.0);
    EXPECT_LT(section->centroid_mm.norm(), 0.6);
  }
  EXPECT_FALSE(largest_section(cement, {CementZone::disc}, View::axial));
}

TEST(best_leak_section, shows_a_disc_leak_from_the_side_and_a_flat_lateral_one_in_its_plane) {
  const PhantomGrid grid;
  const imaging::Point_mm disc_at = grid.centre_mm + imaging::Point_mm(6, -4, 18), side_at = grid.centre_mm + imaging::Point_mm(-30, 0, 0);
  const auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    if (in_ellipsoid(p, disc_at, {8, 5, 2})) return 3;
    return in_ellipsoid(p, side_at, {1.5, 6, 6}) ? 2 : 0;
  });
  const auto cement = cement_of_vertebra(patient.reading, patient.reading.treated[0]);
  const auto disc = best_leak_section(cement, CementZone::disc), side = best_leak_section(cement, CementZone::paravertebral);
  ASSERT_TRUE(disc && side);
  EXPECT_EQ(disc->view, View::coronal);  // 8 x 2 mm is more than 5 x 2 mm; the axial section, larger still, would hide the endplate
  EXPECT_NEAR(disc->offset_mm, -4.0, 1.0);
  EXPECT_NEAR(disc->centroid_mm.z(), 18.0, 0.6);
  EXPECT_EQ(side->view, View::sagittal);
  EXPECT_NEAR(side->offset_mm, -30.0, 1.0);  // left is positive
  EXPECT_FALSE(best_leak_section(cement, CementZone::canal));
}

TEST(cement_of_vertebra, leaves_a_neighbours_cement_to_the_neighbour) {
  const PhantomGrid grid;
  const imaging::Point_mm below = grid.centre_mm - imaging::Point_mm(0, 0, 34);
  auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t { return in_ellipsoid(p, below, {5, 5, 5}) ? 1 : 0; });
  const auto alone = cement_of_vertebra(patient.reading, patient.reading.treated[0]).voxels.size();
  auto neighbour = patient.reading.treated[0];
  neighbour.frame.centre_mm = below, neighbour.body_label = 2;
  patient.reading.owners = testing::make_labels(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    return in_ellipsoid(p, below, {5, 5, 5}) ? 2 : 1;
  });
  patient.reading.treated.push_back(neighbour);
  const auto own = cement_of_vertebra(patient.reading, patient.reading.treated[0]).voxels.size();
  const auto others = cement_of_vertebra(patient.reading, patient.reading.treated[1]).voxels.size();
  EXPECT_EQ(own + others, alone);
  EXPECT_NEAR(static_cast<double>(others), 4.0 / 3.0 * std::numbers::pi * 125.0, 30.0);
}

TEST(cement_of_vertebra, is_empty_without_a_cement_image) {
  auto patient = make_patient({}, kNothing);
  patient.reading.cement.image = nullptr;
  EXPECT_TRUE(cement_of_vertebra(patient.reading, patient.reading.treated[0]).voxels.empty());
}

}  // namespace
}  // namespace cemscope::report
