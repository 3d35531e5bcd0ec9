#pragma once

#include "imaging/radiograph/radiograph.h"

namespace cemscope::imaging::radiograph {

/// The view of a film by its content alone.
struct ViewGuess {
  FilmView view = FilmView::unknown;  ///< ap or lateral
  double log_odds_of_lateral = 0.0;
};

/// What the guess is made from, scale-free.
struct ViewFeatures {
  double side_asymmetry = 0;         ///< |left eighth - right eighth| of the exposed field's brightness
  double column_off_centre = 0;      ///< of the column found as lateral, from the middle of the trunk, in half widths of the trunk
  double inner_fold = 0;             ///< agreement of both halves of the bodies found as AP when folded, endplates taken out, -1..1
  double upright_share = 0;          ///< of the detail inside the bodies found as AP: steepness across over steepness along the column
  double lateral_upright_share = 0;  ///< the same of those found as lateral
  double roughness_asymmetry = 0;    ///< |left - right|/(left + right) of the detail beside the column found as AP
  double ap_score = 0, lateral_score = 0;  ///< of find_column
};
ViewFeatures view_features(const Radiograph& film);

/// AP or lateral: an AP film is alike on both sides of a column in its middle; a lateral one has the back's air on one side, bone that
/// differs in front and behind, and the cross profile of the one or the other (column_evidence.h). Logistic regression on simulated films
/// of seeds 1-130 and 9000-9099; of 200 others (9300-9399) 197 right. Obliques are not told from either.
ViewGuess guess_view(const Radiograph& film);

}  // namespace cemscope::imaging::radiograph
