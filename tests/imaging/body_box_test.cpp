#include "imaging/spine/body_box.h"

#include <gtest/gtest.h>

#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kSize = 80;
constexpr std::int16_t kBone_hu = 200, kSoft_hu = 40, kPadding_hu = -1024;

/// A cube of 80 mm with the body's origin in its middle: bone up to 10 mm above it, `beyond` above that.
std::vector<std::int16_t> slab(std::int16_t beyond) {
  std::vector<std::int16_t> hu(static_cast<std::size_t>(kSize) * kSize * kSize, kBone_hu);
  for (std::size_t q = 0; q < hu.size(); ++q)
    if (q / (kSize * kSize) > kSize / 2 + 10) hu[q] = beyond;
  return hu;
}

BodyBox box_of(const std::vector<std::int16_t>& hu) {
  const VolumeView view{hu.data(), {kSize, kSize, kSize}, {1, 1, 1}};
  BodyFrame frame;
  frame.origin = Point_mm(kSize / 2, kSize / 2, kSize / 2);
  return {view, frame};
}

TEST(BodyBox, AnEndplateBelowADiscIsAnEdge) {
  const auto line = box_of(slab(kSoft_hu)).vertical_line(0, 0, +1);
  EXPECT_NEAR(line.drop(10.5), kBone_hu - kSoft_hu, 25);
  EXPECT_EQ(line.weight(10.5), 1);
}

TEST(BodyBox, TheEndOfTheScanIsNone) {
  const auto box = box_of(slab(kPadding_hu));
  EXPECT_EQ(box.vertical_line(0, 0, +1).weight(10.5), 0);
  EXPECT_EQ(box.vertical_line(0, 0, +1).weight(0), 1);
  EXPECT_FALSE(box.is_dense(0, 0, 14)) << "what the scan does not show is no cement";
}

TEST(VolumeView, PaddingThatWouldBeBlendedInIsMissing) {
  const auto hu = slab(kPadding_hu);
  const VolumeView view{hu.data(), {kSize, kSize, kSize}, {1, 1, 1}};
  EXPECT_FALSE(view.is_missing({40, 40, 49.5}));
  EXPECT_TRUE(view.is_missing({40, 40, 50.5}));
  EXPECT_TRUE(view.is_missing({40, 40, 79.5}));
  EXPECT_TRUE(view.is_missing({-1, 40, 40}));
}

}  // namespace
}  // namespace cemscope::imaging::spine
