#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/masks/numbering.h"

namespace cemscope::masks {
namespace {

/// Labels from the top downwards.
std::vector<LabelPlace> places(const std::vector<int>& labels, double pitch_mm, double volume_ml) {
  std::vector<LabelPlace> all;
  double z_mm = 0;
  for (const int label : labels) all.push_back({label, volume_ml, {0, 0, z_mm}}), z_mm -= pitch_mm;
  return all;
}

TEST(Numbering, VerSeGoesDown) {
  const auto numbering = recognise_numbering(places({18, 19, 20, 21, 22}, 32, 45), {});
  EXPECT_EQ(numbering.name, "VerSe");
  EXPECT_EQ(numbering.verse_numbers.at(20), 20);
}

TEST(Numbering, SpinepsDiscsAndEndplatesAreNoVertebrae) {
  auto all = places({19, 20, 21, 22}, 32, 45);
  for (const int label : {19, 20, 21}) {
    all.push_back({100 + label, 12, {0, 0, -32.0 * (label - 19) - 16}});
    all.push_back({200 + label, 3, {0, 0, -32.0 * (label - 19) - 14}});
  }
  const auto numbering = recognise_numbering(all, {});
  EXPECT_EQ(numbering.name, "VerSe");
  EXPECT_EQ(numbering.verse_numbers.size(), 4U);
}

TEST(Numbering, AThirteenthThoracicVertebraLiesAboveL1) {
  EXPECT_EQ(recognise_numbering(places({18, 19, 28, 20, 21}, 32, 45), {}).verse_numbers.at(28), 28);
}

TEST(Numbering, TotalSegmentatorOfTodayAndOfOldAreToldBySize) {
  // 32 ... 27: T12 ... L5 today, T3 ... T8 of old.
  const auto lumbar = recognise_numbering(places({32, 31, 30, 29, 28, 27}, 34, 50), {});
  EXPECT_EQ(lumbar.name, "TotalSegmentator v2");
  EXPECT_EQ(lumbar.verse_numbers.at(31), 20);
  EXPECT_EQ(lumbar.verse_numbers.at(27), 24);
  const auto small_patient = recognise_numbering(places({32, 31, 30, 29, 28, 27}, 28, 38), {});
  EXPECT_EQ(small_patient.name, "TotalSegmentator v2");
  const auto collapsed = recognise_numbering(places({30, 29, 28, 27}, 28.5, 40), {});
  EXPECT_EQ(collapsed.name, "TotalSegmentator v2");
  const auto thoracic = recognise_numbering(places({32, 31, 30, 29, 28, 27}, 21, 19), {});
  EXPECT_EQ(thoracic.name, "TotalSegmentator v1");
  EXPECT_EQ(thoracic.verse_numbers.at(32), 10);
  const auto old_lumbar = recognise_numbering(places({23, 22, 21, 20, 19, 18}, 34, 50), {});
  EXPECT_EQ(old_lumbar.name, "TotalSegmentator v1");
  EXPECT_EQ(old_lumbar.verse_numbers.at(22), 20);
}

TEST(Numbering, WhatMayBeEitherIsRefused) { EXPECT_THROW(recognise_numbering(places({30, 29, 28, 27}, 26.5, 26), {}), Error); }

TEST(Numbering, PeopleDifferInSize) {
  for (const double size : {0.8, 1.2}) {
    EXPECT_EQ(recognise_numbering(places({20, 21, 22, 23}, 35 * size, 52 * size * size * size), {}).name, "VerSe");
    EXPECT_EQ(recognise_numbering(places({31, 30, 29, 28}, 35 * size, 52 * size * size * size), {}).name, "TotalSegmentator v2");
  }
}

TEST(Numbering, OrgansAndSacrumOfAFullTotalSegmentatorMask) {
  auto all = places({32, 31, 30, 29, 28, 27}, 34, 50);
  for (int organ = 1; organ <= 24; ++organ) all.push_back({organ, 200, {0, 0, organ % 2 == 0 ? 20.0 : -150.0}});
  for (int organ = 51; organ <= 117; ++organ) all.push_back({organ, 30, {0, 0, organ % 3 == 0 ? 20.0 : -150.0}});
  all.push_back({25, 180, {0, 0, -230}});
  const auto numbering = recognise_numbering(all, {});
  EXPECT_EQ(numbering.name, "TotalSegmentator v2");
  EXPECT_EQ(numbering.verse_numbers.at(25), 26);
}

TEST(Numbering, NamesDecide) {
  const auto numbering =
      recognise_numbering(places({1, 2, 3}, 32, 45), {{1, {"L3", {}}}, {2, {"L2", {}}}, {3, {"", "L1"}}, {4, {"liver", {}}}});
  EXPECT_EQ(numbering.name, "names");
  EXPECT_EQ(numbering.verse_numbers, (std::map<int, int>{{1, 22}, {2, 21}, {3, 20}}));
}

TEST(Numbering, WhatFitsNoneIsRefused) {
  EXPECT_THROW(recognise_numbering(places({3, 1, 2}, 32, 45), {}), Error);        // no order
  EXPECT_THROW(recognise_numbering(places({5, 4, 3, 2, 1}, 32, 45), {}), Error);  // upwards below 18
  EXPECT_THROW(recognise_numbering(places({1, 2, 3, 4, 5}, 34, 55), {}), Error);  // ordinals of lumbar vertebrae are not C1-C5
  EXPECT_THROW(recognise_numbering(places({41, 49, 50}, 10, 100), {}), Error);    // SPINEPS' parts of vertebrae
  EXPECT_THROW(recognise_numbering(places({20}, 32, 45), {}), Error);             // one alone
  EXPECT_THROW(recognise_numbering({}, {}), Error);
}

}  // namespace
}  // namespace cemscope::masks
