#include "imaging/radiograph/strip_picture.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kWideTone_mm = 40.0;

Plane<float> excess_on(const Plane<float>& excess, const Relief& relief) {
  Plane<float> scaled = excess;
  for (float& v : scaled.values) v = static_cast<float>(std::asinh((v - relief.median) / relief.mad / 3) / 3);
  return scaled;
}

Plane<float> filled_up(const Plane<float>& image) {
  constexpr int kUnit = StripGrid::kRowsUnit;
  Plane<float> filled(image.nx, (image.ny + kUnit - 1) / kUnit * kUnit, 0.F);
  std::copy(image.values.begin(), image.values.end(), filled.values.begin());
  return filled;
}

}  // namespace

StripPicture strip_picture(const FilmSight& sight) {
  StripPicture picture;
  picture.grid.is_flipped = sight.column.view == FilmView::lateral && sight.column.posterior_sign <= 0;
  const auto seen = [&](const Plane<float>& image) { return picture.grid.means(sight.strip.course.resample(image)); };
  const Plane<float> value = seen(sight.working.value);
  Plane<float> across(value.nx, value.ny);
  for (int y = 0; y < across.ny; ++y)
    for (int x = 0; x < across.nx; ++x) across.at(x, y) = 2.F * static_cast<float>(x) / static_cast<float>(across.nx) - 1.F;
  picture.channels = {excess_on(seen(sight.relief.excess), sight.relief),
                      local_contrast(value, 1.0),
                      local_contrast(value, 1.0, kWideTone_mm),
                      picture.grid.means(sight.strip.contrast),
                      picture.grid.means(sight.strip.covered),
                      sight.has_hardware ? seen(as_float(sight.hardware)) : Plane<float>(value.nx, value.ny, 0.F),
                      across};
  for (Plane<float>& channel : picture.channels) channel = filled_up(channel);
  return picture;
}

}  // namespace cemscope::imaging::radiograph
