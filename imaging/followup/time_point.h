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

/// The bodies that the lateral film shows wholly, with the heights of their shadows where these end plainly enough to be measured, treated
/// ones marked. No bodies without a lateral film.
TimePoint time_point_of_film(const FilmReading& reading);

}  // namespace cemscope::imaging::followup
