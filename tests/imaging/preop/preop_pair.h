#pragma once

#include <algorithm>

#include "imaging/ct_reading.h"
#include "imaging/mri/mr_levels.h"
#include "imaging/mri/mr_reading.h"
#include "imaging/phantom/mr_phantom.h"
#include "imaging/phantom/phantom.h"
#include "imaging/preop/rigid.h"

namespace cemscope::imaging::preop {

/// T11-L3, cement on both sides of L1, whose fracture lies under one endplate and has not collapsed.
inline PhantomParameters after_surgery(std::uint64_t seed, PhantomEndplate under) {
  PhantomParameters p;
  p.seed = seed;
  PhantomDeposit deposit;
  deposit.level = "L1", deposit.pattern = CementPattern::bilateral, deposit.body_ml = 4;
  p.deposits = {deposit};
  p.impactions = {{"L1", under, 120, 0.35}};
  p.scan.columns = p.scan.rows = 200;
  p.scan.pixel_mm = 0.8;
  p.scan.top_level = "T11", p.scan.bottom_level = "L3";
  return p;
}

/// The same patient before, otherwise on the table and in other slices.
inline PhantomParameters before_surgery(PhantomParameters p) {
  p.deposits.clear();
  p.anatomy.patient_pitch_deg += 5, p.anatomy.patient_roll_deg -= 4, p.anatomy.axial_rotation_deg += 6;
  p.anatomy.patient_shift_mm = {12, -15, 8};
  p.scan.slice_thickness_mm = p.scan.slice_spacing_mm = 2.5;
  return p;
}

/// A sagittal STIR of the patient before surgery, oedema under the endplate.
inline PhantomMrExam mr_before(const PhantomParameters& before) {
  PhantomMrParameters p;
  p.seed = before.seed, p.anatomy = before.anatomy, p.fractures = before.fractures;
  for (const auto& impaction : before.impactions) p.oedema.push_back({impaction.level, 0.7, 0.5, impaction.under});
  p.scan.rows = 260;
  return make_mr_phantom(p);
}

inline const VertebralFrame& frame_of(const PhantomTruth& truth, const std::string& level) {
  const auto at = std::find(truth.body_levels.begin(), truth.body_levels.end(), level) - truth.body_levels.begin();
  return truth.body_frames.at(static_cast<std::size_t>(at));
}

}  // namespace cemscope::imaging::preop
