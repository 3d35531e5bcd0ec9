#include "imaging/preop/band_transfer.h"

#include <gtest/gtest.h>

#include "imaging/preop/ct_fracture.h"
#include "imaging/preop/mr_fracture.h"
#include "tests/imaging/preop/preop_pair.h"

namespace cemscope::imaging::preop {
namespace {

/// A patient after surgery and before it; the fracture lies above L1's lower endplate.
struct Pair {
  PhantomPatient after = make_phantom(after_surgery(7, PhantomEndplate::lower));
  PhantomPatient before = make_phantom(before_surgery(after_surgery(7, PhantomEndplate::lower)));
  CtReading after_read = read_ct(after.ct, {{"L1"}, {}}, {}), before_read = read_ct(before.ct, {}, {});
  [[nodiscard]] TreatedBody treated() const { return {after.ct, after_read, after_read.treated.at(0)}; }
};

const Pair& pair() {
  static const Pair kPair;
  return kPair;
}

TEST(BandTransfer, TheSameVertebraIsFoundInAnotherPosition) {
  const auto match = match_on_ct(pair().treated(), pair().before.ct, pair().before_read.ct_bodies);
  ASSERT_TRUE(match.is_accepted()) << match.refusal;
  const auto& frame = frame_of(pair().after.truth, "L1");
  const auto difference = difference_at(match.motion, motion_between(frame, frame_of(pair().before.truth, "L1")), frame.centre_mm);
  EXPECT_LT(difference.shift_mm, 1.0);
  EXPECT_LT(difference.angle_deg, 2.0);
  EXPECT_GT(match.correlation, match.runner_up + 0.06);
}

TEST(BandTransfer, AnotherPatientsScanIsRefused) {
  const auto other = make_phantom(before_surgery(after_surgery(8, PhantomEndplate::lower)));
  const auto read = read_ct(other.ct, {}, {});
  EXPECT_FALSE(match_on_ct(pair().treated(), other.ct, read.ct_bodies).is_accepted());
}

TEST(BandTransfer, AScanWithoutTheVertebraIsRefused) {
  std::vector<CtBody> others;
  const auto& truth = frame_of(pair().before.truth, "L1");
  for (const auto& body : pair().before_read.ct_bodies)
    if ((body.place.frame.centre_mm - truth.centre_mm).norm() > 12) others.push_back(body);
  EXPECT_FALSE(match_on_ct(pair().treated(), pair().before.ct, others).is_accepted());
}

TEST(BandTransfer, CondensedSpongiosaBeforeSurgeryMakesTheLowerThirdTheBand) {
  const auto& bodies = pair().before_read.ct_bodies;
  const auto match = match_on_ct(pair().treated(), pair().before.ct, bodies);
  const auto sign = fracture_on_ct(bodies, match.body);
  EXPECT_EQ(sign.part, FracturedPart::lower) << sign.words;
  const auto band = carry_band(pair().treated(), bodies[match.body].place, sign.part, match);
  ASSERT_TRUE(band);
  EXPECT_EQ(band->low, 0);
  EXPECT_NEAR(band->high, 1.0 / 3, 0.06);
}

/// The same with an MR before surgery.
struct MrPair {
  explicit MrPair(std::uint64_t seed)
      : after(make_phantom(after_surgery(seed, PhantomEndplate::lower))),
        before(before_surgery(after_surgery(seed, PhantomEndplate::lower))),
        exam(mr_before(before)),
        after_read(read_ct(after.ct, {{"L1"}, {}}, {})),
        reading(read_mr(exam.volume)),
        places(places_of_mr(reading, name_mr_levels(reading, {"L1"}))),
        match(match_on_mr(treated(), *exam.volume.image, places)) {}
  PhantomPatient after;
  PhantomParameters before;
  PhantomMrExam exam;
  CtReading after_read;
  MrReading reading;
  std::vector<BodyPlace> places;
  VertebraMatch match;
  [[nodiscard]] TreatedBody treated() const { return {after.ct, after_read, after_read.treated.at(0)}; }
  /// Of the body's middle from where it lies in truth: across the slices of 4.4 mm, and within them.
  [[nodiscard]] std::pair<double, double> off_mm() const {
    const auto& frame = frame_of(after.truth, "L1");
    const auto truth = make_phantom(before).truth;
    const auto& frame_before = frame_of(truth, "L1");
    const Direction off = match.motion.of(frame.centre_mm) - motion_between(frame, frame_before).of(frame.centre_mm);
    return {std::abs(off.dot(frame_before.left)), std::hypot(off.dot(frame_before.posterior), off.dot(frame_before.superior))};
  }
};

TEST(BandTransfer, OedemaBeforeSurgeryMakesTheLowerThirdTheBand) {
  const MrPair mr(12);  // 11 lies at the limit of what may move
  ASSERT_TRUE(mr.match.is_accepted()) << mr.match.refusal;
  const auto [across, within] = mr.off_mm();
  EXPECT_LT(across, 4.4);
  EXPECT_LT(within, 2.0);
  const auto sign = fracture_on_mr(mr.reading, mr.match.body);
  EXPECT_EQ(sign.part, FracturedPart::lower) << sign.words;
  const auto band = carry_band(mr.treated(), mr.places[mr.match.body], sign.part, mr.match);
  ASSERT_TRUE(band);
  EXPECT_NEAR(band->high, 1.0 / 3, 0.1);
}

TEST(BandTransfer, ARegistrationWithAnMrIsRightOrRefused) {
  const MrPair mr(7);  // goes 3 mm astray
  EXPECT_TRUE(!mr.match.is_accepted() || mr.off_mm().second < 2.0);
}

TEST(BandTransfer, ARefusedMatchLeavesTheThirdOfTheLevel) {
  VertebraMatch refused;
  refused.refusal = "moved_too_far";
  const auto band = carry_band(pair().treated(), pair().before_read.ct_bodies.at(0).place, FracturedPart::upper, refused);
  ASSERT_TRUE(band);
  EXPECT_EQ(band->low, kUpperThird.low);
  EXPECT_FALSE(carry_band(pair().treated(), pair().before_read.ct_bodies.at(0).place, FracturedPart::unclear, refused));
}

}  // namespace
}  // namespace cemscope::imaging::preop
