#include "imaging/spine/mask_bodies.h"

#include <map>

#include "imaging/index_map.h"
#include "imaging/spine/body_box.h"
#include "imaging/spine/smoothing.h"
#include "imaging/spine/verse_numbers.h"

namespace cemscope::imaging::spine {
namespace {

constexpr std::int16_t kInside_hu = 300, kOutside_hu = -60;  // a mask as densities: a body with a clear edge
constexpr int kMinColumns = 25;                              // of 2 x 2 mm in which a body must show
constexpr double kFree_mm = 6;                               // beyond the outermost endplates: half of it is looked through

/// The stretch of the course that a label takes in one column (a, l) of the bodies' region.
struct Stretch {
  int depth = 0, l = 0;  ///< in front of the rear wall, to the left, mm
  double a = 0, low = 0, high = 0;
};
using Stretches = std::map<int, std::vector<Stretch>>;  // per VerSe number

int label_at(const VolumeView& volume, const MaskLabels& mask, const Point_mm& p) {
  std::array<int, 3> at{};
  for (int d = 0; d < 3; ++d) {
    at[d] = static_cast<int>(std::lround(p[d] / volume.spacing_mm[d]));
    if (at[d] < 0 || at[d] >= volume.size[d]) return 0;
  }
  return mask.number[volume.index(at[0], at[1], at[2])];
}

Stretches bodies_along(const VolumeView& volume, const MaskLabels& mask, const StraightSpine& spine, const SpineProfiles& profiles) {
  Stretches out;
  for (int depth = 4; depth <= 30; depth += 2)
    for (int l = -16; l <= 16; l += 2) {
      std::map<int, Stretch> column;
      for (int s = 0; s < spine.length(); ++s) {
        const double a = profiles.posterior_wall[s] + depth;
        const int number = label_at(volume, mask, spine.frame.to_image(s, a, l));
        if (!is_free_vertebra(number)) continue;
        auto [it, is_new] = column.try_emplace(number, Stretch{depth, l, a, static_cast<double>(s), static_cast<double>(s)});
        it->second.high = s;
      }
      for (const auto& [number, stretch] : column) out[number].push_back(stretch);
    }
  std::erase_if(out, [](const auto& entry) { return static_cast<int>(entry.second.size()) < kMinColumns; });
  return out;
}

double middle(const std::vector<Stretch>& stretches) {
  std::vector<double> s;
  for (const auto& q : stretches) s.push_back((q.low + q.high) / 2);
  return quantile(std::move(s), 0.5);
}

/// The plane s = d.s + tilt_ap (a - a0) + tilt_lr l through the points (a, l, s), by least squares.
Disc plane_through(const std::vector<Eigen::Vector3d>& points, double width_mm) {
  Disc d;
  for (const auto& p : points) d.a0 += p[0] / static_cast<double>(points.size());
  Eigen::MatrixXd rows(points.size(), 3);
  Eigen::VectorXd s(points.size());
  for (std::size_t q = 0; q < points.size(); ++q) {
    const auto row = static_cast<Eigen::Index>(q);
    rows.row(row) << 1, points[q][0] - d.a0, points[q][1];
    s[row] = points[q][2];
  }
  const Eigen::Vector3d c = rows.colPivHouseholderQr().solve(s);
  d.s = c[0], d.tilt_ap = c[1], d.tilt_lr = c[2];
  d.width_mm = width_mm;
  return d;
}

Disc between(const std::vector<Stretch>& lower, const std::vector<Stretch>& upper) {
  std::vector<Eigen::Vector3d> points;
  std::vector<double> gaps;
  for (const auto& low : lower)
    for (const auto& high : upper)
      if (low.l == high.l && low.depth == high.depth) {
        points.emplace_back(low.a, low.l, (low.high + high.low) / 2);
        gaps.push_back(high.low - low.high);
      }
  if (points.size() < kMinColumns) {
    Disc level;
    level.a0 = lower.front().a, level.s = (middle(lower) + middle(upper)) / 2, level.width_mm = kFree_mm;
    return level;
  }
  return plane_through(points, std::clamp(quantile(std::move(gaps), 0.5), 2.0, 15.0));
}

/// A plane half a free stretch beyond the label's end (`sense` +1: its upper one); at the scan's end when there is nothing beyond.
Disc beyond(const StraightSpine& spine, const std::vector<Stretch>& stretches, int sense) {
  std::vector<Eigen::Vector3d> points;
  for (const auto& q : stretches) points.emplace_back(q.a, q.l, sense > 0 ? q.high : q.low);
  Disc d = plane_through(points, kFree_mm);
  const int past = static_cast<int>(std::lround(d.s + sense * 2));
  if (past < 1 || past >= spine.length() - 1 || spine.is_empty(past, static_cast<int>(std::lround(d.a0)), 0)) {
    d.at_scan_end = true;
    return d;
  }
  d.s += sense * kFree_mm / 2;
  return d;
}

/// The numbers from below upwards; empty when they do not follow the course.
std::vector<int> in_order(const Stretches& stretches) {
  std::vector<int> numbers;
  for (const auto& [number, unused] : stretches) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return rank_of_number(a) > rank_of_number(b); });
  for (std::size_t q = 1; q < numbers.size(); ++q)
    if (middle(stretches.at(numbers[q])) <= middle(stretches.at(numbers[q - 1]))) return {};
  return numbers;
}

}  // namespace

