#include "imaging/radiograph/film_leak.h"

#include <array>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kAround_mm = 12.0, kMisplaced_mm = 1.5, kMargin_mm = 1.0, kReach_mm = 9.0, kCorner_mm = 2.0;
constexpr double kLeakShare = 0.2, kJoinedShare = 0.12, kDepositShare = 0.5;
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

struct Zone {
  int x0, x1, y0, y1;  // up to but not including x1, y1
};

LeakSign sign_in(const Zone& zone, const Plane<float>& shares) {
  LeakSign sign;
  for (int y = std::max(0, zone.y0); y < std::min(shares.ny, zone.y1); ++y)
    for (int x = std::max(0, zone.x0); x < std::min(shares.nx, zone.x1); ++x) {
      sign.peak = std::max(sign.peak, static_cast<double>(shares.at(x, y)));
      if (shares.at(x, y) > kLeakShare) sign.area_mm2 += kStep_mm * kStep_mm;
    }
  return sign;
}

/// Sets to 0 what does not hang together with the deposit inside the body.
void keep_joined(Plane<float>& shares, int around) {
  Plane<float> dense(shares.nx, shares.ny, 0.F);
  for (std::size_t n = 0; n < dense.values.size(); ++n) dense.values[n] = shares.values[n] > kJoinedShare ? 1.F : 0.F;
  dense = dilated(dense, 1);
  Plane<std::uint8_t> mask(shares.nx, shares.ny, 0);
  std::copy(dense.values.begin(), dense.values.end(), mask.values.begin());
  const PlaneComponents parts = components_of(mask);
  std::vector<std::uint8_t> is_deposit(parts.n + 1, 0);
  for (int y = around; y < shares.ny - around; ++y)
    for (int x = around; x < shares.nx - around; ++x)
      if (shares.at(x, y) > kDepositShare) is_deposit[parts.label.at(x, y)] = 1;
  for (std::size_t n = 0; n < shares.values.size(); ++n)
    if (!is_deposit[parts.label.values[n]]) shares.values[n] = 0;
}

constexpr double kSlack_mm = 1.0;

/// The part of a deposit that lies well beyond a face, by how far each pixel does.
double area_beyond(const std::vector<double>& beyond_mm) {
  return kStep_mm * kStep_mm *
         static_cast<double>(std::count_if(beyond_mm.begin(), beyond_mm.end(), [](double mm) { return mm > kSlack_mm; }));
}

/// What of the deposit lies beyond the faces.
void add_deposit(const FilmSight& sight, const FilmLevel& level, LeakSigns& signs) {
  const BodyBox& box = level.box;
  std::vector<double> above, below, left, right;
  int n_inside = 0;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) {
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      above.push_back((box.top_at(at.x()) - at.y()) * kStep_mm), below.push_back((at.y() - box.bottom_at(at.x())) * kStep_mm);
      left.push_back(box.left_mm - at.x()), right.push_back(at.x() - box.right_mm);
      n_inside += std::max({above.back(), below.back(), left.back(), right.back()}) < kSlack_mm;
    }
  signs.inside_share = static_cast<double>(n_inside) / std::max<double>(1, static_cast<double>(above.size()));
  signs.above.deposit_mm2 = area_beyond(above), signs.below.deposit_mm2 = area_beyond(below);
  signs.left.deposit_mm2 = area_beyond(left), signs.right.deposit_mm2 = area_beyond(right);
}

double limited(double peak) { return std::min(1.0, peak); }
double log_area(double area_mm2) { return std::log1p(area_mm2 / 10.0); }

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

/// What stands out from the untreated neighbours, a disc of 1 mm radius everywhere, and hangs together with the deposit.
Plane<float> standing_out(const LeakPicture& picture) {
  Plane<float> shares = picture.own;
  for (std::size_t n = 0; n < shares.values.size(); ++n) shares.values[n] -= picture.usual.values[n];
  shares = opened(shares, WorkingFilm::px(1.0));
  keep_joined(shares, WorkingFilm::px(kAround_mm));
  return shares;
}

/// Where signs beyond each face are looked for, in the order of BodyFace.
std::array<Zone, 4> zones_about(const Plane<float>& shares) {
  const int around = WorkingFilm::px(kAround_mm), margin = WorkingFilm::px(kMargin_mm), reach = WorkingFilm::px(kReach_mm),
            corner = WorkingFilm::px(kCorner_mm);
  const int left = around, right = shares.nx - around, top = around, bottom = shares.ny - around;
  return {{{left - corner, right + corner, top - reach, top - margin},
           {left - corner, right + corner, bottom + margin, bottom + reach},
           {left - reach, left - margin, top - corner, bottom + corner},
           {right + margin, right + reach, top - corner, bottom + corner}}};
}

