#include "imaging/spine/level_count.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

using Names = std::vector<std::string>;

const BesideBody kRibs{true, false, false}, kBare{false, true, false}, kUnseen{false, false, false}, kSacral{false, false, true};

TEST(LevelCount, TheFirstBodyAboveTheSacrumIsL5) {
  EXPECT_EQ(count_levels({kSacral, kBare, kBare, kUnseen}, false).levels, (Names{"S1", "L5", "L4", "L3"}));
  EXPECT_EQ(count_levels({kBare, kBare}, true).levels, (Names{"L5", "L4"}));
}

TEST(LevelCount, OnlyTheUppermostSacralSegmentIsNamed) {
  EXPECT_EQ(count_levels({kSacral, kSacral, kBare}, false).levels, (Names{"", "S1", "L5"}));
}

TEST(LevelCount, TheLastBodyWithRibsIsT12) {
  EXPECT_EQ(count_levels({kBare, kBare, kRibs, kRibs}, false).levels, (Names{"L2", "L1", "T12", "T11"}));
}

TEST(LevelCount, RibsThatMayGoOnBelowNameNothing) {
  EXPECT_EQ(count_levels({kUnseen, kRibs, kRibs}, false).levels, (Names{"", "", ""}));
  EXPECT_EQ(count_levels({kRibs, kRibs}, false).levels, (Names{"", ""}));
}

TEST(LevelCount, NothingInViewNamesNothing) {
  EXPECT_EQ(count_levels({kBare, kBare, kBare}, false).levels, (Names{"", "", ""}));
  EXPECT_TRUE(count_levels(std::vector<BesideBody>{}, false).levels.empty());
}

TEST(LevelCount, BothAnchorsAgree) {
  const auto count = count_levels({kSacral, kBare, kBare, kBare, kBare, kBare, kRibs}, false);
  EXPECT_FALSE(count.anchors_disagree);
  EXPECT_EQ(count.levels, (Names{"S1", "L5", "L4", "L3", "L2", "L1", "T12"}));
}

TEST(LevelCount, FourLumbarVertebraeAreNotNamed) {
  const auto count = count_levels({kSacral, kBare, kBare, kBare, kBare, kRibs}, false);
  EXPECT_TRUE(count.anchors_disagree);
  for (const auto& name : count.levels) EXPECT_TRUE(name.empty());
}

}  // namespace
}  // namespace cemscope::imaging::spine
