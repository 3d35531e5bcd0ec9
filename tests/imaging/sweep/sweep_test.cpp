#include <gtest/gtest.h>

#include "imaging/parallel.h"
#include "tests/imaging/sweep/ct_agreement.h"

namespace cemscope::imaging {
namespace {

// Patients that nothing was tuned on before the first figures; costs of cement outside a face were chosen among four on them, too.
constexpr unsigned kFirstSeed = 7000;
constexpr int kPatients = 100, kThreads = 2;

CtAgreement compare(unsigned seed) {
  const auto patient = make_phantom(draw_phantom_parameters(seed));
  const auto reading = read_ct(patient.ct, {}, {});
  CtAgreement a = agreement_of(reading, patient.truth.vertebrae);
  // Acquired upright, the volume lies in LPS already and the region's indices are the truth's.
  if (!reading.treated.empty() && patient.ct.image->GetDirection() == HuImage::DirectionType::GetIdentity())
    a.dice.push_back(cement_dice(reading, patient.cement)), a.body_dice = body_dice(reading, patient.bodies);
  return a;
}

// The table shows how far each figure is from its target; the changelog names what is missed. Asserted are floors, so that no change makes the
// reading worse unseen.
TEST(Sweep, ARandomHundredPatients) {
  std::vector<CtAgreement> each(kPatients);
  parallel_for(kPatients, kThreads, [&](int n) { each[static_cast<std::size_t>(n)] = compare(kFirstSeed + static_cast<unsigned>(n)); });
  CtAgreement all;
  for (const auto& one : each) all.add(one);
  print(all);
  EXPECT_GE(all.found.value(), 0.97);
  EXPECT_LE(all.invented, 3);
  EXPECT_LE(median(all.volume_error), 0.035);
  EXPECT_GE(all.leakage.value(), 0.9);
  EXPECT_GE(all.zone.value(), 0.83);
  EXPECT_LE(mean(all.leak_error_ml), 0.08);
  EXPECT_GE(all.confident.value(), 0.97);
  EXPECT_GE(median(all.dice), 0.95);
  EXPECT_GE(median(all.body_dice), 0.92);
  EXPECT_LE(median(all.height_error_mm), 1.2);
  EXPECT_GE(all.midline.value(), 0.95);
  EXPECT_GE(all.distribution.value(), 0.92);
}

}  // namespace
}  // namespace cemscope::imaging
