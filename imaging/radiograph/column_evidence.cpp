#include "imaging/radiograph/column_evidence.h"

#include <cmath>
#include <numeric>
#include <span>

#include "imaging/radiograph/column.h"
#include "imaging/radiograph/column_weights.h"
#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kToneAlong_mm = 6.0, kSteepnessAlong_mm = 10.0, kWideTone_mm = 40.0;
constexpr float kMostSteepness = 1.F;
constexpr int kTap_mm = 4, kReach_mm = 60, kAsymmetryTaps = 10;
constexpr int kTaps = kReach_mm / kTap_mm;  // on either side of the middle
constexpr float kLeastLogProbability = -9.F;
constexpr double kWidthReach_mm = 40.0, kLeastHalfShare = 0.6, kMostHalfShare = 1.4;

/// Limited steepness along (dy 1) or across the column, over the film's mean.
Plane<float> steepness(const Plane<float>& smooth, int dx, int dy) {
  Plane<float> steep(smooth.nx, smooth.ny, 0.F);
  for (int y = 2; y + 2 < smooth.ny; ++y)
    for (int x = 2; x + 2 < smooth.nx; ++x)
      steep.at(x, y) = std::min(kMostSteepness, std::abs(smooth.at(x + 2 * dx, y + 2 * dy) - smooth.at(x - 2 * dx, y - 2 * dy)));
  steep = gaussian(std::move(steep), 0.0, kSteepnessAlong_mm);
  double mean = 1e-6;
  for (const float v : steep.values) mean += v / static_cast<double>(steep.values.size());
  for (float& v : steep.values) v = static_cast<float>(v / mean - 1);
  return steep;
}

/// Means over the width of a tap.
Plane<float> tap_means(const Plane<float>& image) {
  constexpr int kHalf = kTap_mm / 2;
  Plane<float> means(image.nx, image.ny);
  for (int y = 0; y < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x) {
      float sum = 0;
      for (int d = -kHalf; d <= kHalf; ++d) sum += image.clamped(x + d, y);
      means.at(x, y) = sum / (2 * kHalf + 1);
    }
  return means;
}

float dot(const std::vector<float>& profile, std::span<const float> weights) {
  return std::inner_product(profile.begin(), profile.end(), weights.begin(), 0.F);
}

void add_folded(const Plane<float>& channel, int x, int y, std::vector<float>& profile, std::vector<float>& asymmetry) {
  for (int n = 0; n <= kTaps; ++n) {
    const float left = channel.clamped(x - n * kTap_mm, y), right = channel.clamped(x + n * kTap_mm, y);
    profile.push_back(0.5F * (left + right));
    if (n > 0 && n <= kAsymmetryTaps) asymmetry.push_back(std::abs(left - right));
  }
}

}  // namespace

ProfileChannels profile_channels(const Plane<float>& contrast, const Plane<float>& value) {
  return {tap_means(gaussian(contrast, 0.0, kToneAlong_mm)), tap_means(steepness(gaussian(contrast, 1.5, 0.8), 0, 1)),
          tap_means(steepness(gaussian(contrast, 0.8, 1.5), 1, 0)),
          tap_means(gaussian(local_contrast(value, 1.0, kWideTone_mm), 0.0, kToneAlong_mm))};
}

std::vector<float> cross_profile(const ProfileChannels& channels, FilmView view, int posterior_sign, int x, int y) {
  std::vector<float> profile, asymmetry;
  for (const Plane<float>& channel : channels) {
    if (view == FilmView::ap) {
      add_folded(channel, x, y, profile, asymmetry);
      continue;
    }
    for (int n = -kTaps; n <= kTaps; ++n) profile.push_back(channel.clamped(x + posterior_sign * n * kTap_mm, y));
  }
  profile.insert(profile.end(), asymmetry.begin(), asymmetry.end());
  return profile;
}

Plane<float> column_log_probability(const ProfileChannels& channels, FilmView view, int posterior_sign, int row_step) {
  const int nx = channels[0].nx, ny = channels[0].ny;
  const std::span<const float> weights = view == FilmView::ap ? std::span<const float>(kApColumn) : std::span<const float>(kLateralColumn);
  Plane<float> log_probability(nx, (ny + row_step - 1) / row_step);
  for (int row = 0; row < log_probability.ny; ++row) {
    float* own = &log_probability.at(0, row);
    for (int x = 0; x < nx; ++x)
      own[x] = dot(cross_profile(channels, view, posterior_sign, x, std::min(ny - 1, row * row_step + row_step / 2)), weights);
    const float greatest = *std::max_element(own, own + nx);
    float sum = 0;
    for (int x = 0; x < nx; ++x) sum += std::exp(own[x] - greatest);
    for (int x = 0; x < nx; ++x) own[x] = std::max(kLeastLogProbability, own[x] - greatest - std::log(sum));
  }
  return log_probability;
}

std::vector<double> half_widths_mm(const ProfileChannels& channels, FilmView view, int posterior_sign,
                                   const std::vector<double>& centre_x) {
  const int ny = channels[0].ny, reach = static_cast<int>(kWidthReach_mm);
  const bool is_ap = view == FilmView::ap;
  const std::span<const float> weights = is_ap ? std::span<const float>(kApHalfWidth) : std::span<const float>(kLateralHalfWidth);
  std::vector<double> by_row(ny), widths(ny);
  for (int y = 0; y < ny; ++y)
    by_row[y] = dot(cross_profile(channels, view, posterior_sign, static_cast<int>(std::lround(centre_x[y])), y), weights);
  const double mean_mm = is_ap ? kApMeanHalf_mm : kLateralMeanHalf_mm,
               offset_mm = is_ap ? kApHalfWidthOffset_mm : kLateralHalfWidthOffset_mm;
  for (int y = 0; y < ny; ++y) {
    const int first = std::max(0, y - reach), last = std::min(ny - 1, y + reach);
    double sum = 0;
    for (int n = first; n <= last; ++n) sum += by_row[n];
    widths[y] = std::clamp(offset_mm + sum / (last - first + 1), kLeastHalfShare * mean_mm, kMostHalfShare * mean_mm);
  }
  return widths;
}

}  // namespace cemscope::imaging::radiograph
