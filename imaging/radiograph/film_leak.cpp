#include "imaging/radiograph/film_leak.h"

#include <array>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kAround_mm = 12.0, kMisplaced_mm = 1.5;
constexpr int kFarthestNeighbour = 3, kMostNeighbours = 4;

/// The grid about a body: its outline at its own size, and kAround_mm about it.
struct Patch {
  int nx, ny, around = WorkingFilm::px(kAround_mm);
  explicit Patch(const BodyBox& box)
      : nx(WorkingFilm::px(box.width_mm()) + 2 * WorkingFilm::px(kAround_mm)),
        ny(static_cast<int>(box.bottom_row - box.top_row) + 2 * WorkingFilm::px(kAround_mm)) {}
};

/// Millimetres outside stay so, inside it is shares of the length: place `at` of a patch `n` long on a body from `first` to `last`.
double stretched(int at, int n, int around, double first, double last) {
  if (at < around) return first - (around - at);
  if (at >= n - around) return last + (at - (n - around));
  return first + (last - first) * (at - around) / std::max(1, n - 2 * around);
}

/// An image of the working grid about a body.
Plane<float> patch_of(const Plane<float>& of, const FilmSight& sight, const BodyBox& box, const Patch& patch) {
  Plane<float> image(patch.nx, patch.ny);
  for (int y = 0; y < patch.ny; ++y)
    for (int x = 0; x < patch.nx; ++x) {
      const double u_mm = kStep_mm * stretched(x, patch.nx, patch.around, box.left_mm / kStep_mm, box.right_mm / kStep_mm);
      const double row = stretched(y, patch.ny, patch.around, box.top_at(u_mm), box.bottom_at(u_mm));
      const Eigen::Vector2d at = sight.strip.course.working(u_mm, row);
      image.at(x, y) = sample(of, at.x(), at.y());
    }
  return image;
}

bool is_treated(const FilmSight& sight, int body) {
  return std::any_of(sight.levels.begin(), sight.levels.end(),
                     [&](const FilmLevel& level) { return level.body == body && level.log_odds > -1; });
}

/// Untreated bodies, the nearest first.
std::vector<int> neighbours_of(const FilmSight& sight, int body) {
  std::vector<int> neighbours;
  for (int off = 1; off <= kFarthestNeighbour; ++off)
    for (const int other : {body - off, body + off})
      if (other >= 0 && other < static_cast<int>(sight.strip.bodies.size()) && !is_treated(sight, other) &&
          static_cast<int>(neighbours.size()) < kMostNeighbours)
        neighbours.push_back(other);
  return neighbours;
}

/// 1 where a thing of the level covers the place.
Plane<float> deposit_patch(const FilmSight& sight, const FilmLevel& level, const Patch& patch) {
  Plane<float> mask(sight.relief.excess.nx, sight.relief.excess.ny, 0.F);
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) mask.at(x, y) = 1.F;
  return patch_of(mask, sight, level.box, patch);
}

/// A typical height of the deposit over bone.
double height_of(const FilmSight& sight, const FilmLevel& level) {
  double plateau = 0;
  for (const int n : level.things) plateau = std::max(plateau, sight.things[n].plateau);
  return std::max(1e-6, plateau - sight.relief.median);
}

}  // namespace

LeakPicture leak_picture(const FilmSight& sight, const FilmLevel& level) {
  LeakPicture picture;
  if (level.body < 0) return picture;
  const std::vector<int> neighbours = neighbours_of(sight, level.body);
  picture.n_compared = static_cast<int>(neighbours.size());
  if (neighbours.empty()) return picture;
  const Patch patch(level.box);
  picture.around = patch.around;
  picture.own = patch_of(sight.relief.excess, sight, level.box, patch);
  picture.usual = Plane<float>(patch.nx, patch.ny, static_cast<float>(sight.relief.median));
  for (const int other : neighbours) {
    const Plane<float> theirs =
        dilated(patch_of(sight.relief.excess, sight, sight.strip.bodies[other], patch), WorkingFilm::px(kMisplaced_mm));
    for (std::size_t n = 0; n < theirs.values.size(); ++n) picture.usual.values[n] = std::max(picture.usual.values[n], theirs.values[n]);
  }
  const auto median = static_cast<float>(sight.relief.median), height = static_cast<float>(height_of(sight, level));
  for (Plane<float>* image : {&picture.own, &picture.usual})
    for (float& v : image->values) v = (v - median) / height;
  picture.deposit = deposit_patch(sight, level, patch);
  return picture;
}

