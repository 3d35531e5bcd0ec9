#include "imaging/spine/levels.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

TEST(Levels, CountAcrossTheThoracolumbarJunction) {
  EXPECT_EQ(level_below("T12", 1), "L1");
  EXPECT_EQ(level_below("L1", -1), "T12");
  EXPECT_EQ(level_below("L5", 1), "S1");
  EXPECT_EQ(level_below("S1", 1), "");
  EXPECT_EQ(level_below("L7", 0), "");
}

TEST(Levels, OneTreatedBodyNamesItsNeighbours) {
  const auto names = name_levels(4, {1}, {"L2"});  // index 0 is the lowest body
  EXPECT_EQ(names, (std::vector<std::string>{"L3", "L2", "L1", "T12"}));
}

TEST(Levels, NamesMayComeInAnyOrder) {
  const auto names = name_levels(4, {0, 2}, {"L3", "L1"});
  EXPECT_EQ(names[0], "L3");
  EXPECT_EQ(names[1], "L2");
  EXPECT_EQ(names[2], "L1");
}

TEST(Levels, ADifferentCountNamesNothing) {
  for (const auto& name : name_levels(4, {0, 2}, {"L3"})) EXPECT_TRUE(name.empty());
}

TEST(Levels, NamesThatDoNotFitTheSpacingAreGivenToTheTreatedOnly) {
  const auto names = name_levels(5, {0, 2}, {"L1", "L5"});  // four levels apart by name, two by place
  EXPECT_EQ(names[0], "L5");
  EXPECT_EQ(names[2], "L1");
  EXPECT_EQ(names[1], "");
}

}  // namespace
}  // namespace cemscope::imaging::spine
