#include "src/report/pictures.h"

#include <gtest/gtest.h>
#include <itkImageRegionIteratorWithIndex.h>

#include <numbers>

#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "tests/src/report/picture_phantom.h"

namespace cemscope::report {
namespace {

using imaging::CementZone;
using testing::decode_png;
using testing::in_ellipsoid;
using testing::make_patient;
using testing::PhantomGrid;
using testing::Picture;

const auto kNothing = [](const imaging::Point_mm&) -> std::uint8_t { return 0; };
constexpr double kPxPerMm = kMainSide_px / kField_mm;

int distance(const std::array<int, 3>& rgb, const Colour& colour) {
  return std::abs(rgb[0] - colour.red) + std::abs(rgb[1] - colour.green) + std::abs(rgb[2] - colour.blue);
}

/// Whether a pixel of about this colour lies within `reach` pixels.
bool has_colour_near(const Picture& picture, const Eigen::Vector2d& at, const Colour& colour, int reach) {
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      if (distance(picture.at(static_cast<int>(at.x()) + dx, static_cast<int>(at.y()) + dy), colour) < 60) return true;
    }
  }
  return false;
}

int count_colour(const Picture& picture, const Box& box, const Colour& colour) {
  int n = 0;
  for (int y = static_cast<int>(box.y); y < box.y + box.height; ++y) {
    for (int x = static_cast<int>(box.x); x < box.x + box.width; ++x) n += distance(picture.at(x, y), colour) < 60 ? 1 : 0;
  }
  return n;
}

/// The image of the i-th main panel.
Box main_image(int i) {
  return {main_corner(i).x(), main_corner(i).y() + kPanelTitle_px, static_cast<double>(kMainSide_px), static_cast<double>(kMainSide_px)};
}

/// Where the body's centre falls in a main panel: the field's middle lies behind it.
Eigen::Vector2d body_centre(int i) {
  const Box box = main_image(i);
  const double behind = kBehindCentre_mm * kPxPerMm;
  const Eigen::Vector2d middle(box.x + box.width / 2, box.y + box.height / 2);
  return middle - (i == 0 ? Eigen::Vector2d(0, behind) : i == 1 ? Eigen::Vector2d(behind, 0) : Eigen::Vector2d(0, 0));
}

Picture picture_of(const testing::EllipsoidPatient& patient) {
  return decode_png(render_vertebra(patient.volume, patient.reading, patient.reading.treated[0], {"treated vertebra 1 of 1", "test"}));
}

TEST(render_vertebra, outlines_cement_and_wall_where_the_ellipsoids_are) {
  const Picture picture = picture_of(make_patient({}, kNothing));
  const std::array<Eigen::Vector2d, 3> walls{Eigen::Vector2d(24, 17), {17, 14}, {24, 14}};  // axial, sagittal, coronal
  for (int i = 0; i < 3; ++i) {
    int n_wall = 0;
    for (int step = 0; step < 36; ++step) {
      const double angle = 2 * std::numbers::pi * (step + 0.5) / 36;
      const Eigen::Vector2d ray(std::cos(angle), std::sin(angle));
      // Half a voxel is 2.2 pixels.
      const Eigen::Vector2d cement = body_centre(i) + testing::kCementRadius_mm * kPxPerMm * ray;
      EXPECT_TRUE(has_colour_near(picture, cement, zone_style(CementZone::body).colour, 3)) << "panel " << i << ", step " << step;
      const Eigen::Vector2d wall = body_centre(i) + kPxPerMm * walls[static_cast<std::size_t>(i)].cwiseProduct(ray);
      n_wall += has_colour_near(picture, wall, {243, 243, 243}, 3) ? 1 : 0;
    }
    EXPECT_GE(n_wall, 20) << "panel " << i;  // the wall is dashed
  }
}

TEST(render_vertebra, puts_the_patients_left_on_the_viewers_right_and_posterior_below_or_right) {
  const PhantomGrid grid;
  auto patient = make_patient(grid, kNothing);
  const auto mark = [&](const imaging::Point_mm& offset) {  // a bright ball of 4 mm
    itk::ImageRegionIteratorWithIndex<imaging::HuImage> it(patient.volume.image, patient.volume.image->GetLargestPossibleRegion());
    for (; !it.IsAtEnd(); ++it) {
      itk::Point<double, 3> point;
      patient.volume.image->TransformIndexToPhysicalPoint(it.GetIndex(), point);
      if ((imaging::Point_mm(point[0], point[1], point[2]) - grid.centre_mm - offset).norm() < 4.0) it.Set(3071);
    }
  };
  mark({20, 0, 0});  // left
  mark({0, 25, 0});  // posterior
  mark({0, 0, 20});  // superior
  const Picture picture = picture_of(patient);
  const auto grey = [&](int panel, double right_mm, double down_mm) {
    const Eigen::Vector2d at = body_centre(panel) + kPxPerMm * Eigen::Vector2d(right_mm, down_mm);
    return picture.at(static_cast<int>(at.x()), static_cast<int>(at.y()))[0];
  };
  EXPECT_GT(grey(0, 20, 0), 240);  // axial: left on the right
  EXPECT_LT(grey(0, -20, 0), 120);
  EXPECT_GT(grey(0, 2, 25), 240);   // axial: posterior below (beside the midline)
  EXPECT_GT(grey(1, 25, 0), 240);   // sagittal: posterior on the right
  EXPECT_GT(grey(1, 0, -20), 240);  // sagittal: superior above
  EXPECT_GT(grey(2, 20, 0), 240);   // coronal: left on the right
  EXPECT_GT(grey(2, 2, -20), 240);  // coronal: superior above
}

