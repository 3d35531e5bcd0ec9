#include "imaging/cement/strays.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/imaging/cylinder_body.h"

namespace cemscope::imaging::cement {
namespace {

constexpr int kSide = 70;
constexpr DensestBone kBone{.body_hu = 500, .arch_hu = 600};

spine::VertebralBody cylinder() { return spine::cylinder_body(Point_mm(kSide / 2.0, kSide / 2.0, kSide / 2.0), -30); }

class Strays : public testing::Test {
 protected:
  /// A box of `size` voxels beginning at `first`, in units of the body's frame (u to the left, v backwards here, w up), of one density.
  void paint(std::array<int, 3> first, std::array<int, 3> size, std::int16_t hu) {
    for (int k = 0; k < size[2]; ++k)
      for (int j = 0; j < size[1]; ++j)
        for (int i = 0; i < size[0]; ++i) {
          const std::size_t q = view_.index(kSide / 2 + first[0] + i, kSide / 2 + first[1] + j, kSide / 2 + first[2] + k);
          hu_[q] = hu, owner_.values[q] = 1;
        }
  }
  /// Voxels of cement left where `paint` was called alike.
  [[nodiscard]] int left(std::array<int, 3> first, std::array<int, 3> size) {
    const VolumeView volume{hu_.data(), {kSide, kSide, kSide}, {1, 1, 1}};
    CementMap map;
    map.region = {{0, 0, 0}, {kSide, kSide, kSide}};
    map.owner = owner_;
    drop_strays(Placement(volume, map.region), {cylinder()}, kBone, map);
    int n = 0;
    for (int k = 0; k < size[2]; ++k)
      for (int j = 0; j < size[1]; ++j)
        for (int i = 0; i < size[0]; ++i) n += map.owner.at(kSide / 2 + first[0] + i, kSide / 2 + first[1] + j, kSide / 2 + first[2] + k);
    return n;
  }

 private:
  std::vector<std::int16_t> hu_ = std::vector<std::int16_t>(static_cast<std::size_t>(kSide) * kSide * kSide, 50);
  VolumeView view_{hu_.data(), {kSide, kSide, kSide}, {1, 1, 1}};
  Grid<std::uint8_t> owner_{kSide, kSide, kSide};
};

TEST_F(Strays, ASheetOnTheWallHardlyDenserThanBoneIsCortex) {
  paint({19, -5, -5}, {1, 10, 9}, 900);
  EXPECT_EQ(left({19, -5, -5}, {1, 10, 9}), 0);
}

TEST_F(Strays, ALargerSheetIsALeak) {
  paint({19, -5, -5}, {2, 10, 10}, 900);
  EXPECT_EQ(left({19, -5, -5}, {2, 10, 10}), 200);
}

TEST_F(Strays, ASheetOnTheWallFarDenserThanBoneIsCement) {
  paint({19, -5, -5}, {1, 10, 9}, 1500);
  EXPECT_EQ(left({19, -5, -5}, {1, 10, 9}), 90);
}

TEST_F(Strays, AThinLineOnTheWallIsAVein) {
  paint({20, -6, 0}, {1, 12, 1}, 650);
  EXPECT_EQ(left({20, -6, 0}, {1, 12, 1}), 12);
}

TEST_F(Strays, AShortBitHardlyDenserThanBoneIsCortex) {
  paint({20, -2, 0}, {1, 5, 1}, 650);
  EXPECT_EQ(left({20, -2, 0}, {1, 5, 1}), 0);
}

TEST_F(Strays, WhatBeginsFarOffTheBodyIsNone) {
  paint({26, -6, 0}, {2, 12, 2}, 1500);
  EXPECT_EQ(left({26, -6, 0}, {2, 12, 2}), 0);
}

TEST_F(Strays, UnlessItLiesInTheDisc) {
  paint({-4, -4, 14}, {8, 8, 2}, 1500);
  EXPECT_EQ(left({-4, -4, 14}, {8, 8, 2}), 128);
}

TEST_F(Strays, OrHangsTogetherWithCementOfTheBody) {
  paint({26, -6, 0}, {2, 12, 2}, 1500);
  paint({20, 0, 0}, {3, 2, 2}, 1500);
  EXPECT_EQ(left({26, -6, 0}, {2, 12, 2}), 48);
}

TEST_F(Strays, LargePiecesStayWhereverTheyLie) {
  paint({24, -6, -6}, {8, 12, 12}, 900);
  EXPECT_EQ(left({24, -6, -6}, {8, 12, 12}), 8 * 12 * 12);
}

}  // namespace
}  // namespace cemscope::imaging::cement
