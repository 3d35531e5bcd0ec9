#include "imaging/radiograph/film_match.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr int kFrontBand = 1;                                           // of kProfileBand; middle and back follow
constexpr double kSearch_mm = 6.0, kWindow_mm = 7.0, kOffCost = 0.004;  // cost per mm^2, in correlation
// Chosen on simulated pairs of films of seeds 27001-27080 of draw_follow_up_pair.
constexpr double kLeastLikeness = 0.65;

/// A row of the later film and how much it looks like the earlier film's.
struct Landmark {
  double row = 0, likeness = 0;
};

/// Offset of a parabola's top from the middle of three values, limited to half a step.
double top_of(double left, double middle, double right) {
  const double bend = left - 2 * middle + right;
  return bend < -1e-9 ? std::clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0.0;
}

/// Two films' profiles and the later one's scale.
struct Films {
  const FilmProfile &before, &after;
  double scale;
};

/// Where the later film shows, near a row, what the earlier one shows about its own row in one band.
Landmark find_like(const Films& films, const RowPair& near, int band) {
  const int reach = WorkingFilm::px(kSearch_mm);
  const LikenessWindow window{band, band, kWindow_mm, kStep_mm};
  std::vector<double> like;
  int best = 0;
  double most = -1e9;
  for (int off = -reach; off <= reach; ++off) {
    like.push_back(likeness(films.before, films.after, {near.before, near.after + off}, films.scale, window));
    const double mm = off * kStep_mm, worth = like.back() - kOffCost * mm * mm;
    if (worth > most) most = worth, best = off + reach;
  }
  const bool is_inside = best > 0 && best + 1 < static_cast<int>(like.size());
  const double fine = is_inside ? top_of(like[best - 1], like[best], like[best + 1]) : 0.0;
  return {near.after + best - reach + fine, like[best]};
}

/// u of a band's middle on a body.
double u_of(const BodyBox& box, int posterior_sign, int band) {
  const double place = 0.5 * (kProfileBand[band].from + kProfileBand[band].to);
  return 0.5 * (box.left_mm + box.right_mm) + posterior_sign * 0.5 * box.width_mm() * place;
}

void measure_place(const Films& films, const FilmSight& before, const FilmSight& after, int place, MatchedBody& body) {
  const int band = kFrontBand + place;
  const double u_before = u_of(body.before, before.column.posterior_sign, band),
               u_after = u_of(body.after, after.column.posterior_sign, band);
  const double top = body.before.top_at(u_before), bottom = body.before.bottom_at(u_before);
  const Landmark upper = find_like(films, {top, body.after.top_row}, band), lower = find_like(films, {bottom, body.after.bottom_row}, band);
  const bool is_alike = std::min(upper.likeness, lower.likeness) >= kLeastLikeness;
  body.n_alike += is_alike ? 1 : 0;
  body.before_mm[place] = (bottom - top) * kStep_mm;
  body.after_mm[place] = (is_alike ? lower.row - upper.row : body.after.bottom_at(u_after) - body.after.top_at(u_after)) * kStep_mm;
}

BodyBox box_of(const FilmSight& sight, int top, int bottom) {
  return box_between(sight.strip, FilmProfile::kRowsPerStep * top, FilmProfile::kRowsPerStep * bottom);
}

}  // namespace

FilmMatch match_films(const FilmSight& before, const FilmSight& after, const RowPair& anchor) {
  const FilmProfile first = profile_of(before), second = profile_of(after);
  const JointChain chain = find_joint_chain(first, second, anchor);
  const Films films{first, second, chain.scale};
  FilmMatch match{chain.score, {}};
  for (const JointEnds& ends : chain.bodies) {
    MatchedBody body;
    body.before = box_of(before, ends.top_before, ends.bottom_before);
    body.after = box_of(after, ends.top_after, ends.bottom_after);
    for (int place = 0; place < 3; ++place) measure_place(films, before, after, place, body);
    if (body.n_alike == 0) body.before_mm = body.after_mm = {};
    match.bodies.push_back(body);
  }
  return match;
}

}  // namespace cemscope::imaging::radiograph
