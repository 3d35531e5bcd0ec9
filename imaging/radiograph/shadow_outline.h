#pragma once

#include <optional>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// Rows of the first and the last pixel of a body's shadow in a column of the strip; empty where there is none.
struct ShadowColumn {
  int top = 0, bottom = -1;
  [[nodiscard]] int height() const { return bottom - top + 1; }
};

/// Of the body in a box: the longest run of its shadow in each column of the strip within 4 mm of the box.
std::vector<ShadowColumn> shadow_columns(const FilmShadows& shadows, const BodyBox& box);

/// Columns of the strip between which each is at least half as high as the highest: not the tips of osteophytes. Empty (first > last)
/// without a shadow.
struct ColumnSpan {
  int first = 0, last = -1;
};
ColumnSpan span_of(const std::vector<ShadowColumn>& columns);

/// The box as the body's shadow has it: straight lines (least squares after Tukey's biweight) through where the log odds change sign, walls
/// by their median. None where the shadow is narrower or lower than 0.6, wider or higher than 1.5 of the box. The middle line
/// stays.
std::optional<BodyBox> shadow_outline(const FilmShadows& shadows, const BodyBox& box);

/// u (mm) of the mid-sagittal plane of the body in a box: where the log odds of its halves change sign; none without a shadow.
std::optional<double> midline_of(const FilmShadows& shadows, const BodyBox& box);

}  // namespace cemscope::imaging::radiograph
