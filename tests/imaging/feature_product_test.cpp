#include "imaging/feature_product.h"

#include <gtest/gtest.h>

#include <random>

namespace cemscope::imaging {
namespace {

struct Size {
  int n_nodes, n_in, n_out;
};

class FeatureProductOf : public testing::TestWithParam<Size> {};

TEST_P(FeatureProductOf, IsTheSumOverTapsAndInputs) {
  const auto [n_nodes, n_in, n_out] = GetParam();
  const std::vector<std::ptrdiff_t> moves{-2, 0, 1};
  auto numbers = [random = std::mt19937(7)](int n) mutable {
    std::vector<float> values(static_cast<std::size_t>(n));
    for (float& v : values) v = std::uniform_real_distribution<float>(-1, 1)(random);
    return values;
  };
  const auto in = numbers((n_nodes + 3) * n_in), weights = numbers(3 * n_in * n_out), constants = numbers(n_out);
  std::vector<float> out(static_cast<std::size_t>((n_nodes + 1) * n_out), 77.F);
  FeatureProduct(moves, weights, constants).apply(in.data() + 2 * n_in, out.data(), n_nodes);
  for (int node = 0; node < n_nodes; ++node)
    for (int o = 0; o < n_out; ++o) {
      double sum = constants[static_cast<std::size_t>(o)];
      for (int tap = 0; tap < 3; ++tap)
        for (int k = 0; k < n_in; ++k)
          sum += double{in[static_cast<std::size_t>((node + 2 + moves[static_cast<std::size_t>(tap)]) * n_in + k)]} *
                 weights[static_cast<std::size_t>((tap * n_in + k) * n_out + o)];
      EXPECT_NEAR(out[static_cast<std::size_t>(node * n_out + o)], sum, 1e-5) << node << ' ' << o;
    }
  for (int o = 0; o < n_out; ++o) EXPECT_EQ(out[static_cast<std::size_t>(n_nodes * n_out + o)], 77.F) << "written past the last node";
}

// Fewer nodes than are taken at once, more but no multiple, whole groups of outputs and not.
INSTANTIATE_TEST_SUITE_P(Sizes, FeatureProductOf, testing::Values(Size{1, 1, 1}, Size{3, 2, 8}, Size{13, 5, 11}, Size{16, 3, 16}));

}  // namespace
}  // namespace cemscope::imaging