TEST(render_vertebra, prints_letters_at_the_panels_edges) {
  const Picture picture = picture_of(make_patient({}, kNothing));
  for (int i = 0; i < 3; ++i) {
    const Box box = main_image(i);
    const double middle = box.y + box.height / 2;
    EXPECT_GT(count_colour(picture, {box.x + 8, middle - 10, 22, 20}, kLetter), 8);
    EXPECT_GT(count_colour(picture, {box.x + box.width - 30, middle - 10, 22, 20}, kLetter), 8);
    EXPECT_GT(count_colour(picture, {box.x + box.width / 2 - 10, box.y + 8, 20, 20}, kLetter), 8);
    EXPECT_GT(count_colour(picture, {box.x + box.width / 2 - 10, box.y + box.height - 30, 20, 20}, kLetter), 8);
  }
}

TEST(render_vertebra, shows_every_leak_zone_in_a_panel_of_its_own) {
  const PhantomGrid grid;
  const std::array<imaging::Point_mm, 6> places{
      imaging::Point_mm(-30, 0, 0), {0, 0, 18}, {0, 24, 0}, {14, 24, -8}, {28, 5, 5}, {-14, 22, 4}};
  const auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    for (std::size_t z = 0; z < places.size(); ++z) {
      if (in_ellipsoid(p, grid.centre_mm + places[z], {3, 3, 3})) return static_cast<std::uint8_t>(z + 2);
    }
    return 0;
  });
  const Picture picture = picture_of(patient);
  for (int i = 0; i < 6; ++i) {
    const Eigen::Vector2d corner = leak_corner(i);
    const double middle_x = corner.x() + kLeakSide_px / 2.0, middle_y = corner.y() + kPanelTitle_px + kLeakSide_px / 2.0;
    const double radius = 3.0 * kLeakSide_px / kLeakField_mm;
    const Colour colour = zone_style(static_cast<CementZone>(i + 2)).colour;
    EXPECT_GT(count_colour(picture, {middle_x - radius - 6, middle_y - radius - 6, 2 * radius + 12, 2 * radius + 12}, colour), 25) << i + 2;
  }
}

TEST(render_vertebra, shows_no_panel_of_a_neighbours_leak) {
  const PhantomGrid grid;
  auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    return in_ellipsoid(p, grid.centre_mm + imaging::Point_mm(0, 24, 0), {3, 3, 3}) ? 4 : 0;
  });
  const auto height_with = [&](double canal_ml) {
    patient.reading.treated[0].measurement.leak_canal_ml = canal_ml;
    return picture_of(patient).height;
  };
  EXPECT_EQ(height_with(0.0), picture_of(make_patient(grid, kNothing)).height);
  EXPECT_GT(height_with(0.1), height_with(0.0));
}

TEST(render_vertebra, widens_the_field_for_cement_far_away) {
  const PhantomGrid grid;
  const auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    return in_ellipsoid(p, grid.centre_mm + imaging::Point_mm(50, 0, 0), {3, 3, 3}) ? 6 : 0;
  });
  EXPECT_GT(count_colour(picture_of(patient), main_image(0), zone_style(CementZone::vascular).colour), 20);
}

TEST(render_vertebra, does_not_depend_on_the_grids_axes) {
  PhantomGrid turned;
  turned.direction << 0, 0, -1, -1, 0, 0, 0, 1, 0;
  const Picture straight = picture_of(make_patient({}, kNothing)), other = picture_of(make_patient(turned, kNothing));
  ASSERT_EQ(straight.rgb.size(), other.rgb.size());
  std::size_t n_different = 0;
  for (std::size_t i = 0; i < straight.rgb.size(); ++i) n_different += std::abs(straight.rgb[i] - other.rgb[i]) > 8 ? 1 : 0;
  EXPECT_LT(n_different, straight.rgb.size() / 2000);
}

TEST(render_vertebra, gives_the_same_bytes_twice) {
  const auto patient = make_patient({}, kNothing);
  const auto render = [&] { return render_vertebra(patient.volume, patient.reading, patient.reading.treated[0], {"a", "b"}); };
  EXPECT_EQ(render(), render());
}

TEST(render_vertebra, stands_a_reading_without_labels) {
  auto patient = make_patient({}, kNothing);
  patient.reading.cement.image = nullptr;
  patient.reading.bodies.image = nullptr;
  EXPECT_EQ(picture_of(patient).width, kPictureWidth_px);
}

TEST(render_overview, projects_cement_of_every_depth) {
  const PhantomGrid grid;
  const auto patient = make_patient(grid, [&](const imaging::Point_mm& p) -> std::uint8_t {
    return in_ellipsoid(p, grid.centre_mm + imaging::Point_mm(-35, 0, 30), {4, 4, 4}) ? 2 : 0;  // far off the sagittal plane
  });
  const Picture picture = decode_png(render_overview(patient.volume, patient.reading, {"", "test"}));
  const Box sagittal{kMargin_px, kHeader_px + kPanelTitle_px, 440, 300};
  EXPECT_GT(count_colour(picture, sagittal, zone_style(CementZone::paravertebral).colour), 20);
  EXPECT_GT(count_colour(picture, sagittal, zone_style(CementZone::body).colour), 40);
}

TEST(render_overview, stands_a_scan_without_cement_and_without_a_spine) {
  auto patient = make_patient({}, kNothing);
  imaging::CtReading nothing;
  nothing.cement_present = {imaging::Answer::no, 0.9, ""};
  EXPECT_GT(decode_png(render_overview(patient.volume, nothing, {"", ""})).width, 800);
  nothing.cement_present = {imaging::Answer::not_assessable, 0.0, "no_spine_found"};
  const std::string bytes = render_overview(patient.volume, nothing, {"", ""});
  EXPECT_EQ(bytes, render_overview(patient.volume, nothing, {"", ""}));
}

}  // namespace
}  // namespace cemscope::report
