#pragma once

#include "imaging/radiograph/body_box.h"

namespace cemscope::imaging::radiograph {

/// How far the shadow of bodies begins (upper endplates) or ends (lower ones) at each millimetre down the column, -1 to 1: mean over the
/// middle 70 % of the width of the change of limited log odds within 2 mm, along the best tilt.
struct ShadowEdges {
  std::vector<float> upper, lower;
};
ShadowEdges shadow_edges(const ColumnStrip& strip, const FilmShadows& shadows);

/// Log odds of endplates by the film's contrast (endplate_evidence.h) and by the shadows: logistic regressions, one per view and endplate,
/// fitted by tests/tools/fit_endplates.py.
EndplateLogOdds combined_log_odds(const EndplateLogOdds& contrast, const ShadowEdges& edges, FilmView view);

}  // namespace cemscope::imaging::radiograph
