#pragma once

#include <array>
#include <vector>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// Bands across a lateral column: before the body, its front, middle and back, and two over the arches.
inline constexpr int kProfileBands = 6;
struct ProfileBand {
  double from = 0, to = 0;  ///< half widths from the bodies' middle; positive is behind
};
inline constexpr std::array<ProfileBand, kProfileBands> kProfileBand{
    {{-1.9, -1.15}, {-0.92, -0.3}, {-0.3, 0.3}, {0.3, 0.92}, {1.08, 1.5}, {1.5, 2.3}}};

/// What a lateral film shows along its column; rows of 0.5 mm, steps of 1 mm.
struct FilmProfile {
  static constexpr int kRowsPerStep = 2;
  int rows = 0, steps = 0;
  Plane<float> band;                ///< mean contrast by (band, row)
  Plane<float> bare;                ///< 1 where bone shows in a band, 0 where cement or metal covers it
  std::vector<float> upper, lower;  ///< log odds of endplates by step; see endplate_evidence.h
  std::vector<double> usual_mm;     ///< height of a body here, by step
};
FilmProfile profile_of(const FilmSight& lateral);

/// Two rows, one on either film.
struct RowPair {
  double before = 0, after = 0;
};

/// What is compared about two rows: bands first to last, `reach_mm` up and down in steps of `tap_mm`.
struct LikenessWindow {
  int first = 0, last = kProfileBands - 1;
  double reach_mm = 14, tap_mm = 2;
};

/// Correlation, -1 to 1, of what two films show about two rows, each band less its own mean; 0 where too little is bare. `scale`: later
/// over earlier film mm.
double likeness(const FilmProfile& before, const FilmProfile& after, const RowPair& at, double scale, const LikenessWindow& window);

/// Ends of one body on both films, in steps.
struct JointEnds {
  int top_before = 0, top_after = 0, bottom_before = 0, bottom_after = 0;
};
struct JointChain {
  double score = -1e9;  ///< log odds
  double scale = 1;     ///< later over earlier film mm
  std::vector<JointEnds> bodies;
};

/// The bodies of two films of one spine at once, by dynamic programming over pairs of rows: endplate evidence of both films, likeness of
/// what lies about each pair, heights near the usual, and heights and discs that change little (a loss costs no more than a fracture is
/// rare). `anchor`: rows that are known to be the same place; elsewhere the films may stray from a straight mapping by 14 mm. Nine scales
/// from 0.8 to 1.25 are tried: films are enlarged differently. O(steps x 29 x heights^2), some 50 ms a scale for 300 mm.
JointChain find_joint_chain(const FilmProfile& before, const FilmProfile& after, const RowPair& anchor);

}  // namespace cemscope::imaging::radiograph
