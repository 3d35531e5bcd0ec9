#include "imaging/spine/redraw.h"

#include <gtest/gtest.h>

#include "imaging/spine/body_block.h"
#include "imaging/spine/outline_net.h"

namespace cemscope::imaging::spine {
namespace {

/// A body of elliptic cross-section, 2 a wide and 2 b deep, between w = -h and h, its rear wall at v = -rear.
struct Shape {
  double a, b, h, rear;
  [[nodiscard]] double depth(const Eigen::Vector3d& q) const {
    const double r = std::hypot(q[0] / a, q[1] / b), wall = (1 - r) * std::hypot(q[0], q[1]) / std::max(1e-6, r);
    return std::min({wall, h - std::abs(q[2]), q[1] + rear});
  }
  [[nodiscard]] double radius(double angle) const { return 1 / std::hypot(std::cos(angle) / a, std::sin(angle) / b); }
};

VertebralBody body_of(const Shape& shape) {
  VertebralBody body;
  constexpr std::size_t kLattice = static_cast<std::size_t>(VertebralBody::kColumns) * VertebralBody::kColumns;
  body.upper.assign(kLattice, shape.h), body.lower.assign(kLattice, -shape.h);
  body.rear.assign(static_cast<std::size_t>(VertebralBody::kRearColumns) * VertebralBody::kRearRows, -shape.rear);
  for (int q = 0; q < VertebralBody::kAngles * VertebralBody::kBands; ++q)
    body.wall.push_back(shape.radius(2 * M_PI * (q % VertebralBody::kAngles) / VertebralBody::kAngles));
  body.set_bounds();
  return body;
}

Grid<float> odds_of(const Shape& shape) {
  Grid<float> odds(BodyBlock::kU, BodyBlock::kV, BodyBlock::kW);
  for (int z = 0; z < odds.nz; ++z)
    for (int y = 0; y < odds.ny; ++y)
      for (int x = 0; x < odds.nx; ++x)
        odds.at(x, y, z) = static_cast<float>(std::clamp(2 * shape.depth(BodyBlock::place(x, y, z)), -6.0, 6.0));
  return odds;
}

/// Channels that a formula makes.
BodyBlock waves() {
  BodyBlock block;
  block.channels.fill(Grid<float>(BodyBlock::kU, BodyBlock::kV, BodyBlock::kW));
  for (int c = 0; c < BodyBlock::kChannels; ++c)
    for (int z = 0; z < BodyBlock::kW; ++z)
      for (int y = 0; y < BodyBlock::kV; ++y)
        for (int x = 0; x < BodyBlock::kU; ++x)
          block.channels[static_cast<std::size_t>(c)].at(x, y, z) =
              static_cast<float>(0.5 * std::sin(0.31 * x + 0.2 * c) * std::cos(0.23 * y) + 0.3 * std::sin(0.17 * z + c));
  return block;
}

// Golden numbers from the network of tests/tools/fit_outlines.py (PyTorch 1.13) with the same weights: another implementation. New weights
// make new numbers.
TEST(OutlineNet, AgreesWithAnotherImplementation) {
  const Grid<float> odds = outline_log_odds(waves());
  EXPECT_NEAR(odds.at(24, 20, 20), -2.017, 0.01);
  EXPECT_NEAR(odds.at(7, 31, 12), -7.848, 0.01);
  EXPECT_NEAR(odds.at(0, 0, 0), 1.873, 0.01);
  EXPECT_NEAR(odds.at(47, 39, 39), -0.299, 0.01);
}

constexpr int kSide = 80;
VolumeView view(const std::vector<std::int16_t>& hu) { return {hu.data(), {kSide, kSide, kSide}, {1, 1, 1}}; }

std::vector<std::int16_t> soft_tissue() { return std::vector<std::int16_t>(static_cast<std::size_t>(kSide) * kSide * kSide, 40); }

TEST(Redraw, FacesMoveToWhereTheOddsChangeSign) {
  const Shape truth{21, 16, 12, 13};
  VertebralBody body = body_of({19, 17, 10, 15});
  const auto soft = soft_tissue();
  redraw_faces(odds_of(truth), view(soft), body);
  EXPECT_NEAR(body.upper_at(0, 0), 12, 0.2);
  EXPECT_NEAR(body.lower_at(8, 4), -12, 0.2);
  EXPECT_NEAR(body.rear_at(0, 0), -13, 0.2);
  EXPECT_NEAR(body.rear_at(6, 4), -13, 0.2);
  for (const double degrees : {0, 40, 90, 150, 180}) {
    const double angle = degrees * M_PI / 180, r = truth.radius(angle);
    EXPECT_NEAR(body.wall_at(std::cos(angle), std::sin(angle), 0), r, 0.4) << degrees;
  }
}

TEST(Redraw, FacesFartherThanSixMillimetresStay) {
  VertebralBody body = body_of({20.5, 16.5, 10, 14.5});
  const auto soft = soft_tissue();
  redraw_faces(odds_of({20.5, 16.5, 18, 14.5}), view(soft), body);
  EXPECT_NEAR(body.upper_at(0, 0), 10, 0.01);
}

/// Where the upper endplate of a body 12 mm high above its middle is drawn when its outline has a bump of 3 mm there.
double drawn_over_bump(double radius_mm, const std::vector<std::int16_t>& hu) {
  const Shape shape{20, 16, 12, 14};
  Grid<float> odds = odds_of(shape);
  for (int z = 0; z < odds.nz; ++z)
    for (int y = 0; y < odds.ny; ++y)
      for (int x = 0; x < odds.nx; ++x)
        if (const auto q = BodyBlock::place(x, y, z); std::hypot(q[0], q[1]) <= radius_mm && q[2] > 0)
          odds.at(x, y, z) = static_cast<float>(std::clamp(2 * (shape.h + 3 - q[2]), -6.0, 6.0));
  VertebralBody body = body_of(shape);
  body.frame.origin = Point_mm(kSide / 2.0, kSide / 2.0, kSide / 2.0);
  redraw_faces(odds, view(hu), body);
  return body.upper_at(0, 0);
}

/// Cement that fills the bump and 3 mm under it.
std::vector<std::int16_t> with_cement(int radius_mm) {
  auto hu = soft_tissue();
  for (int k = 9; k <= 15; ++k)
    for (int j = -radius_mm; j <= radius_mm; ++j)
      for (int i = -radius_mm; i <= radius_mm; ++i)
        if (std::hypot(i, j) <= radius_mm)
          hu[(static_cast<std::size_t>(kSide / 2 + k) * kSide + (kSide / 2 + j)) * kSide + (kSide / 2 + i)] = 1500;
  return hu;
}

TEST(Redraw, AnOutlineThatBendsRoundALittleCementInTheDiscIsNoEndplate) {
  EXPECT_GT(drawn_over_bump(3, soft_tissue()), 13);  // a bump of bone
  EXPECT_NEAR(drawn_over_bump(3, with_cement(3)), 12, 0.7);
}

TEST(Redraw, FarFromWhereTheEndplateShowsTheOutlineKnowsBetter) { EXPECT_NEAR(drawn_over_bump(12, with_cement(12)), 15, 0.7); }

TEST(Redraw, ABodyThatTheScanCutsStays) {
  std::vector<VertebralBody> bodies{body_of({20, 16, 10, 14})};
  bodies[0].cut_below = true;
  const std::vector<std::int16_t> soft(1000, 40);
  redraw_whole({soft.data(), {10, 10, 10}, {1, 1, 1}}, bodies);
  EXPECT_EQ(bodies[0].upper, body_of({20, 16, 10, 14}).upper);
}

TEST(Redraw, BodiesFarFromCementStayWhereSomeHoldIt) {
  std::vector<VertebralBody> bodies(6, body_of({20, 16, 10, 14}));
  bodies[5].cut_above = true;
  EXPECT_EQ(redrawn_ones(bodies), (std::vector<bool>{true, true, true, true, true, false}));
  bodies[1].dense_ml = 2;
  EXPECT_EQ(redrawn_ones(bodies), (std::vector<bool>{true, true, true, true, false, false}));
}

}  // namespace
}  // namespace cemscope::imaging::spine
