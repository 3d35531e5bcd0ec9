#include "imaging/spine/disc_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "imaging/spine/disc_weights.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

using Profile = std::vector<double>;

constexpr int kUsualHalf_mm = 40, kUsualEdge_mm = 35, kLineHalf_mm = 3;
constexpr double kScale_hu = 100, kMost = 1.5, kMostLine = 1.0;
constexpr double kHalfDepth_mm = 16;
constexpr float kStandIn_hu = 180;  // dense trabecular bone in cement's place

/// Density in front of the rear wall, HU; nothing outside the scan.
class Column {
 public:
  Column(const StraightSpine& spine, const Profile& wall) : spine_(spine), wall_(wall) {}
  [[nodiscard]] int length() const { return spine_.length(); }

  struct Sample {
    float hu = 0;
    bool valid = false, dense = false;
  };
  [[nodiscard]] Sample at(int s, int front, int l) const {
    const int a = static_cast<int>(std::lround(wall_[s])) + front;
    if (a < -StraightSpine::kBehind_mm || a >= StraightSpine::kFront_mm || std::abs(l) > StraightSpine::kLeft_mm ||
        spine_.is_empty(s, a, l))
      return {};
    const bool dense = spine_.is_dense(s, a, l);
    const auto hu = static_cast<float>(spine_.at(s, a, l));
    return {dense ? std::min(hu, kStandIn_hu) : hu, true, dense};
  }

 private:
  const StraightSpine& spine_;
  const Profile& wall_;
};

Profile mean_of_band(const Column& column, int first_mm, int last_mm, int half_width_mm) {
  Profile out(column.length(), kNoVote);
  for (int s = 0; s < column.length(); ++s) {
    double sum = 0;
    int n = 0;
    for (int front = first_mm; front < last_mm; front += 2)
      for (int l = -half_width_mm; l <= half_width_mm; l += 2)
        if (const auto q = column.at(s, front, l); q.valid) sum += q.hu, ++n;
    if (n > 8) out[s] = sum / n;
  }
  return interpolate_gaps(std::move(out), 0);
}

double densest_on_ray(const Column& column, int s, double angle) {
  constexpr double kFrom_mm = 9, kTo_mm = 27;
  double most = kNoVote;
  for (double r = kFrom_mm; r <= kTo_mm; r += 1) {
    const auto q = column.at(s, static_cast<int>(std::lround(kHalfDepth_mm + r * std::sin(angle))),
                             static_cast<int>(std::lround(r * std::cos(angle))));
    if (q.valid && !q.dense) most = std::max(most, static_cast<double>(q.hu));
  }
  return most;
}

/// Mean over rays of the densest place on each: the cortical ring.
Profile ring(const Column& column, double from_deg, double to_deg) {
  constexpr double kStep_deg = 9;
  Profile out(column.length(), kNoVote);
  for (int s = 0; s < column.length(); ++s) {
    double sum = 0;
    int n = 0;
    for (double angle = from_deg; angle <= to_deg; angle += kStep_deg)
      for (double side : {angle, 180 - angle})
        if (const double most = densest_on_ray(column, s, side * M_PI / 180); most > kNoVote) sum += most, ++n;
    if (n > 2) out[s] = sum / n;
  }
  return interpolate_gaps(std::move(out), 0);
}

/// The share of cement or metal in the column.
Profile cement_share(const Column& column) {
  Profile out(column.length(), 0.0);
  for (int s = 0; s < column.length(); ++s) {
    int n = 0, dense = 0;
    for (int front = 2; front < 32; front += 2)
      for (int l = -16; l <= 16; l += 2)
        if (const auto q = column.at(s, front, l); q.valid) ++n, dense += q.dense;
    if (n > 0) out[s] = static_cast<double>(dense) / n;
  }
  return out;
}

/// From 0 to 1 and half at the usual strength near by.
Profile edges_of(const Profile& deviation) {
  constexpr double kLeastUsual = 0.02;
  Profile edge(deviation.size(), 0.0);
  for (std::size_t s = 1; s + 1 < edge.size(); ++s) edge[s] = std::abs(deviation[s + 1] - deviation[s - 1]);
  edge = gaussian_smooth(edge, 1.0);
  const auto usual = gaussian_smooth(edge, kUsualEdge_mm);
  for (std::size_t s = 0; s < edge.size(); ++s) edge[s] /= edge[s] + usual[s] + kLeastUsual;
  return edge;
}

Profile dark_lines_of(const Profile& deviation) {
  Profile line(deviation.size(), 0.0);
  for (std::size_t s = kLineHalf_mm; s + kLineHalf_mm < line.size(); ++s)
    line[s] = std::clamp(std::min(deviation[s - kLineHalf_mm], deviation[s + kLineHalf_mm]) - deviation[s], 0.0, kMostLine);
  return line;
}

void add_channels(const Profile& profile, double scale, std::vector<Profile>& out) {
  Profile deviation = profile;
  const auto usual = running_median(profile, kUsualHalf_mm);
  for (std::size_t s = 0; s < profile.size(); ++s) deviation[s] = std::clamp((profile[s] - usual[s]) / scale, -kMost, kMost);
  out.push_back(deviation), out.push_back(edges_of(deviation)), out.push_back(dark_lines_of(deviation));
}

Profile log_odds(const std::vector<Profile>& channels, double intercept, const DiscWeights& weights) {
  constexpr int kTapStep_mm = 2;
  const int n = static_cast<int>(channels.front().size());
  Profile odds(n, intercept);
  for (std::size_t c = 0; c < weights.size(); ++c)
    for (int s = 0; s < n; ++s)
      for (int tap = 0; tap < kDiscTaps; ++tap) {
        const int at = std::clamp(s + (tap - kDiscTaps / 2) * kTapStep_mm, 0, n - 2);
        odds[s] += weights[c][tap] * 0.5 * (channels[c][at] + channels[c][at + 1]);
      }
  return odds;
}

}  // namespace

std::vector<Profile> disc_channels(const StraightSpine& spine, const SpineProfiles& profiles) {
  const Column column(spine, profiles.posterior_wall);
  std::vector<Profile> out;
  for (int front = 2; front < 32; front += 6) add_channels(mean_of_band(column, front, front + 6, 12), kScale_hu, out);
  const auto inside = mean_of_band(column, 10, 22, 6);
  for (const auto& [from, to] : {std::pair{45.0, 90.0}, std::pair{-18.0, 36.0}}) {
    auto contrast = ring(column, from, to);
    for (std::size_t s = 0; s < contrast.size(); ++s) contrast[s] -= inside[s];
    add_channels(contrast, kScale_hu, out);
  }
  add_channels(profiles.pedicle, 0.5, out);
  add_channels(cement_share(column), 0.2, out);
  add_channels(profiles.posterior_wall, 3.0, out);
  return out;
}

DiscEvidence disc_evidence(const StraightSpine& spine, const SpineProfiles& profiles) {
  const auto channels = disc_channels(spine, profiles);
  return {log_odds(channels, kDiscIntercept, kDiscWeights), log_odds(channels, kUpperPlateIntercept, kUpperPlateWeights),
          log_odds(channels, kLowerPlateIntercept, kLowerPlateWeights)};
}

}  // namespace cemscope::imaging::spine
