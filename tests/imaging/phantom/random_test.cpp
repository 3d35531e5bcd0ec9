#include "imaging/phantom/random.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace cemscope::imaging::phantom {
namespace {

TEST(Random, RepeatsForTheSameSeedAndStreamOnly) {
  Random first(7, "a"), again(7, "a"), other_stream(7, "b"), other_seed(8, "a");
  const std::uint64_t bits = first.bits();
  EXPECT_EQ(bits, again.bits());
  EXPECT_NE(bits, other_stream.bits());
  EXPECT_NE(bits, other_seed.bits());
}

// FNV-1a of the empty string is its offset basis, so this is the finaliser of splitmix64 alone.
TEST(Random, MixesLikeTheReferenceFinaliser) {
  std::uint64_t expected = 0xcbf29ce484222325ULL ^ 0x9e3779b97f4a7c15ULL;
  expected = (expected ^ (expected >> 30)) * 0xbf58476d1ce4e5b9ULL;
  expected = (expected ^ (expected >> 27)) * 0x94d049bb133111ebULL;
  expected ^= expected >> 31;
  EXPECT_EQ(mix_seed(0, ""), expected);
}

TEST(Random, DistributionsHaveTheirMoments) {
  Random random(1, "moments");
  constexpr int kN = 200000;
  double sum = 0, squares = 0, uniform = 0;
  for (int n = 0; n < kN; ++n) {
    const double value = random.normal(3.0, 2.0);
    sum += value, squares += (value - 3.0) * (value - 3.0), uniform += random.uniform(-1, 5);
  }
  EXPECT_NEAR(sum / kN, 3.0, 5 * 2.0 / std::sqrt(kN));
  EXPECT_NEAR(squares / kN, 4.0, 0.07);
  EXPECT_NEAR(uniform / kN, 2.0, 0.03);
}

TEST(Random, IntegersIncludeBothEnds) {
  Random random(2, "integers");
  std::array<int, 4> counts{};
  for (int n = 0; n < 4000; ++n) ++counts[static_cast<std::size_t>(random.integer(2, 5) - 2)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

}  // namespace
}  // namespace cemscope::imaging::phantom
