#include "imaging/mri/order_statistics.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::mri {
namespace {

TEST(Percentile, PicksTheRankedValue) {
  EXPECT_FLOAT_EQ(percentile({5, 1, 4, 2, 3}, 0.0), 1);
  EXPECT_FLOAT_EQ(percentile({5, 1, 4, 2, 3}, 0.5), 3);
  EXPECT_FLOAT_EQ(percentile({5, 1, 4, 2, 3}, 1.0), 5);
  EXPECT_FLOAT_EQ(percentile({}, 0.5), 0);
}

TEST(Mode, IsTheDenserOfTwoGroups) {
  std::vector<float> logs;
  for (int n = 0; n < 60; ++n) logs.push_back(1.0F + 0.001F * static_cast<float>(n % 10));
  for (int n = 0; n < 40; ++n) logs.push_back(2.0F);
  EXPECT_NEAR(mode_of_logs(logs), 1.0, 0.03);
}

}  // namespace
}  // namespace cemscope::imaging::mri