/// How far a place lies beyond each face, mm, in the order of BodyFace; negative inside.
std::array<double, 4> beyond_faces(const BodyBox& box, const Eigen::Vector2d& at) {
  return {(box.top_at(at.x()) - at.y()) * kStep_mm, (at.y() - box.bottom_at(at.x())) * kStep_mm, box.left_mm - at.x(),
          at.x() - box.right_mm};
}

/// The inverse of `stretched`, to the nearest pixel.
int unstretched(double value, int n, int around, double first, double last) {
  if (value < first) return around - static_cast<int>(std::lround(first - value));
  if (value > last) return n - around + static_cast<int>(std::lround(value - last));
  return around + static_cast<int>(std::lround((value - first) / std::max(1e-6, last - first) * std::max(1, n - 2 * around)));
}

bool is_in(const Zone& zone, int x, int y) { return x >= zone.x0 && x < zone.x1 && y >= zone.y0 && y < zone.y1; }

}  // namespace

LeakSigns leak_signs(const FilmSight& sight, const FilmLevel& level) {
  LeakSigns signs;
  const LeakPicture picture = leak_picture(sight, level);
  signs.n_compared = picture.n_compared;
  if (picture.n_compared == 0) return signs;
  const Plane<float> shares = standing_out(picture);
  const auto zones = zones_about(shares);
  signs.above = sign_in(zones[0], shares), signs.below = sign_in(zones[1], shares);
  signs.left = sign_in(zones[2], shares), signs.right = sign_in(zones[3], shares);
  add_deposit(sight, level, signs);
  return signs;
}

std::vector<PlaceBeyond> places_beyond(const FilmSight& sight, const FilmLevel& level) {
  const LeakPicture picture = leak_picture(sight, level);
  if (picture.n_compared == 0) return {};
  const Plane<float> shares = standing_out(picture);
  const auto zones = zones_about(shares);
  const BodyBox& box = level.box;
  Plane<std::uint8_t> deposit(sight.relief.excess.nx, sight.relief.excess.ny, 0);
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) deposit.at(x, y) = 1;
  std::vector<PlaceBeyond> places{{BodyFace::above, {}}, {BodyFace::below, {}}, {BodyFace::left, {}}, {BodyFace::right, {}}};
  for (int y = 0; y < deposit.ny; ++y)
    for (int x = 0; x < deposit.nx; ++x) {
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      const auto beyond = beyond_faces(box, at);
      const auto face = static_cast<std::size_t>(std::max_element(beyond.begin(), beyond.end()) - beyond.begin());
      if (beyond[face] <= 0 || beyond[face] > kReach_mm) continue;
      const int u = unstretched(at.x() / kStep_mm, shares.nx, picture.around, box.left_mm / kStep_mm, box.right_mm / kStep_mm),
                row = unstretched(at.y(), shares.ny, picture.around, box.top_at(at.x()), box.bottom_at(at.x()));
      const bool stands_out = shares.contains(u, row) && is_in(zones[face], u, row) && shares.at(u, row) > kLeakShare;
      if (stands_out || (deposit.at(x, y) != 0 && beyond[face] > kSlack_mm)) places[face].pixels.emplace_back(x, y);
    }
  std::erase_if(places, [](const PlaceBeyond& place) { return place.pixels.empty(); });
  return places;
}

LeakOdds leak_odds(const std::optional<LeakSigns>& ap, const std::optional<LeakSigns>& lateral, bool is_posterior_right) {
  LeakOdds odds;
  if (ap) {
    odds.paravertebral +=
        0.94 * limited(std::max(ap->left.peak, ap->right.peak)) + 1.29 * log_area(std::max(ap->left.area_mm2, ap->right.area_mm2));
    odds.disc += 0.35 * log_area(std::max(ap->above.area_mm2, ap->below.area_mm2)) +
                 0.05 * log_area(std::max(ap->above.deposit_mm2, ap->below.deposit_mm2));
  }
  if (lateral) {
    const LeakSign &front = is_posterior_right ? lateral->left : lateral->right,
                   &back = is_posterior_right ? lateral->right : lateral->left;
    odds.paravertebral += 2.44 * limited(front.peak) + 1.01 * log_area(front.deposit_mm2);
    odds.canal += 1.35 * limited(back.peak) + 1.07 * log_area(back.area_mm2);
    odds.disc += 0.30 * log_area(std::max(lateral->above.deposit_mm2, lateral->below.deposit_mm2));
  }
  // An endplate that is misplaced on one film is rarely so on the other.
  if (ap && lateral)
    odds.disc += 3.52 * limited(std::max(std::min(ap->above.peak, lateral->above.peak), std::min(ap->below.peak, lateral->below.peak)));
  odds.other = odds.disc + odds.canal;
  odds.log_odds = -1.06 + odds.paravertebral + odds.other;
  return odds;
}

}  // namespace cemscope::imaging::radiograph
