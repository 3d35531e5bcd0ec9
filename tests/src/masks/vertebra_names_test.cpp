#include <gtest/gtest.h>

#include "src/masks/vertebra_names.h"

namespace cemscope::masks {
namespace {

TEST(VertebraNames, NumbersAreVerSes) {
  EXPECT_EQ(vertebra_number("C1"), 1);
  EXPECT_EQ(vertebra_number("C7"), 7);
  EXPECT_EQ(vertebra_number("T1"), 8);
  EXPECT_EQ(vertebra_number("Th12"), 19);
  EXPECT_EQ(vertebra_number("T13"), 28);
  EXPECT_EQ(vertebra_number("l5"), 24);
  EXPECT_EQ(vertebra_number("L6"), 25);
  EXPECT_EQ(vertebra_number("S1"), 26);
  for (const auto* const none : {"", "C8", "T14", "L7", "L0", "L", "X1", "L1x"}) EXPECT_FALSE(vertebra_number(none)) << none;
}

TEST(VertebraNames, NumbersAndLevelsAreEachOthersInverse) {
  for (int number = 1; number <= 25; ++number) EXPECT_EQ(vertebra_number(level_of_number(number)), number);
  EXPECT_EQ(vertebra_number(level_of_number(kT13)), kT13);
}

TEST(VertebraNames, ALabelsTextMeansAVertebraOnlyWhenItMeansNothingElse) {
  EXPECT_EQ(vertebra_of_text("vertebrae_L1"), 20);
  EXPECT_EQ(vertebra_of_text("Vertebra L1"), 20);
  EXPECT_EQ(vertebra_of_text("L1 vertebral body"), 20);
  EXPECT_EQ(vertebra_of_text("Lumbar vertebra 1"), 20);
  EXPECT_EQ(vertebra_of_text("Thoracic vertebra T12"), 19);
  EXPECT_EQ(vertebra_of_text("sacrum"), 26);
  for (const auto* const other : {"Cement L1 body", "L1-L2 disc", "rib_left_1", "rib_left_12", "spinal nerve L5", "vertebra", ""})
    EXPECT_FALSE(vertebra_of_text(other)) << other;
}

}  // namespace
}  // namespace cemscope::masks
