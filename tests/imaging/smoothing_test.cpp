#include "imaging/spine/smoothing.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

TEST(Smoothing, AConstantStaysAndAStraightLineStaysInTheMiddle) {
  std::vector<double> line(41);
  for (int q = 0; q < 41; ++q) line[q] = 3 * q + 1;
  const auto s = gaussian_smooth(line, 3);
  EXPECT_NEAR(s[20], line[20], 1e-9);
  for (double v : gaussian_smooth(std::vector<double>(17, 2.5), 4)) EXPECT_NEAR(v, 2.5, 1e-12);
}

TEST(Smoothing, TheMedianIgnoresAnOutlierAndNoVotes) {
  const auto m = running_median({1, 1, 100, kNoVote, 1, 1}, 2);
  for (double v : m) EXPECT_DOUBLE_EQ(v, 1);
}

TEST(Smoothing, GapsAreBridgedLinearlyAndHeldAtTheEnds) {
  const auto g = interpolate_gaps({kNoVote, 2, kNoVote, kNoVote, 8, kNoVote}, 0);
  EXPECT_EQ(g, (std::vector<double>{2, 2, 4, 6, 8, 8}));
  EXPECT_EQ(interpolate_gaps({kNoVote, kNoVote}, 7), (std::vector<double>{7, 7}));
}

TEST(Smoothing, QuantilesOfAPermutation) {
  const std::vector<double> v{5, 1, 4, 2, 3};
  EXPECT_DOUBLE_EQ(quantile(v, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(v, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(v, 1), 5);
  EXPECT_DOUBLE_EQ(quantile({}, 0.5, -1), -1);
}

}  // namespace
}  // namespace cemscope::imaging::spine
