#pragma once

#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "imaging/followup/body_heights.h"
#include "imaging/radiograph/film_reading.h"

namespace cemscope::imaging::followup {

/// The bodies of a CT reading with their heights, treated ones marked. One known name of a treated body names all. The date is left empty.
TimePoint time_point_of_ct(const CtReading& reading, const CtVolume& volume);

/// The same of an MR reading: treated are bodies darkened by cement and, where none is, those named in `treated_levels`. Where as many
/// bodies are cemented as levels are treated, the same steps apart, they give the names: cement is surer than a count from the sacrum.
/// Other names that cement contradicts are dropped.
TimePoint time_point_of_mr(const MrReading& reading, const MrLevels& levels, const std::vector<std::string>& treated_levels);

/// Two lateral films of one patient, later after earlier: the bodies that both show, in the same order.
struct FilmTimePoints {
  TimePoint before, after;
};

/// Heights of two readings' lateral films between landmarks that both show (radiograph/film_match.h), treated bodies marked on each by its
/// own reading. The films are matched from a body that holds cement on both, the pair under which they agree best. No bodies where either
/// has no lateral film or shows no cement on it. Dates are left empty.
FilmTimePoints time_points_of_films(const FilmReading& before, const FilmReading& after);

}  // namespace cemscope::imaging::followup
