#include <algorithm>

#include "src/phantom/patient_plan.h"
#include "src/phantom/plan_parts.h"

namespace cemscope::phantom {
namespace {

using imaging::PhantomEndplate;
using imaging::PhantomScan;
using imaging::phantom::Random;

PatientPose draw_pose(Random& random) {
  PatientPose pose;
  pose.pitch_deg = random.uniform(-6, 6), pose.roll_deg = random.uniform(-4, 4), pose.turn_deg = random.uniform(-6, 6);
  pose.shift_mm = {random.uniform(-20, 20), random.uniform(-20, 20), random.uniform(-15, 15)};
  return pose;
}

void impact(imaging::PhantomParameters& parameters, PhantomEndplate under, Random& random) {
  for (const auto& deposit : parameters.deposits) {
    std::erase_if(parameters.fractures, [&](const auto& fracture) { return fracture.level == deposit.level; });
    parameters.impactions.push_back({deposit.level, under, random.uniform(80, 180), random.uniform(0.28, 0.42)});
  }
}

PhantomScan other_slices(PhantomScan scan, Random& random) {
  const bool was_thin = scan.slice_thickness_mm < 2;
  scan.slice_thickness_mm = scan.slice_spacing_mm = was_thin ? random.uniform(2, 3) : random.uniform(0.8, 1.5);
  return scan;
}

}  // namespace

PatientPlan plan_preoperative_patient(std::uint64_t export_seed, int number) {
  PatientPlan patient = plan_patient(export_seed, number);
  if (patient.parameters.deposits.empty()) return patient;
  Random random(patient.seed, "pre-operative plan");
  const auto under = number % 2 == 1 ? PhantomEndplate::lower : PhantomEndplate::upper;
  impact(patient.parameters, under, random);
  patient.mr = mr_of(patient), patient.mr_vendor = vendor_of(number);
  for (auto& oedema : patient.mr.oedema) oedema.under = under, oedema.share = random.uniform(0.4, 0.65);
  std::erase_if(patient.studies, [](const StudyPlan& study) { return study.is_before_surgery; });
  const std::string surgery = patient.studies.front().date;
  StudyPlan ct{shifted_date(surgery, -random.integer(2, 8)), "101500", "CT SPINE PREOP", true, {}};
  ct.pose = draw_pose(random);
  ct.series.push_back(plan_series(patient.main_series, 2, other_slices(patient.parameters.scan, random), patient.pixels));
  StudyPlan mr = plan_mr_study(patient, shifted_date(surgery, -random.integer(9, 20)), {imaging::MrSequence::stir});
  mr.pose = draw_pose(random);
  patient.studies.insert(patient.studies.begin(), {std::move(mr), std::move(ct)});
  patient.clinical.soft_tissue_injury.clear();  // the table's word would win over the image
  patient.clinical.surgery_date = iso_date(surgery);
  patient.clinical.treated_levels = treated_levels(patient.parameters);
  return patient;
}

}  // namespace cemscope::phantom
