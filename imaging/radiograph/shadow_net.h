#pragma once

#include <array>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// The film about a body that holds cement on a grid of 1 mm, straightened along the column; on lateral films the back is to the right.
struct BodyPicture {
  static constexpr int kSize = 64;  ///< pixels of 1 mm, both ways
  static constexpr int kChannels = 5;
  /// Excess over the deposit's height (-1 to 1.5); contrast of bone without cement; 1 where the deposit lies; how deep inside the found
  /// outline (tanh of a quarter of the mm, negative outside); excess over bone's noise (inverse hyperbolic sine of a third of it, by
  /// three).
  std::array<Plane<float>, kChannels> channels;
  int first_column = 0, first_row = 0;  ///< of the straightened film, 0.5 mm; columns counted from the front on lateral films
  bool is_flipped = false;

  /// (u in mm, row) of a pixel's middle, as Straightened has them.
  [[nodiscard]] Eigen::Vector2d place(int x, int y) const;
  /// The value of the pixel that holds a place (u in mm, row); `otherwise` beside the picture.
  [[nodiscard]] float value_at(const Plane<float>& of, const Eigen::Vector2d& at, double otherwise) const;
};
/// Needs the level's box; what lies off the straightened film is 0.
BodyPicture body_picture(const FilmSight& sight, const FilmLevel& level);

/// Log odds, pixel by pixel of the picture, that a vertebral body, cement inside it, and cement beside its shadow are cast there.
struct BodyShadows {
  Plane<float> body, cement, leak;
};

/// A convolutional network of one step down and up (after Ronneberger et al., MICCAI 2015;9351:234; seven layers, some 12000 weights, one
/// set per view: shadow_weights.h), learned from simulated films whose shadows are known. It sees some 25 mm about a pixel, so that it
/// knows pedicles and neighbours' endplates; a leak whose shadow lies within the body's is not looked for. Some 10 ms.
BodyShadows body_shadows(const BodyPicture& picture, FilmView view);

}  // namespace cemscope::imaging::radiograph
