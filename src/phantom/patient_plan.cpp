#include "src/phantom/patient_plan.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "src/phantom/plan_parts.h"

namespace cemscope::phantom {
namespace {

using imaging::PhantomScan;
using imaging::ReconstructionKernel;
using imaging::SlicePlane;
using imaging::phantom::Random;

// Scanners: 12-bit unsigned; signed with padding; 12-bit with another intercept; signed without intercept.
PixelStyle draw_pixels(const PhantomScan& scan, Random& random) {
  if (scan.saturation_hu == 3095) return {12, false, -1000, {}};
  if (scan.has_circular_field) return {16, true, -1024, -2000};
  return random.chance(0.65) ? PixelStyle{12, false, -1024, {}} : PixelStyle{16, true, 0, {}};
}

// Names that test the reading of character sets; the bytes are GB18030 and Latin-1.
void draw_name(PatientPlan& patient, int number, Random& random) {
  const double share = random.uniform();
  patient.patient_name = fmt::format("PHANTOM^CASE{:03}", number);
  if (share < 0.15)
    patient.patient_name = "\xcd\xf5^\xd0\xe3\xd3\xa2", patient.character_set = "GB18030";
  else if (share < 0.3)
    patient.patient_name = "M\xfcller^J\xf6rg", patient.character_set = "ISO_IR 100";
}

PhantomScan thick_copy(PhantomScan scan) {
  scan.slice_thickness_mm = scan.slice_spacing_mm = 5.0, scan.noise_hu *= 0.6, scan.kernel = ReconstructionKernel::soft;
  return scan;
}

PhantomScan other_kernel(PhantomScan scan) {
  const bool was_bone = scan.kernel == ReconstructionKernel::bone;
  scan.kernel = was_bone ? ReconstructionKernel::soft : ReconstructionKernel::bone;
  scan.psf_fwhm_mm = was_bone ? 1.1 : 0.6, scan.noise_hu = std::min(45.0, scan.noise_hu * (was_bone ? 0.7 : 1.5));
  return scan;
}

PhantomScan sagittal_copy(PhantomScan scan) {
  scan.plane = SlicePlane::sagittal, scan.slice_thickness_mm = scan.slice_spacing_mm = 2.0;
  return scan;
}

StudyPlan plan_study(const PatientPlan& patient, Random& random) {
  const PhantomScan& scan = patient.parameters.scan;
  StudyPlan study;
  study.time = fmt::format("{:02}{:02}00", random.integer(8, 17), random.integer(0, 59));
  study.description = "CT SPINE";
  // A department that sends reformats alone sends no localizer either.
  if (patient.main_series == SeriesKind::axial) study.series.push_back(plan_series(SeriesKind::localizer, 1, scan, patient.pixels));
  study.series.push_back(plan_series(patient.main_series, 2, scan, patient.pixels));
  if (patient.main_series == SeriesKind::axial && scan.gantry_tilt_deg == 0) {
    const double extra = random.uniform();
    if (extra < 0.2 && scan.slice_thickness_mm < 3)
      study.series.push_back(plan_series(SeriesKind::thick, 3, thick_copy(scan), patient.pixels));
    else if (extra < 0.35)
      study.series.push_back(plan_series(SeriesKind::bone, 4, other_kernel(scan), patient.pixels));
    else if (extra < 0.5)
      study.series.push_back(plan_series(SeriesKind::mpr, 601, sagittal_copy(scan), patient.pixels));
  }
  if (random.chance(0.5)) study.series.push_back(plan_series(SeriesKind::dose_report, 997, scan, patient.pixels));
  if (random.chance(0.3)) study.series.push_back(plan_series(SeriesKind::dose_page, 501, scan, patient.pixels));
  return study;
}

StudyPlan study_before(const PatientPlan& patient, const std::string& surgery_date) {
  StudyPlan study;
  study.date = shifted_date(surgery_date, -2), study.time = "093000", study.description = "CT SPINE PREOP", study.is_before_surgery = true;
  study.series.push_back(plan_series(patient.main_series, 2, patient.parameters.scan, patient.pixels));
  return study;
}

// Some cells of the table are empty, whole columns for some patients.
void forget_some(ClinicalRow& row, Random& random) {
  for (std::string* cell : {&row.treated_levels, &row.bmd_t_score, &row.bmi, &row.approach, &row.adjacent_fracture, &row.soft_tissue_injury,
                            &row.vas_preop, &row.vas_1_month})
    if (random.chance(0.2)) cell->clear();
}

}  // namespace

PatientPlan plan_patient(std::uint64_t export_seed, int number) {
  static constexpr std::array kSyntaxes{TransferSyntax::explicit_little, TransferSyntax::jpeg_ls, TransferSyntax::implicit_little,
                                        TransferSyntax::jpeg_lossless,   TransferSyntax::rle,     TransferSyntax::explicit_big,
                                        TransferSyntax::deflated};
  static constexpr std::array kStyles{FileStyle::numbered, FileStyle::hexadecimal, FileStyle::uid, FileStyle::flat};
  PatientPlan patient;
  patient.seed = imaging::phantom::mix_seed(export_seed, fmt::format("patient {}", number));
  patient.parameters = imaging::draw_phantom_parameters(patient.seed);
  Random random(patient.seed, "plan");
  patient.patient_id = fmt::format("PH{:04}", number);
  draw_name(patient, number, random);
  patient.sex = std::string(1, random.chance(0.78) ? 'F' : 'M');
  patient.age = random.integer(58, 92);
  patient.transfer_syntax = kSyntaxes[(number - 1) % kSyntaxes.size()];
  patient.files = kStyles[(number - 1) % kStyles.size()];
  patient.pixels = draw_pixels(patient.parameters.scan, random);
  patient.main_series = patient.parameters.scan.plane == SlicePlane::axial ? SeriesKind::axial : SeriesKind::mpr;
  const std::string surgery_date = shifted_date("20190101", random.integer(0, 1800));
  patient.birth_date = fmt::format("{}0101", std::stoi(surgery_date.substr(0, 4)) - patient.age);
  const bool is_treated = !patient.parameters.deposits.empty();
  if (is_treated && number % 4 == 3) patient.studies.push_back(study_before(patient, surgery_date));
  patient.studies.push_back(plan_study(patient, random));
  patient.studies.back().date = shifted_date(surgery_date, random.integer(0, 4));
  patient.clinical = full_clinical_row(patient, is_treated ? surgery_date : "", random);
  forget_some(patient.clinical, random);
  return patient;
}

PatientPlan plan_film_patient(std::uint64_t export_seed, int number) {
  PatientPlan patient = plan_patient(export_seed, number);
  patient.parameters = imaging::draw_film_patient(patient.seed);
  Random random(patient.seed, "film plan");
  for (const imaging::PhantomFilmParameters& film : imaging::draw_film_pair(patient.seed))
    patient.films.push_back({film, number % 3 != 0, number % 4 != 0});
  const bool is_treated = !patient.parameters.deposits.empty();
  const std::string date = patient.studies.back().date;
  patient.studies = {{date, "094500", "SPINE 2 VIEWS", false, {}}};
  patient.clinical = full_clinical_row(patient, is_treated ? shifted_date(date, -1) : "", random);
  forget_some(patient.clinical, random);
  return patient;
}

}  // namespace cemscope::phantom
