#pragma once

#include <Eigen/Core>

#include "imaging/phantom/film.h"
#include "imaging/phantom/scene.h"

namespace cemscope::imaging::phantom {

/// Source, detector plane and film axes of one exposure, patient coordinates.
struct FilmBeam {
  Point_mm source_mm, corner_mm;  ///< corner: centre of the film's first pixel
  Direction along, right, down;   ///< central ray; film axes
  double pixel_mm = 0.2, source_to_detector_mm = 1150;
  int columns = 0, rows = 0;

  [[nodiscard]] Point_mm detector_point(double column, double row) const {
    return corner_mm + right * (column * pixel_mm) + down * (row * pixel_mm);
  }
  /// Film position (column, row) of a patient point.
  [[nodiscard]] Eigen::Vector2d project(const Point_mm& point) const {
    const Direction ray = point - source_mm;
    const Point_mm hit = source_mm + ray * (source_to_detector_mm / ray.dot(along));
    return {(hit - corner_mm).dot(right) / pixel_mm, (hit - corner_mm).dot(down) / pixel_mm};
  }
  /// How much larger than life a point is drawn.
  [[nodiscard]] double magnification(const Point_mm& point) const { return source_to_detector_mm / (point - source_mm).dot(along); }
};

/// The beam whose central ray meets the spine at a point (its z instead of the film's centre_z_mm), the skin `to_skin_mm` behind it.
FilmBeam aim_beam(const PhantomFilmParameters& film, const Point_mm& spine, double to_skin_mm);

/// The same for a phantom, at the film's own height.
FilmBeam make_beam(const Scene& scene, const PhantomFilmParameters& film);

}  // namespace cemscope::imaging::phantom
