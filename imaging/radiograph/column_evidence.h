#pragma once

#include <array>
#include <vector>

#include "imaging/radiograph/working_film.h"

namespace cemscope::imaging::radiograph {

/// Pictures of a film on a grid of 1 mm, smoothed along the column, in which the column is looked for by its cross profile: contrast within
/// 15 mm; steepness along and across the column over the film's mean, less 1; contrast within 40 mm. None depends on the film's gain or
/// offset.
using ProfileChannels = std::array<Plane<float>, 4>;
/// `value`: the film without dense things; both on the grid of 1 mm.
ProfileChannels profile_channels(const Plane<float>& contrast, const Plane<float>& value);

/// The profile across a place, in steps of 4 mm to 60 mm on both sides: for AP films the mean of both sides, then their difference within
/// 40 mm; for lateral films from the front to the back, which is on the film's right for `posterior_sign` +1.
std::vector<float> cross_profile(const ProfileChannels& channels, FilmView view, int posterior_sign, int x, int y);

/// Log probability, row by row, that the bodies' middle lies at x: softmax over the row of the weighted cross profile (column_weights.h).
/// One row for every `row_step` mm, taken in the middle of the step.
Plane<float> column_log_probability(const ProfileChannels& channels, FilmView view, int posterior_sign, int row_step);

/// Half the bodies' width in mm about a row, from the mean cross profile of the rows within 40 mm along the column `centre_x` (1 mm grid).
std::vector<double> half_widths_mm(const ProfileChannels& channels, FilmView view, int posterior_sign, const std::vector<double>& centre_x);

}  // namespace cemscope::imaging::radiograph
