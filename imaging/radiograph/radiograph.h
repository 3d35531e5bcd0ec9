#pragma once

#include <optional>
#include <string>

#include "imaging/radiograph/plane.h"

namespace cemscope::imaging {

enum class FilmView { unknown, ap, lateral, other };

/// Where a film's scale comes from (DEFINITIONS, Radiographs): PixelSpacing, ImagerPixelSpacing ("detector mm", larger than life), or none.
enum class SpacingSource { calibrated, detector, none };

/// Which way a film's rows run; unknown where no tag says so.
enum class RowsRun { unknown, to_left, to_right, to_posterior, to_anterior };

/// One radiograph as the detector saw it: row by row, dense (white on a viewer) is high, on an arbitrary scale that is near to a logarithm
/// of attenuation. Upright: the head is at the top.
struct Radiograph {
  radiograph::Plane<float> density;
  double pixel_mm = 0.0;  ///< 0 when the spacing is unknown
  SpacingSource spacing_source = SpacingSource::none;
  RowsRun rows_run = RowsRun::unknown;
};

/// "AP", "lateral", "other", "unknown".
std::string to_string(FilmView view);
/// "calibrated", "detector", "none".
std::string to_string(SpacingSource source);

}  // namespace cemscope::imaging
