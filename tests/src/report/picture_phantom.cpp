#include "tests/src/report/picture_phantom.h"

#include <png.h>

#include <stdexcept>

namespace cemscope::report::testing {
namespace {

template <typename Image, typename At>
typename Image::Pointer make_image(const PhantomGrid& grid, const At& at) {
  auto image = Image::New();
  typename Image::SizeType size;
  size.Fill(static_cast<itk::SizeValueType>(grid.n));
  typename Image::SpacingType spacing;
  spacing.Fill(grid.spacing_mm);
  typename Image::DirectionType direction;
  typename Image::PointType origin;
  const Eigen::Vector3d corner = grid.centre_mm - grid.direction * Eigen::Vector3d::Constant(0.5 * (grid.n - 1) * grid.spacing_mm);
  for (unsigned r = 0; r < 3; ++r) {
    origin[r] = corner[r];
    for (unsigned c = 0; c < 3; ++c) direction[r][c] = grid.direction(r, c);
  }
  image->SetRegions(size);
  image->SetSpacing(spacing);
  image->SetDirection(direction);
  image->SetOrigin(origin);
  image->Allocate();
  auto* out = image->GetBufferPointer();
  for (int k = 0; k < grid.n; ++k) {
    for (int j = 0; j < grid.n; ++j) {
      for (int i = 0; i < grid.n; ++i) {
        *out++ = static_cast<typename Image::PixelType>(
            at(imaging::Point_mm(corner + grid.direction * (grid.spacing_mm * Eigen::Vector3d(i, j, k)))));
      }
    }
  }
  return image;
}

imaging::VertebraMeasurement some_measurement() {
  imaging::VertebraMeasurement m;
  m.level = "L1";
  m.cement_ml = 3.05;
  m.leakage = {imaging::Answer::no, 0.9, ""};
  m.midline_crossed = {imaging::Answer::yes, 0.95, ""};
  m.confidence = 0.97;
  return m;
}

}  // namespace

imaging::CtVolume make_volume(const PhantomGrid& grid, const HuAt& hu) { return {make_image<imaging::HuImage>(grid, hu), 3071}; }

imaging::LabelMask make_labels(const PhantomGrid& grid, const LabelAt& label) { return {make_image<imaging::LabelImage>(grid, label)}; }

bool in_ellipsoid(const imaging::Point_mm& p, const imaging::Point_mm& centre, const Eigen::Vector3d& half) {
  return (p - centre).cwiseQuotient(half).squaredNorm() <= 1.0;
}

EllipsoidPatient make_patient(const PhantomGrid& grid, const LabelAt& more) {
  const imaging::Point_mm centre = grid.centre_mm;
  const auto cement = [&](const imaging::Point_mm& p) -> std::uint8_t {
    return in_ellipsoid(p, centre, Eigen::Vector3d::Constant(kCementRadius_mm)) ? 1 : more(p);
  };
  EllipsoidPatient patient;
  patient.volume = make_volume(grid, [&](const imaging::Point_mm& p) {
    if (cement(p) != 0) return 2500.0;
    return in_ellipsoid(p, centre, kBodyHalf_mm) ? 250.0 : 40.0;
  });
  patient.reading.cement = make_labels(grid, cement);
  patient.reading.owners = make_labels(grid, [](const imaging::Point_mm&) -> std::uint8_t { return 1; });
  patient.reading.bodies = make_labels(grid, [&](const imaging::Point_mm& p) { return in_ellipsoid(p, centre, kBodyHalf_mm) ? 1 : 0; });
  patient.reading.n_bodies = 1;
  patient.reading.cement_present = {imaging::Answer::yes, 0.98, ""};
  for (const double z : {40.0, 0.0, -40.0}) patient.reading.canal_course_mm.push_back(centre + imaging::Point_mm(0, 26, z));
  imaging::VertebralFrame frame;
  frame.centre_mm = centre;
  frame.half_width_mm = kBodyHalf_mm.x(), frame.half_depth_mm = kBodyHalf_mm.y(), frame.half_height_mm = kBodyHalf_mm.z();
  patient.reading.treated.push_back({some_measurement(), frame, 1});
  return patient;
}

std::array<int, 3> Picture::at(int x, int y) const {
  const std::size_t offset = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
  return {rgb.at(offset), rgb.at(offset + 1), rgb.at(offset + 2)};
}

Picture decode_png(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) throw std::runtime_error("not a PNG");
  image.format = PNG_FORMAT_RGB;
  Picture picture{static_cast<int>(image.width), static_cast<int>(image.height), std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  if (png_image_finish_read(&image, nullptr, picture.rgb.data(), 0, nullptr) == 0) throw std::runtime_error("broken PNG");
  return picture;
}

}  // namespace cemscope::report::testing
