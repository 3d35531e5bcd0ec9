#pragma once

#include <cmath>
#include <cstdint>

#include "imaging/radiograph/radiograph.h"

namespace cemscope::imaging::radiograph {

/// A film prepared for reading: cropped to its exposed field, on a grid of 0.5 mm, 0..1 between the 0.5th and the 99.9th percentile of the
/// field (not clipped above). Film millimetres: what the spacing says, or a guess from the film's size when there is none (see TRIALS:
/// rules here bear 20 % of error).
struct WorkingFilm {
  static constexpr double kStep_mm = 0.5;
  /// The nearest number of working pixels to a length.
  [[nodiscard]] static int px(double mm) { return static_cast<int>(std::lround(mm / kStep_mm)); }
  Plane<float> value;
  Plane<float> background;    ///< value opened with a 16 mm disc: without anything narrower than 32 mm
  Plane<std::uint8_t> field;  ///< 0 where nothing was exposed: collimation, padding
  const Radiograph* film = nullptr;
  double pixel_mm = 0.2;                    ///< of the film's own pixels, given or guessed
  double origin_x_px = 0, origin_y_px = 0;  ///< of the crop in the film
  double low = 0, span = 1;                 ///< film value = low + span x value

  /// Film pixels of a working position (pixels of 0.5 mm; centres at integers) and back.
  [[nodiscard]] double film_x(double x) const { return origin_x_px + (x + 0.5) * kStep_mm / pixel_mm - 0.5; }
  [[nodiscard]] double film_y(double y) const { return origin_y_px + (y + 0.5) * kStep_mm / pixel_mm - 0.5; }
  [[nodiscard]] double working_x(double x_px) const { return (x_px + 0.5 - origin_x_px) * pixel_mm / kStep_mm - 0.5; }
  [[nodiscard]] double working_y(double y_px) const { return (y_px + 0.5 - origin_y_px) * pixel_mm / kStep_mm - 0.5; }
};

/// Prepares a film; `film` must outlive the result. Throws Error{inconsistent} when less than 60 x 60 mm of it is exposed.
WorkingFilm prepare_film(const Radiograph& film);

/// Whether the film's tones are upside down by its content: the trunk's middle is darker than its rims. Letters and tags decide first; this
/// is for files that contradict their own tags. Needs a clear margin, so narrow films give false.
bool looks_inverted(const Radiograph& film);

}  // namespace cemscope::imaging::radiograph
