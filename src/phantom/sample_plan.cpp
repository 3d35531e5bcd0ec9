#include <fmt/format.h>

#include "src/phantom/patient_plan.h"
#include "src/phantom/plan_parts.h"

namespace cemscope::phantom {
namespace {

using imaging::CementPattern;
using imaging::CementZone;
using imaging::FractureType;
using imaging::PhantomDeposit;
using imaging::PhantomFilmView;
using imaging::PhantomFracture;
using imaging::PhantomParameters;
using imaging::PhantomScan;
using imaging::ReconstructionKernel;
using imaging::phantom::Random;

// A spine-sized field of few pixels: 154 mm wide, slices of 1.5-2 mm.
PhantomScan small_scan(double slice_mm, ReconstructionKernel kernel) {
  PhantomScan scan;
  scan.columns = scan.rows = 192, scan.pixel_mm = 0.8;
  scan.slice_thickness_mm = scan.slice_spacing_mm = slice_mm;
  scan.kernel = kernel, scan.noise_hu = kernel == ReconstructionKernel::bone ? 16 : 10;
  scan.field_offset_y_mm = 8;
  return scan;
}

PatientPlan base_patient(int number, std::uint64_t seed) {
  PatientPlan patient;
  patient.patient_id = fmt::format("SAMPLE{:02}", number), patient.patient_name = fmt::format("SAMPLE^PATIENT{}", number);
  patient.seed = patient.parameters.seed = seed;
  patient.sex = std::string(1, number == 3 ? 'M' : 'F'), patient.age = 66 + 4 * number;
  patient.transfer_syntax = number % 2 == 1 ? TransferSyntax::jpeg_ls : TransferSyntax::jpeg_lossless;
  patient.files = number == 2 ? FileStyle::hexadecimal : number == 3 ? FileStyle::uid : FileStyle::numbered;
  return patient;
}

void finish(PatientPlan& patient, const std::string& surgery_date, std::vector<SeriesPlan> further) {
  Random random(patient.seed, "sample");
  patient.birth_date = fmt::format("{}0415", std::stoi(surgery_date.substr(0, 4)) - patient.age);
  StudyPlan study{shifted_date(surgery_date, 1), "101500", "CT SPINE", false, {}};
  study.series.push_back(plan_series(SeriesKind::localizer, 1, patient.parameters.scan, patient.pixels));
  study.series.push_back(plan_series(SeriesKind::axial, 2, patient.parameters.scan, patient.pixels));
  for (SeriesPlan& series : further) study.series.push_back(std::move(series));
  patient.studies = {std::move(study)};
  patient.clinical = full_clinical_row(patient, patient.parameters.deposits.empty() ? "" : surgery_date, random);
  patient.clinical.adjacent_fracture = "0";
}

PatientPlan bilateral_without_leak() {
  PatientPlan patient = base_patient(1, 101);
  PhantomParameters& parameters = patient.parameters;
  parameters.scan = small_scan(1.5, ReconstructionKernel::standard);
  parameters.scan.top_level = "T11", parameters.scan.top_fraction = 0.4, parameters.scan.bottom_level = "L3",
  parameters.scan.bottom_fraction = 0.6;
  parameters.anatomy.trabecular_hu = 75;
  parameters.fractures = {{"L1", FractureType::wedge, 0.25}};
  parameters.deposits = {{"L1", CementPattern::bilateral, 5.2, {}, 2300, 0.08}};
  PhantomScan thick = parameters.scan;
  thick.slice_thickness_mm = thick.slice_spacing_mm = 4.5, thick.kernel = ReconstructionKernel::soft;
  finish(patient, "20210610", {plan_series(SeriesKind::thick, 3, thick, patient.pixels)});
  patient.clinical.soft_tissue_injury = "0", patient.clinical.vas_1_month = "2";
  return patient;
}

PatientPlan one_sided_with_paravertebral_leak() {
  PatientPlan patient = base_patient(2, 207);
  PhantomParameters& parameters = patient.parameters;
  parameters.scan = small_scan(1.75, ReconstructionKernel::standard);
  parameters.scan.top_level = "T12", parameters.scan.top_fraction = 0.7, parameters.scan.bottom_level = "L4",
  parameters.scan.bottom_fraction = 0.5;
  parameters.anatomy.trabecular_hu = 60, parameters.anatomy.aortic_calcification = 0.6, parameters.anatomy.scoliosis_cobb_deg = 7;
  parameters.fractures = {{"L2", FractureType::biconcave, 0.2}};
  parameters.deposits = {{"L2", CementPattern::left, 3.4, {{CementZone::paravertebral, 0.45}}, 2000, 0.1}};
  finish(patient, "20200302", {plan_series(SeriesKind::dose_report, 997, parameters.scan, patient.pixels)});
  patient.clinical.soft_tissue_injury = "1", patient.clinical.vas_1_month = "5";
  return patient;
}

PatientPlan two_levels_with_disc_and_canal_leak() {
  PatientPlan patient = base_patient(3, 303);
  PhantomParameters& parameters = patient.parameters;
  parameters.scan = small_scan(2.0, ReconstructionKernel::standard);
  parameters.scan.top_level = "T10", parameters.scan.top_fraction = 0.5, parameters.scan.bottom_level = "L2",
  parameters.scan.bottom_fraction = 0.3;
  parameters.anatomy.trabecular_hu = 90, parameters.anatomy.axial_rotation_deg = 6;
  parameters.fractures = {{"T12", FractureType::crush, 0.3}};
  parameters.deposits = {{"T11", CementPattern::central_spread, 3.0, {{CementZone::disc, 0.5}}, 2500, 0.1},
                         {"T12", CementPattern::right, 2.8, {{CementZone::canal, 0.4}}, 2500, 0.1}};
  finish(patient, "20220119", {});
  patient.clinical.bmd_t_score.clear();
  return patient;
}

PatientPlan without_cement() {
  PatientPlan patient = base_patient(4, 404);
  PhantomParameters& parameters = patient.parameters;
  parameters.scan = small_scan(2.0, ReconstructionKernel::standard);
  parameters.scan.top_level = "L1", parameters.scan.top_fraction = 0.4, parameters.scan.bottom_level = "L4",
  parameters.scan.bottom_fraction = 0.4;
  parameters.anatomy.facet_sclerosis_hu = 300, parameters.anatomy.osteophytes = 0.5, parameters.anatomy.has_disc_gas = true;
  finish(patient, "20211104", {});
  return patient;
}

FilmPlan small_film(PhantomFilmView view, double width_mm) {
  FilmPlan plan;
  plan.film.view = view, plan.film.pixel_mm = 0.3, plan.film.width_mm = width_mm, plan.film.height_mm = 270, plan.film.centre_z_mm = -10;
  plan.film.bits_stored = 10, plan.film.noise = 0.006;
  return plan;
}

void finish_films(PatientPlan& patient, const std::string& surgery_date, std::vector<FilmPlan> films) {
  Random random(patient.seed, "sample");
  patient.birth_date = fmt::format("{}0415", std::stoi(surgery_date.substr(0, 4)) - patient.age);
  patient.films = std::move(films);
  patient.studies = {{shifted_date(surgery_date, 1), "093000", "SPINE 2 VIEWS", false, {}}};
  patient.clinical = full_clinical_row(patient, surgery_date, random);
  patient.clinical.adjacent_fracture = "0";
}

PatientPlan films_of_one_level() {
  PatientPlan patient = base_patient(5, 505);
  PhantomParameters& parameters = patient.parameters;
  parameters.fractures = {{"L1", FractureType::wedge, 0.2}};
  parameters.deposits = {{"L1", CementPattern::central_spread, 5.0, {}, 2400, 0.08}};
  finish_films(patient, "20230508", {small_film(PhantomFilmView::ap, 200), small_film(PhantomFilmView::lateral, 200)});
  return patient;
}

PatientPlan films_without_view_tags() {
  PatientPlan patient = base_patient(6, 606);
  PhantomParameters& parameters = patient.parameters;
  parameters.deposits = {{"L2", CementPattern::left, 4.0, {{CementZone::paravertebral, 0.8}}, 2400, 0.08}};
  std::vector<FilmPlan> films{small_film(PhantomFilmView::ap, 220), small_film(PhantomFilmView::lateral, 220)};
  for (FilmPlan& plan : films) plan.has_view_tags = false;
  films[1].film.is_monochrome1 = true, films[1].film.is_mirrored = true;
  finish_films(patient, "20230921", std::move(films));
  return patient;
}

PatientPlan fresh_fracture_on_mr() {
  PatientPlan patient = base_patient(7, 709);
  imaging::PhantomMrParameters& mr = patient.mr;
  mr.seed = patient.seed, mr.fractures = {{"L1", FractureType::wedge, 0.3}}, mr.oedema = {{"L1", 0.65, 0.8}};
  mr.injuries = {{"L1", -8, 62, 5, 0, 4, 22, 0.8}};
  mr.subcutaneous = {{"L4", 0, 70, 5, 3, 0, 25, 0.7}};
  mr.scan.columns = mr.scan.rows = 176, mr.scan.pixel_mm = 1.35, mr.scan.n_slices = 11, mr.scan.thickness_mm = 4, mr.scan.spacing_mm = 4.8;
  mr.scan.noise_fraction = 0.04, mr.scan.coil = {1.2, 50, 0.05, 0.2};
  patient.mr_vendor = MrVendor::siemens;
  const std::string surgery_date = "20220608";
  Random random(patient.seed, "sample");
  patient.birth_date = fmt::format("{}0415", std::stoi(surgery_date.substr(0, 4)) - patient.age);
  using enum imaging::MrSequence;
  patient.studies = {plan_mr_study(patient, shifted_date(surgery_date, -6), {t1, t2, t2_fs, stir})};
  patient.clinical = full_clinical_row(patient, surgery_date, random);
  patient.clinical.treated_levels = "L1", patient.clinical.soft_tissue_injury.clear(), patient.clinical.adjacent_fracture.clear();
  return patient;
}

PatientPlan collapse_above_the_treated_level() {
  PatientPlan patient = base_patient(8, 811);
  PhantomParameters& parameters = patient.parameters;
  parameters.scan = small_scan(2.0, ReconstructionKernel::soft);
  parameters.scan.columns = parameters.scan.rows = 144, parameters.scan.pixel_mm = 0.9, parameters.scan.noise_hu = 8;
  parameters.scan.top_level = "T11", parameters.scan.top_fraction = 0.3, parameters.scan.bottom_level = "L3",
  parameters.scan.bottom_fraction = 0.7;
  parameters.anatomy.trabecular_hu = 70;
  parameters.fractures = {{"L1", FractureType::wedge, 0.15}};
  parameters.deposits = {{"L1", CementPattern::bilateral, 5.0, {}, 2300, 0.08}};
  finish(patient, "20220905", {});
  patient.clinical.adjacent_fracture.clear(), patient.clinical.vas_1_month = "5";
  StudyPlan later = patient.studies.front();
  later.date = shifted_date(later.date, 88), later.description = "CT SPINE FOLLOW-UP", later.is_follow_up = true;
  later.collapsed_since = {{"T12", FractureType::wedge, 0.38}};
  std::erase_if(later.series, [](const SeriesPlan& series) { return series.kind == SeriesKind::localizer; });
  patient.studies.push_back(std::move(later));
  return patient;
}

}  // namespace

std::vector<PatientPlan> plan_sample() {
  return {bilateral_without_leak(),
          one_sided_with_paravertebral_leak(),
          two_levels_with_disc_and_canal_leak(),
          without_cement(),
          films_of_one_level(),
          films_without_view_tags(),
          fresh_fracture_on_mr(),
          collapse_above_the_treated_level()};
}

}  // namespace cemscope::phantom
