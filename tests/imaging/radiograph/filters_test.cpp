#include "imaging/radiograph/filters.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

Plane<float> with_square(int size, int side) {
  Plane<float> image(size, size, 1.F);
  const int first = (size - side) / 2;
  for (int y = first; y < first + side; ++y)
    for (int x = first; x < first + side; ++x) image.at(x, y) = 3.F;
  return image;
}

TEST(Filters, OpeningRemovesWhatIsNarrowerThanItsDisc) {
  const Plane<float> small = opened(with_square(61, 9), 6), large = opened(with_square(61, 31), 6);
  EXPECT_FLOAT_EQ(small.at(30, 30), 1.F);
  EXPECT_FLOAT_EQ(large.at(30, 30), 3.F);
  EXPECT_FLOAT_EQ(large.at(5, 5), 1.F);
}

TEST(Filters, OpeningIsIdempotentAndNeverAboveTheImage) {
  Plane<float> image(80, 70);
  for (std::size_t n = 0; n < image.values.size(); ++n) image.values[n] = static_cast<float>((n * 7919) % 101);
  const Plane<float> once = opened(image, 4), twice = opened(once, 4);
  // At the border a disc is cut off and loses this.
  for (int y = 20; y < 50; ++y)
    for (int x = 20; x < 60; ++x) EXPECT_EQ(once.at(x, y), twice.at(x, y));
  for (int y = 20; y < 50; ++y)
    for (int x = 20; x < 60; ++x) EXPECT_LE(once.at(x, y), image.at(x, y));
}

TEST(Filters, GaussianKeepsAConstantAndTheSumOfAPoint) {
  const Plane<float> flat = gaussian(Plane<float>(50, 40, 2.F), 3.0);
  EXPECT_NEAR(flat.at(0, 0), 2.F, 1e-5);
  Plane<float> point(61, 61, 0.F);
  point.at(30, 30) = 100.F;
  const Plane<float> spread = gaussian(point, 4.0);
  double sum = 0, square = 0;
  for (int y = 0; y < 61; ++y)
    for (int x = 0; x < 61; ++x) sum += spread.at(x, y), square += spread.at(x, y) * (x - 30) * (x - 30);
  EXPECT_NEAR(sum, 100.0, 1e-2);
  EXPECT_NEAR(std::sqrt(square / sum), 4.0, 0.5);
}

TEST(Filters, ResamplingKeepsTheMean) {
  Plane<float> ramp(60, 60);
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x) ramp.at(x, y) = static_cast<float>(x);
  const Plane<float> coarse = resampled(ramp, 3.0);
  ASSERT_EQ(coarse.nx, 20);
  EXPECT_FLOAT_EQ(coarse.at(0, 0), 1.F);
  EXPECT_FLOAT_EQ(coarse.at(19, 5), 58.F);
}

TEST(Filters, InnerDistanceOfASquareIsHalfItsSide) {
  Plane<std::uint8_t> mask(30, 30, 0);
  for (int y = 5; y < 20; ++y)
    for (int x = 5; x < 20; ++x) mask.at(x, y) = 1;
  EXPECT_FLOAT_EQ(inner_distance(mask).at(12, 12), 8.F);
  EXPECT_FLOAT_EQ(inner_distance(mask).at(5, 12), 1.F);
}

TEST(Filters, RobustSpreadOfKnownValues) {
  const RobustSpread spread = robust_spread({1, 2, 3, 4, 100});
  EXPECT_DOUBLE_EQ(spread.median, 3.0);
  EXPECT_DOUBLE_EQ(spread.mad, 1.0);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
