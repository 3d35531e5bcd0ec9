#include "imaging/radiograph/filters.h"

#include <array>
#include <limits>
#include <utility>

namespace cemscope::imaging::radiograph {
namespace {

int radius_for(double sd) { return static_cast<int>(std::lround((std::sqrt(4.0 * sd * sd + 1.0) - 1.0) / 2.0)); }

void mean_line(const std::vector<float>& line, std::vector<float>& result, int radius) {
  const int n = static_cast<int>(line.size());
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += line[std::clamp(i, 0, n - 1)];
  const double share = 1.0 / (2 * radius + 1);
  for (int i = 0; i < n; ++i) {
    result[i] = static_cast<float>(sum * share);
    sum += line[std::min(i + radius + 1, n - 1)] - line[std::max(i - radius, 0)];
  }
}

void blur_rows(Plane<float>& image, double sd) {
  const int radius = radius_for(sd);
  if (radius < 1) return;
  std::vector<float> line(image.nx), other(image.nx);
  for (int y = 0; y < image.ny; ++y) {
    float* row = &image.at(0, y);
    std::copy(row, row + image.nx, line.begin());
    for (int pass = 0; pass < 3; ++pass) mean_line(line, other, radius), line.swap(other);
    std::copy(line.begin(), line.end(), row);
  }
}

// One running mean down all columns at once, row by row, which keeps to the cache.
Plane<float> mean_columns(const Plane<float>& image, int radius) {
  Plane<float> result(image.nx, image.ny);
  std::vector<double> sum(image.nx, 0.0);
  const auto add = [&](int y, double sign) {
    const float* row = &image.at(0, std::clamp(y, 0, image.ny - 1));
    for (int x = 0; x < image.nx; ++x) sum[x] += sign * row[x];
  };
  for (int y = -radius; y <= radius; ++y) add(y, 1.0);
  const double share = 1.0 / (2 * radius + 1);
  for (int y = 0; y < image.ny; ++y) {
    float* row = &result.at(0, y);
    for (int x = 0; x < image.nx; ++x) row[x] = static_cast<float>(sum[x] * share);
    add(y + radius + 1, 1.0), add(y - radius, -1.0);
  }
  return result;
}

struct Step {
  int dx, dy;
};

/// Scratch of extreme_line.
struct LineScratch {
  std::vector<float> padded, forward, backward;
};

/// Greatest (or, by sign -1, least) value within +- radius along a line of pixels; beyond its ends there is nothing.
void extreme_line(std::vector<float>& line, int radius, float sign, LineScratch& scratch) {
  const auto n = line.size(), reach = static_cast<std::size_t>(radius), width = 2 * reach + 1;
  auto& [padded, forward, backward] = scratch;
  padded.assign(n + 2 * reach + width, -std::numeric_limits<float>::max());
  for (std::size_t i = 0; i < n; ++i) padded[i + reach] = sign * line[i];
  forward = padded, backward = padded;
  for (std::size_t start = 0; start + width <= padded.size(); start += width) {
    for (std::size_t i = start + 1; i < start + width; ++i) forward[i] = std::max(forward[i], forward[i - 1]);
    for (std::size_t i = start + width - 1; i > start; --i) backward[i - 1] = std::max(backward[i - 1], backward[i]);
  }
  for (std::size_t i = 0; i < n; ++i) line[i] = sign * std::max(backward[i], forward[i + 2 * reach]);
}

void extreme_along(Plane<float>& image, Step step, int radius, float sign) {
  std::vector<float> line;
  LineScratch scratch;
  std::vector<std::pair<int, int>> starts;
  if (step.dy == 0)
    for (int y = 0; y < image.ny; ++y) starts.emplace_back(0, y);
  else {
    for (int x = 0; x < image.nx; ++x) starts.emplace_back(x, 0);
    const int edge = step.dx > 0 ? 0 : image.nx - 1;
    if (step.dx != 0)
      for (int y = 1; y < image.ny; ++y) starts.emplace_back(edge, y);
  }
  for (const auto& [x0, y0] : starts) {
    line.clear();
    for (int x = x0, y = y0; image.contains(x, y); x += step.dx, y += step.dy) line.push_back(image.at(x, y));
    extreme_line(line, radius, sign, scratch);
    int n = 0;
    for (int x = x0, y = y0; image.contains(x, y); x += step.dx, y += step.dy) image.at(x, y) = line[n++];
  }
}

// An octagon of "radius" r: sides along the axes of half length a, diagonals of b steps, a + b = r with a regular outline.
Plane<float> extreme(Plane<float> image, int radius, float sign) {
  const int diagonal = static_cast<int>(std::lround(radius * 0.2929)), straight = radius - 2 * diagonal;
  if (straight > 0) extreme_along(image, {1, 0}, straight, sign), extreme_along(image, {0, 1}, straight, sign);
  if (diagonal > 0) extreme_along(image, {1, 1}, diagonal, sign), extreme_along(image, {-1, 1}, diagonal, sign);
  return image;
}

}  // namespace

Plane<float> gaussian(Plane<float> image, double sd_x, double sd_y) {
  blur_rows(image, sd_x);
  const int radius = radius_for(sd_y);
  if (radius < 1) return image;
  for (int pass = 0; pass < 3; ++pass) image = mean_columns(image, radius);
  return image;
}

Plane<float> eroded(const Plane<float>& image, int radius) { return extreme(image, radius, -1.F); }
Plane<float> dilated(const Plane<float>& image, int radius) { return extreme(image, radius, 1.F); }

Plane<float> resampled(const Plane<float>& image, double step) {
  const int nx = std::max(1, static_cast<int>(std::lround(image.nx / step))),
            ny = std::max(1, static_cast<int>(std::lround(image.ny / step)));
  Plane<float> result(nx, ny);
  if (step <= 1.0) {
    for (int y = 0; y < ny; ++y)
      for (int x = 0; x < nx; ++x) result.at(x, y) = sample(image, (x + 0.5) * step - 0.5, (y + 0.5) * step - 0.5);
    return result;
  }
  std::vector<double> sum(nx);
  std::vector<int> first(nx + 1);
  for (int x = 0; x <= nx; ++x) first[x] = std::min(image.nx, static_cast<int>(std::lround(x * step)));
  for (int y = 0; y < ny; ++y) {
    const int top = std::min(image.ny - 1, static_cast<int>(std::lround(y * step))),
              bottom = std::max(top + 1, std::min(image.ny, static_cast<int>(std::lround((y + 1) * step))));
    std::fill(sum.begin(), sum.end(), 0.0);
    for (int j = top; j < bottom; ++j) {
      const float* row = &image.at(0, j);
      for (int x = 0; x < nx; ++x)
        for (int i = std::min(first[x], image.nx - 1); i < std::max(first[x] + 1, first[x + 1]) && i < image.nx; ++i) sum[x] += row[i];
    }
    for (int x = 0; x < nx; ++x) {
      const int left = std::min(first[x], image.nx - 1), right = std::min(image.nx, std::max(first[x] + 1, first[x + 1]));
      result.at(x, y) = static_cast<float>(sum[x] / (static_cast<double>(std::max(1, right - left)) * (bottom - top)));
    }
  }
  return result;
}

double quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0.0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

RobustSpread robust_spread(const std::vector<float>& values) {
  RobustSpread spread{quantile(values, 0.5), 0.0};
  std::vector<float> off(values.size());
  std::transform(values.begin(), values.end(), off.begin(), [&](float v) { return std::abs(v - static_cast<float>(spread.median)); });
  spread.mad = quantile(std::move(off), 0.5);
  return spread;
}

PlaneComponents components_of(const Plane<std::uint8_t>& mask) {
  PlaneComponents found{Plane<int>(mask.nx, mask.ny, 0), 0};
  std::vector<std::pair<int, int>> open;
  constexpr std::array<Step, 4> kSteps{{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
  for (int y = 0; y < mask.ny; ++y)
    for (int x = 0; x < mask.nx; ++x) {
      if (mask.at(x, y) == 0 || found.label.at(x, y) != 0) continue;
      found.label.at(x, y) = ++found.n;
      open.assign(1, {x, y});
      while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        for (const Step step : kSteps) {
          const int qx = px + step.dx, qy = py + step.dy;
          if (!mask.contains(qx, qy) || mask.at(qx, qy) == 0 || found.label.at(qx, qy) != 0) continue;
          found.label.at(qx, qy) = found.n;
          open.emplace_back(qx, qy);
        }
      }
    }
  return found;
}

Plane<float> inner_distance(const Plane<std::uint8_t>& mask) {
  Plane<float> distance(mask.nx, mask.ny, 0.F);
  const auto get = [&](int x, int y) { return distance.contains(x, y) ? distance.at(x, y) : 0.F; };
  constexpr float kDiagonal = 4.F / 3.F;
  for (int y = 0; y < mask.ny; ++y)
    for (int x = 0; x < mask.nx; ++x)
      if (mask.at(x, y) != 0)
        distance.at(x, y) = std::min({get(x - 1, y) + 1, get(x, y - 1) + 1, get(x - 1, y - 1) + kDiagonal, get(x + 1, y - 1) + kDiagonal});
  for (int y = mask.ny - 1; y >= 0; --y)
    for (int x = mask.nx - 1; x >= 0; --x)
      if (mask.at(x, y) != 0)
        distance.at(x, y) = std::min(
            {distance.at(x, y), get(x + 1, y) + 1, get(x, y + 1) + 1, get(x + 1, y + 1) + kDiagonal, get(x - 1, y + 1) + kDiagonal});
  return distance;
}

}  // namespace cemscope::imaging::radiograph
