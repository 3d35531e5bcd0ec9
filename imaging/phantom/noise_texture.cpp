#include "imaging/phantom/noise_texture.h"

#include <array>

#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {
namespace {

// Binomial smoothing along one axis of the periodic cube.
void smooth(std::vector<float>& cube, int size, int stride) {
  static constexpr std::array<float, 5> kWeights{1.F / 16, 4.F / 16, 6.F / 16, 4.F / 16, 1.F / 16};
  const std::vector<float> source = cube;
  const int n = size * size * size;
  for (int index = 0; index < n; ++index) {
    const int coordinate = (index / stride) % size;
    float sum = 0;
    for (int offset = -2; offset <= 2; ++offset)
      sum += kWeights[offset + 2] * source[index + (((coordinate + offset + size) % size) - coordinate) * stride];
    cube[index] = sum;
  }
}

void normalise(std::vector<float>& cube) {
  double sum = 0, squares = 0;
  for (const float value : cube) sum += value;
  const double mean = sum / static_cast<double>(cube.size());
  for (const float value : cube) squares += (value - mean) * (value - mean);
  const double sd = std::sqrt(squares / static_cast<double>(cube.size()));
  for (float& value : cube) value = static_cast<float>((value - mean) / sd);
}

}  // namespace

NoiseTexture::NoiseTexture(std::uint64_t seed) : values_(static_cast<std::size_t>(kSize) * kSize * kSize) {
  Random random(seed, "texture");
  for (float& value : values_) value = static_cast<float>(random.uniform() - 0.5);
  for (const int stride : {1, kSize, kSize * kSize}) smooth(values_, kSize, stride);
  normalise(values_);
}

}  // namespace cemscope::imaging::phantom
