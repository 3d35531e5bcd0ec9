#include "imaging/radiograph/body_chain.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kRow_mm = 0.5, kHeight_mm = 28.0, kNone = -6.0, kClear = 1.0, kWeak = -1.0;  // log odds
constexpr int kHeight = 56, kDisc = 14, kBodies = 5, kFirst = 20;

/// Five bodies of 28 mm with discs of 7 mm between them, clear endplates.
EndplateEvidence column_of_five() {
  const int rows = 2 * kFirst + kBodies * kHeight + (kBodies - 1) * kDisc;
  EndplateEvidence evidence{std::vector<double>(rows, kNone), std::vector<double>(rows, kNone), std::vector<double>(rows, kHeight_mm)};
  for (int n = 0; n < kBodies; ++n) {
    const int top = kFirst + n * (kHeight + kDisc);
    evidence.upper[top] = evidence.lower[top + kHeight] = kClear;
  }
  return evidence;
}

void expect_five(const std::vector<BodyEnds>& bodies, int tolerance_of_third) {
  ASSERT_EQ(bodies.size(), static_cast<std::size_t>(kBodies));
  for (int n = 0; n < kBodies; ++n) {
    const int top = kFirst + n * (kHeight + kDisc), tolerance = n == 2 ? tolerance_of_third : 0;
    EXPECT_NEAR(bodies[n].top, top, tolerance);
    EXPECT_NEAR(bodies[n].bottom, top + kHeight, tolerance);
  }
}

TEST(BodyChain, FindsEveryBodyWhereEndplatesAreClear) { expect_five(find_body_chain(column_of_five(), kRow_mm), 0); }

TEST(BodyChain, ABodyWithoutEndplatesStandsWhereItsNeighboursLeaveIt) {
  EndplateEvidence evidence = column_of_five();
  const int top = kFirst + 2 * (kHeight + kDisc);
  evidence.upper[top] = evidence.lower[top + kHeight] = kNone;
  expect_five(find_body_chain(evidence, kRow_mm), 4);
}

TEST(BodyChain, AnEdgeInsideABodyDoesNotSplitIt) {
  EndplateEvidence evidence = column_of_five();
  evidence.upper[kFirst + 30] = evidence.lower[kFirst + 26] = kWeak;
  expect_five(find_body_chain(evidence, kRow_mm), 0);
}

TEST(BodyChain, ScaleIsFoundForTheWholeColumn) {
  EndplateEvidence evidence = column_of_five();
  for (double& height_mm : evidence.usual_height_mm) height_mm = kHeight_mm / 1.13;
  expect_five(find_body_chain(evidence, kRow_mm), 0);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
