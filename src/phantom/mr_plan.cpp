#include <algorithm>
#include <array>

#include "imaging/phantom/morphometry.h"
#include "src/phantom/patient_plan.h"
#include "src/phantom/plan_parts.h"

namespace cemscope::phantom {

using imaging::MrSequence;
using imaging::PhantomFluidStrip;
using imaging::PhantomMrParameters;
using imaging::phantom::Random;

MrVendor vendor_of(int number) {
  static constexpr std::array kVendors{MrVendor::siemens, MrVendor::ge, MrVendor::philips, MrVendor::canon, MrVendor::united_imaging};
  return kVendors[static_cast<std::size_t>(number - 1) % kVendors.size()];
}

PhantomMrParameters mr_of(const PatientPlan& patient) {
  PhantomMrParameters mr = imaging::draw_mr_parameters(patient.seed);
  mr.seed = patient.parameters.seed, mr.anatomy = patient.parameters.anatomy, mr.fractures = patient.parameters.fractures;
  mr.anatomy.screw_levels.clear();
  if (patient.parameters.deposits.empty()) return mr;
  const auto oedema = mr.oedema.empty() ? imaging::PhantomMarrowOedema{} : mr.oedema.front();
  mr.oedema.clear();
  for (const auto& deposit : patient.parameters.deposits) mr.oedema.push_back({deposit.level, oedema.s, oedema.share});
  const std::string& level = patient.parameters.deposits.front().level;
  for (std::vector<PhantomFluidStrip>* strips : {&mr.injuries, &mr.interspinous})
    for (PhantomFluidStrip& strip : *strips) strip.level = level;
  mr.scan.centre_level = level;
  return mr;
}

StudyPlan plan_mr_study(const PatientPlan& patient, const std::string& date, std::vector<MrSequence> sequences) {
  StudyPlan study;
  study.date = date, study.time = "143000", study.description = "MR SPINE", study.is_before_surgery = true;
  for (const MrSequence sequence : sequences) {
    MrSeriesPlan series{static_cast<int>(study.mr.size()) + 2, patient.mr.scan};
    series.scan.sequence = sequence;
    study.mr.push_back(series);
  }
  return study;
}

PatientPlan plan_mr_patient(std::uint64_t export_seed, int number) {
  PatientPlan patient = plan_patient(export_seed, number);
  Random random(patient.seed, "mr plan");
  patient.mr = mr_of(patient), patient.mr_vendor = vendor_of(number);
  std::vector<MrSequence> sequences{MrSequence::t1, MrSequence::t2};
  const int suppressed = random.integer(0, 2);
  if (suppressed != 0) sequences.push_back(MrSequence::t2_fs);
  if (suppressed != 1) sequences.push_back(MrSequence::stir);
  const std::string date = shifted_date(patient.studies.front().date, -random.integer(5, 21));
  patient.studies.insert(patient.studies.begin(), plan_mr_study(patient, date, sequences));
  patient.clinical.soft_tissue_injury.clear();  // the table's word would win over the image
  return patient;
}

PatientPlan plan_followed_patient(std::uint64_t export_seed, int number) {
  PatientPlan patient = plan_patient(export_seed, number);
  if (patient.parameters.deposits.empty()) return patient;
  Random random(patient.seed, "follow-up plan");
  StudyPlan study = patient.studies.back();
  study.date = shifted_date(study.date, random.integer(60, 180)), study.description = "CT SPINE FOLLOW-UP";
  study.is_follow_up = true;
  if (number % 2 == 0) {
    const int above = imaging::phantom::level_index(patient.parameters.deposits.front().level) - 1;
    const int below = imaging::phantom::level_index(patient.parameters.deposits.back().level) + 1;
    const bool is_below = random.chance(0.5) && below <= imaging::phantom::level_index("L5");
    const auto level = imaging::phantom::vertebra_sizes()[static_cast<std::size_t>(is_below ? below : above)].level;
    study.collapsed_since = {{std::string(level), imaging::FractureType::wedge, random.uniform(0.28, 0.45)}};
  }
  patient.studies.push_back(std::move(study));
  patient.clinical.adjacent_fracture.clear();
  return patient;
}

}  // namespace cemscope::phantom
