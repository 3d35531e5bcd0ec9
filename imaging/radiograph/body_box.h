#pragma once

#include "imaging/radiograph/body_chain.h"
#include "imaging/radiograph/dense_things.h"
#include "imaging/radiograph/endplate_evidence.h"
#include "imaging/radiograph/film_shadows.h"
#include "imaging/radiograph/straightened.h"

namespace cemscope::imaging::radiograph {

/// A vertebral body on a film, along the column (see Straightened): u in mm, rows in working rows (0.5 mm).
struct BodyBox {
  double left_mm = -20, right_mm = 20;           ///< side walls
  double top_row = 0, bottom_row = 0;            ///< endplates in the middle
  double top_tilt = 0, bottom_tilt = 0;          ///< rows per mm to the right
  double midline_mm = 0;                         ///< AP: u of the spinous processes' and pedicles' middle
  double midline_spread_mm = 0;                  ///< AP: disagreement of its sources

  [[nodiscard]] double top_at(double u_mm) const { return top_row + top_tilt * (u_mm - 0.5 * (left_mm + right_mm)); }
  [[nodiscard]] double bottom_at(double u_mm) const { return bottom_row + bottom_tilt * (u_mm - 0.5 * (left_mm + right_mm)); }
  [[nodiscard]] double width_mm() const { return right_mm - left_mm; }
  [[nodiscard]] double height_mm() const { return (bottom_row - top_row) * WorkingFilm::kStep_mm; }
};

/// A film along its column, prepared for finding bodies: dense things taken out.
struct ColumnStrip {
  ColumnStrip() = default;
  explicit ColumnStrip(const Column& column) : course(column), view(column.view) {}
  Straightened course;
  Plane<float> contrast;                  ///< local contrast along the column
  Plane<float> covered;                   ///< above 0 where cement or metal lies
  Plane<float> upper, lower;              ///< evidence of an upper (dark to bright downwards) and a lower endplate, by the best tilt
  Plane<float> upper_tilt, lower_tilt;    ///< the tilts, rows per mm
  std::vector<double> half_width_mm;      ///< by row
  std::vector<double> sides_mm, fold_mm;  ///< by row: middle of the bodies, where the film folds
  FilmView view = FilmView::ap;
  std::vector<BodyBox> bodies;  ///< all that lie wholly on the strip, top to bottom; see find_bodies
};
/// `contrast`: local contrast on the working grid; `covered`: what cement and metal cover on it, which says nothing of bone.
ColumnStrip make_strip(const Plane<float>& contrast, const Plane<std::uint8_t>& covered, const Column& column);

/// Log odds of endplates by the film's contrast. `posterior_sign`: of lateral films, +1 when the back is to the right.
EndplateLogOdds contrast_log_odds(const ColumnStrip& strip, int posterior_sign);

/// Finds the bodies by their endplates (body_chain.h).
void find_bodies(ColumnStrip& strip, const EndplateLogOdds& odds);

/// A body between two rows, with the column's walls and midline there.
BodyBox box_at(const ColumnStrip& strip, int first_row, int last_row);

/// Index of the body that holds most of a span of rows (`first` to `last`, the deposit's 15-85 % span); the nearest if none does, -1
/// without bodies.
int body_at(const ColumnStrip& strip, double first_row, double last_row);

}  // namespace cemscope::imaging::radiograph
