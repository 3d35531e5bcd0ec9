#include "imaging/phantom/slice_filters.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::phantom {
namespace {

std::vector<float> gaussian_weights(double sigma_pixels) {
  const int reach = static_cast<int>(std::ceil(3.2 * sigma_pixels));
  std::vector<float> weights(reach + 1);
  double sum = 0;
  for (int n = 0; n <= reach; ++n) {
    weights[n] = static_cast<float>(std::exp(-0.5 * n * n / (sigma_pixels * sigma_pixels)));
    sum += (n == 0 ? 1.0 : 2.0) * weights[n];
  }
  for (float& weight : weights) weight = static_cast<float>(weight / sum);
  return weights;
}

void blur_row(const float* source, float* target, int count, const std::vector<float>& weights) {
  const int reach = static_cast<int>(weights.size()) - 1, first = std::min(reach, count), last = std::max(first, count - reach);
  const auto at_the_ends = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      float sum = weights[0] * source[i];
      for (int n = 1; n <= reach; ++n) sum += weights[n] * (source[std::max(i - n, 0)] + source[std::min(i + n, count - 1)]);
      target[i] = sum;
    }
  };
  at_the_ends(0, first);
  at_the_ends(last, count);
  for (int i = first; i < last; ++i) target[i] = weights[0] * source[i];
  for (int n = 1; n <= reach; ++n)
    for (int i = first; i < last; ++i) target[i] += weights[n] * (source[i - n] + source[i + n]);
}

void blur_columns(const std::vector<float>& source, float* target, int columns, int rows, const std::vector<float>& weights) {
  const int reach = static_cast<int>(weights.size()) - 1;
  for (int j = 0; j < rows; ++j) {
    float* out = target + static_cast<std::size_t>(j) * columns;
    const float* middle = &source[static_cast<std::size_t>(j) * columns];
    for (int i = 0; i < columns; ++i) out[i] = weights[0] * middle[i];
    for (int n = 1; n <= reach; ++n) {
      const float* above = &source[static_cast<std::size_t>(std::max(j - n, 0)) * columns];
      const float* below = &source[static_cast<std::size_t>(std::min(j + n, rows - 1)) * columns];
      for (int i = 0; i < columns; ++i) out[i] += weights[n] * (above[i] + below[i]);
    }
  }
}

// Sum of four uniform numbers: near enough to normal before filtering, and quick.
void fill_white(std::vector<float>& noise, Random& random) {
  constexpr float kScale = 1.7320508F / 65536.0F, kMean = 2.0F * 1.7320508F;
  for (float& value : noise) {
    const std::uint64_t bits = random.bits();
    value = static_cast<float>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48)) * kScale - kMean;
  }
}

void normalise(std::vector<float>& noise) {
  double squares = 0;
  for (const float value : noise) squares += static_cast<double>(value) * value;
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(noise.size()) + 1e-12));
  for (float& value : noise) value *= scale;
}

double grain_mm(ReconstructionKernel kernel) {
  switch (kernel) {
    case ReconstructionKernel::soft: return 0.65;
    case ReconstructionKernel::standard: return 0.45;
    case ReconstructionKernel::bone: return 0.28;
  }
  return 0.45;
}

std::vector<float> make_grain(const Slice& slice, ReconstructionKernel kernel, Random& random) {
  std::vector<float> noise(static_cast<std::size_t>(slice.columns) * slice.rows);
  fill_white(noise, random);
  const Slice image{slice.columns, slice.rows, slice.pixel_mm, noise.data()};
  blur(image, grain_mm(kernel) / slice.pixel_mm);
  // Filtered back-projection carries little noise power at low frequencies.
  std::vector<float> low = noise;
  blur({slice.columns, slice.rows, slice.pixel_mm, low.data()}, 2.6 * grain_mm(kernel) / slice.pixel_mm);
  for (std::size_t n = 0; n < noise.size(); ++n) noise[n] -= 0.6F * low[n];
  normalise(noise);
  return noise;
}

// Falls off from the middle with an SD of 90 mm, about the trunk's.
std::vector<float> bell(int count, double pixel_mm) {
  std::vector<float> values(count);
  for (int n = 0; n < count; ++n) {
    const double position_mm = (n - 0.5 * count) * pixel_mm;
    values[n] = static_cast<float>(std::exp(-position_mm * position_mm / (2 * 90.0 * 90.0)));
  }
  return values;
}

}  // namespace

void blur(const Slice& slice, double sigma_pixels) {
  if (sigma_pixels < 0.25) return;
  const std::vector<float> weights = gaussian_weights(sigma_pixels);
  std::vector<float> rows(static_cast<std::size_t>(slice.columns) * slice.rows);
  for (int j = 0; j < slice.rows; ++j) {
    const std::size_t start = static_cast<std::size_t>(j) * slice.columns;
    blur_row(slice.hu + start, &rows[start], slice.columns, weights);
  }
  blur_columns(rows, slice.hu, slice.columns, slice.rows, weights);
}

void apply_point_spread(const Slice& slice, ReconstructionKernel kernel, double fwhm_mm) {
  const double sigma_mm = fwhm_mm / 2.3548, box2 = slice.pixel_mm * slice.pixel_mm / 12;
  blur(slice, std::sqrt(std::max(0.0, sigma_mm * sigma_mm - box2)) / slice.pixel_mm);
  if (kernel != ReconstructionKernel::bone) return;
  const std::size_t n_pixels = static_cast<std::size_t>(slice.columns) * slice.rows;
  std::vector<float> wide(slice.hu, slice.hu + n_pixels);
  blur({slice.columns, slice.rows, slice.pixel_mm, wide.data()}, 1.1 / slice.pixel_mm);
  for (std::size_t n = 0; n < n_pixels; ++n) slice.hu[n] += 0.25F * (slice.hu[n] - wide[n]);
}

void add_noise(const Slice& slice, ReconstructionKernel kernel, double noise_hu, Random& random) {
  const std::vector<float> grain = make_grain(slice, kernel, random);
  std::vector<float> row_noise(slice.rows);
  for (float& value : row_noise) value = static_cast<float>(random.normal(0, 0.18));
  const std::vector<float> across = bell(slice.columns, slice.pixel_mm), down = bell(slice.rows, slice.pixel_mm);
  const auto noise = static_cast<float>(noise_hu);
  for (int j = 0; j < slice.rows; ++j)
    for (int i = 0; i < slice.columns; ++i) {
      const std::size_t n = static_cast<std::size_t>(j) * slice.columns + i;
      slice.hu[n] += noise * (0.6F + 0.4F * across[i] * down[j]) * (grain[n] + row_noise[j]);
    }
}

}  // namespace cemscope::imaging::phantom