MaskLabels labels_on(const HuImage& volume, const LabelImage& mask) {
  const auto size = volume.GetLargestPossibleRegion().GetSize(), mask_size = mask.GetLargestPossibleRegion().GetSize();
  const IndexMap map(volume, mask);
  MaskLabels out;
  out.number.resize(size[0] * size[1] * size[2]);
  bool any = false;
  std::size_t q = 0;
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j)
      for (std::size_t i = 0; i < size[0]; ++i, ++q) {
        const Eigen::Array3d r = (map.of(static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)).array() + 0.5).floor();
        if ((r < 0).any() || r[0] >= mask_size[0] || r[1] >= mask_size[1] || r[2] >= mask_size[2]) continue;
        const auto x = static_cast<std::size_t>(r[0]), y = static_cast<std::size_t>(r[1]), z = static_cast<std::size_t>(r[2]);
        out.number[q] = mask.GetBufferPointer()[(z * mask_size[1] + y) * mask_size[0] + x];
        any = any || out.number[q] != 0;
      }
  return any ? out : MaskLabels{};
}

MaskBodies fit_to_mask(const VolumeView& volume, const MaskLabels& mask, const StraightSpine& spine, const SpineProfiles& profiles,
                       int n_threads) {
  MaskBodies out;
  const Stretches stretches = bodies_along(volume, mask, spine, profiles);
  out.numbers = in_order(stretches);
  if (out.numbers.size() < 2) return {};
  std::vector<DiscPair> bounds;
  for (std::size_t q = 0; q < out.numbers.size(); ++q) {
    const auto& own = stretches.at(out.numbers[q]);
    const bool has_lower = q > 0, has_upper = q + 1 < out.numbers.size();
    bounds.push_back({has_lower ? between(stretches.at(out.numbers[q - 1]), own) : beyond(spine, own, -1),
                      has_upper ? between(own, stretches.at(out.numbers[q + 1])) : beyond(spine, own, +1)});
  }
  std::vector<std::int16_t> densities(mask.number.size());
  std::transform(mask.number.begin(), mask.number.end(), densities.begin(),
                 [](std::uint8_t number) { return is_free_vertebra(number) ? kInside_hu : kOutside_hu; });
  const VolumeView as_densities{densities.data(), volume.size, volume.spacing_mm};
  out.bodies = fit_bodies(as_densities, spine, profiles, bounds, EdgeKind::mask, n_threads);
  for (auto& body : out.bodies) body.dense_ml = dense_inside_ml(BodyBox(volume, body.frame), body);
  return out;
}

}  // namespace cemscope::imaging::spine
