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

/// Tells whose leak a place is when other bodies of the film hold cement, too.
class LeakOwner {
 public:
  LeakOwner(const FilmSight& sight, const FilmLevel& level) : own_(cement_in(sight.shadows, level.box)) {
    for (const FilmLevel& other : sight.levels)
      if (other.body >= 0 && other.body != level.body && other.shadow > 0) others_.push_back(cement_in(sight.shadows, other.box));
  }
  [[nodiscard]] bool owns(const Eigen::Vector2d& place) const {
    const double own = distance_mm(own_, place);
    return std::all_of(others_.begin(), others_.end(), [&](const auto& other) { return own <= distance_mm(other, place); });
  }

 private:
  using Places = std::vector<Eigen::Vector2d>;
  /// Where the shadows show cement within a box; its middle where they show none.
  static Places cement_in(const FilmShadows& shadows, const BodyBox& box) {
    Places places;
    for (int y = 0; y < shadows.cement.ny; ++y)
      for (int x = 0; x < shadows.cement.nx; ++x) {
        const Eigen::Vector2d at = shadows.grid.place(x, y);
        if (shadows.cement.at(x, y) > 0 && at.x() > box.left_mm && at.x() < box.right_mm && at.y() > box.top_at(at.x()) &&
            at.y() < box.bottom_at(at.x()))
          places.push_back(at);
      }
    if (places.empty()) places.emplace_back(0.5 * (box.left_mm + box.right_mm), 0.5 * (box.top_row + box.bottom_row));
    return places;
  }
  static double distance_mm(const Places& places, const Eigen::Vector2d& from) {
    double nearest = 1e9;
    for (const Eigen::Vector2d& at : places) nearest = std::min(nearest, std::hypot(at.x() - from.x(), kStep_mm * (at.y() - from.y())));
    return nearest;
  }
  Places own_;
  std::vector<Places> others_;
};

/// Of a sign; faint ones count little, strong ones by their log odds.
double weight_of(double sign) { return std::log1p(std::exp(std::clamp(sign, LeakSigns::kNone, -LeakSigns::kNone))); }

}  // namespace

LeakSigns leak_signs(const FilmSight& sight, const FilmLevel& level) {
  const FilmShadows& shadows = sight.shadows;
  const Plane<float> even = evened(shadows.leak);
  const LeakOwner owner(sight, level);
  std::array<double, 4> signs{};
  signs.fill(LeakSigns::kNone);
  for (int y = 0; y < even.ny; ++y)
    for (int x = 0; x < even.nx; ++x) {
      const Eigen::Vector2d place = shadows.grid.place(x, y);
      const auto face = face_of(level.box, place);
      if (!face) continue;
      double& sign = signs[static_cast<std::size_t>(*face)];
      if (even.at(x, y) > sign && owner.owns(place)) sign = even.at(x, y);
    }
  return {signs[0], signs[1], signs[2], signs[3]};
}

std::vector<PlaceBeyond> places_beyond(const FilmSight& sight, const FilmLevel& level) {
  std::vector<PlaceBeyond> places{{BodyFace::above, {}}, {BodyFace::below, {}}, {BodyFace::left, {}}, {BodyFace::right, {}}};
  const LeakOwner owner(sight, level);
  for (int y = 0; y < sight.relief.excess.ny; ++y)
    for (int x = 0; x < sight.relief.excess.nx; ++x) {
      const Eigen::Vector2d place = sight.strip.course.place(x, y);
      const auto face = face_of(level.box, place);
      if (face && sight.shadows.at(sight.shadows.leak, place, LeakSigns::kNone) > 0 && owner.owns(place))
        places[static_cast<std::size_t>(*face)].pixels.emplace_back(x, y);
    }
  std::erase_if(places, [](const PlaceBeyond& place) { return place.pixels.empty(); });
  return places;
}

LeakOdds leak_odds(const std::optional<LeakSigns>& ap, const std::optional<LeakSigns>& lateral, bool is_posterior_right) {
  constexpr double kConstant = -2.29, kApWeight = 0.56, kLateralWeight = 1.15;
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
