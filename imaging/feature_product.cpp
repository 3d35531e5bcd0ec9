#include "imaging/feature_product.h"

#include <algorithm>
#include <cstring>

namespace cemscope::imaging {
namespace {

constexpr int kLanes = 8;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;

#if defined(__x86_64__)
bool has_avx2() {
  static const bool known = __builtin_cpu_supports("avx2");
  return known;
}
#endif

}  // namespace

FeatureProduct::FeatureProduct(std::vector<std::ptrdiff_t> moves, std::span<const float> weights, std::span<const float> constants)
    : n_out_(static_cast<int>(constants.size())), moves_(std::move(moves)) {
  const std::size_t n_out = constants.size(), n_rows = weights.size() / n_out, n_groups = (n_out + kLanes - 1) / kLanes;
  n_in_ = static_cast<int>(n_rows / moves_.size());
  constants_.resize(n_groups * kLanes);
  std::ranges::copy(constants, constants_.begin());
  weights_.resize(n_groups * n_rows * kLanes);
  for (std::size_t row = 0; row < n_rows; ++row)
    for (std::size_t o = 0; o < n_out; ++o) weights_[(o / kLanes * n_rows + row) * kLanes + o % kLanes] = weights[row * n_out + o];
}

template <int kNodes>
[[gnu::always_inline]] inline void FeatureProduct::tile(const float* in, float* out) const {
  const float* weights = weights_.data();
  for (int first = 0; first < n_out_; first += kLanes) {
    Lanes sums[kNodes], weight;
    for (auto& sum : sums) std::memcpy(&sum, &constants_[static_cast<std::size_t>(first)], sizeof sum);
    for (const auto move : moves_) {
      const float* node = in + move * n_in_;
      for (int k = 0; k < n_in_; ++k, weights += kLanes) {
        std::memcpy(&weight, weights, sizeof weight);
        for (int i = 0; i < kNodes; ++i) sums[i] += weight * node[i * n_in_ + k];
      }
    }
    const auto n_bytes = sizeof(float) * static_cast<std::size_t>(std::min(kLanes, n_out_ - first));
    for (int i = 0; i < kNodes; ++i) std::memcpy(out + i * n_out_ + first, &sums[i], n_bytes);
  }
}

template <int kNodes>
[[gnu::always_inline]] inline void FeatureProduct::tiles(const float* in, float* out, int n) const {
  const auto at = [&](int i) __attribute__((always_inline)) { tile<kNodes>(in + i * n_in_, out + i * n_out_); };
  int i = 0;
  for (; i + kNodes <= n; i += kNodes) at(i);
  if (i < n && n >= kNodes)
    at(n - kNodes);  // the last ones together with some already done
  else
    for (; i < n; ++i) tile<1>(in + i * n_in_, out + i * n_out_);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void FeatureProduct::tiles_by_avx2(const float* in, float* out, int n) const { tiles<8>(in, out, n); }
#endif

void FeatureProduct::apply(const float* in, float* out, int n) const {
#if defined(__x86_64__)
  if (has_avx2()) return tiles_by_avx2(in, out, n);
#endif
  tiles<4>(in, out, n);
}

}  // namespace cemscope::imaging
