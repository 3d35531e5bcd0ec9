#include "imaging/radiograph/film_shadows.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr int kFine = 2;  // pixels of the straightened film in one of the grid

}  // namespace

Eigen::Vector2d StripGrid::place(int x, int y) const {
  const double u_mm = (kFine * x + 0.5 - Straightened::middle()) * kStep_mm;
  return {is_flipped ? -u_mm : u_mm, kFine * y + 0.5};
}

Eigen::Vector2i StripGrid::pixel(const Eigen::Vector2d& place) const {
  const double column = (is_flipped ? -place.x() : place.x()) / kStep_mm + Straightened::middle();
  return {static_cast<int>(std::floor((column + 0.5) / kFine)), static_cast<int>(std::floor((place.y() + 0.5) / kFine))};
}

Plane<float> StripGrid::means(const Plane<float>& straightened) const {
  Plane<float> image(kWidth, straightened.ny / kFine);
  for (int y = 0; y < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x) {
      float sum = 0;
      for (int part = 0; part < kFine * kFine; ++part) {
        const int column = kFine * x + part % kFine;
        sum += straightened.at(is_flipped ? straightened.nx - 1 - column : column, kFine * y + part / kFine);
      }
      image.at(x, y) = sum / (kFine * kFine);
    }
  return image;
}

}  // namespace cemscope::imaging::radiograph
