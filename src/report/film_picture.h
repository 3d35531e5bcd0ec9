#pragma once

#include <string>

#include "imaging/radiograph/film_reading.h"
#include "src/report/pictures.h"

namespace cemscope::report {

/// File name inside cases/<case id>/.
inline constexpr const char* kFilmPicture = "films.png";

/// The films as a PNG: AP and lateral side by side, each with the column's course, the bodies that hold cement, the midline (AP), cement
/// outlined in blue, what of it leaked in its zone's colour, metal in violet, and below it the findings in words. AP films are shown as the
/// file has them. Deterministic for given fonts.
std::string render_films(const imaging::FilmReading& reading, const PictureText& text);

}  // namespace cemscope::report