double unusual_share(const FilmSight& sight, const FilmLevel& level) {
  const LeakPicture picture = leak_picture(sight, level);
  double sum = 0;
  int n = 0;
  for (std::size_t i = 0; i < picture.deposit.values.size(); ++i) {
    if (picture.deposit.values[i] < 0.5F) continue;
    sum += std::clamp(picture.own.values[i] - picture.usual.values[i], -1.F, 1.F), ++n;
  }
  return n > 0 ? sum / n : 0;
}

namespace {

/// How far a place lies beyond each face, mm, in the order of BodyFace; negative inside.
std::array<double, 4> beyond_faces(const BodyBox& box, const Eigen::Vector2d& at) {
  return {(box.top_at(at.x()) - at.y()) * kStep_mm, (at.y() - box.bottom_at(at.x())) * kStep_mm, box.left_mm - at.x(),
          at.x() - box.right_mm};
}

/// The face that a place lies farthest beyond, none where it is too far off to belong to the body.
std::optional<BodyFace> face_of(const BodyBox& box, const Eigen::Vector2d& at) {
  const auto beyond = beyond_faces(box, at);
  const auto most = std::max_element(beyond.begin(), beyond.end());
  if (*most >= kAround_mm) return std::nullopt;
  return static_cast<BodyFace>(most - beyond.begin());
}

/// Means of 3 x 3 pixels, zeros beyond the border.
Plane<float> evened(const Plane<float>& image) {
  Plane<float> even(image.nx, image.ny, 0.F);
  for (int y = 0; y < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x)
      for (int n = 0; n < 9; ++n)
        if (image.contains(x + n % 3 - 1, y + n / 3 - 1)) even.at(x, y) += image.at(x + n % 3 - 1, y + n / 3 - 1) / 9.F;
  return even;
}

/// Of a sign; faint ones count little, strong ones by their log odds.
double weight_of(double sign) { return std::log1p(std::exp(std::clamp(sign, LeakSigns::kNone, -LeakSigns::kNone))); }

}  // namespace

BodyLook look_at_body(const FilmSight& sight, const FilmLevel& level) {
  BodyPicture picture = body_picture(sight, level);
  BodyShadows shadows = body_shadows(picture, sight.column.view);
  return {std::move(picture), std::move(shadows)};
}

LeakSigns leak_signs(const BodyLook& look, const BodyBox& box) {
  const Plane<float> even = evened(look.shadows.leak);
  std::array<double, 4> signs{};
  signs.fill(LeakSigns::kNone);
  for (int y = 0; y < even.ny; ++y)
    for (int x = 0; x < even.nx; ++x)
      if (const auto face = face_of(box, look.picture.place(x, y))) {
        double& sign = signs[static_cast<std::size_t>(*face)];
        sign = std::max(sign, static_cast<double>(even.at(x, y)));
      }
  return {signs[0], signs[1], signs[2], signs[3]};
}

std::vector<PlaceBeyond> places_beyond(const BodyLook& look, const FilmSight& sight, const BodyBox& box) {
  std::vector<PlaceBeyond> places{{BodyFace::above, {}}, {BodyFace::below, {}}, {BodyFace::left, {}}, {BodyFace::right, {}}};
  for (int y = 0; y < sight.relief.excess.ny; ++y)
    for (int x = 0; x < sight.relief.excess.nx; ++x) {
      const Eigen::Vector2d place = sight.strip.course.place(x, y);
      const auto face = face_of(box, place);
      if (face && look.picture.value_at(look.shadows.leak, place, LeakSigns::kNone) > 0)
        places[static_cast<std::size_t>(*face)].pixels.emplace_back(x, y);
    }
  std::erase_if(places, [](const PlaceBeyond& place) { return place.pixels.empty(); });
  return places;
}

LeakOdds leak_odds(const std::optional<LeakSigns>& ap, const std::optional<LeakSigns>& lateral, bool is_posterior_right) {
  constexpr double kConstant = -2.5, kApWeight = 0.95, kLateralWeight = 1.45;
  LeakOdds odds;
  odds.log_odds = kConstant;
  if (ap) {
    const double beside = kApWeight * weight_of(std::max(ap->left, ap->right)),
                 disc = kApWeight * weight_of(std::max(ap->above, ap->below));
    odds.paravertebral += beside, odds.disc += disc;
    odds.log_odds += std::max(beside, disc);
  }
  if (lateral) {
    const double front = kLateralWeight * weight_of(is_posterior_right ? lateral->left : lateral->right),
                 back = kLateralWeight * weight_of(is_posterior_right ? lateral->right : lateral->left),
                 disc = kLateralWeight * weight_of(std::max(lateral->above, lateral->below));
    odds.paravertebral += front, odds.canal += back, odds.disc += disc;
    odds.log_odds += std::max({front, back, disc});
  }
  odds.other = odds.disc + odds.canal;
  return odds;
}

}  // namespace cemscope::imaging::radiograph
