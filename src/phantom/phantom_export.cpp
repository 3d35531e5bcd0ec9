#include "src/phantom/phantom_export.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "imaging/phantom/phantom.h"
#include "src/phantom/film_series.h"
#include "src/phantom/image_series.h"
#include "src/phantom/mr_series.h"
#include "src/phantom/other_objects.h"
#include "src/phantom/truth_file.h"
#include "src/phantom/uid.h"

namespace cemscope::phantom {
namespace {

namespace fs = std::filesystem;
using imaging::PhantomParameters;
using imaging::PhantomPatient;

void write_text(const fs::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw Error(ErrorKind::unreadable, "cannot write " + path.string());
}

// Names of a patient's files in its PACS's style.
fs::path image_path(const fs::path& root, const SeriesIdentity& identity, const SeriesPlan& series, int number,
                    const std::string& sop_uid) {
  const PatientPlan& patient = identity.patient;
  switch (patient.files) {
    case FileStyle::numbered:
      return root / patient.patient_id / ("ST" + identity.study.date) / fmt::format("SE{:03}", series.number) /
             fmt::format("IM{:06}", number);
    case FileStyle::hexadecimal:
      return root / make_hex_name(patient.seed, "folder") / make_hex_name(patient.seed, identity.study_uid) /
             make_hex_name(patient.seed, identity.series_uid) / make_hex_name(patient.seed, sop_uid);
    case FileStyle::uid: return root / identity.study_uid / identity.series_uid / (sop_uid + ".dcm");
    case FileStyle::flat:
      return root / ("pat " + patient.patient_id) /
             fmt::format("CT.{}.{:04}.dcm", make_hex_name(patient.seed, identity.series_uid), number);
  }
  return root;
}

// Within the phantom's ranges.
void lie(imaging::PhantomAnatomy& anatomy, const PatientPose& pose) {
  anatomy.patient_pitch_deg = std::clamp(anatomy.patient_pitch_deg + pose.pitch_deg, -15.0, 15.0);
  anatomy.patient_roll_deg = std::clamp(anatomy.patient_roll_deg + pose.roll_deg, -10.0, 10.0);
  anatomy.axial_rotation_deg = std::clamp(anatomy.axial_rotation_deg + pose.turn_deg, -15.0, 15.0);
  anatomy.patient_shift_mm += pose.shift_mm;
}

/// The patient at the time of a study.
PhantomParameters parameters_at(const PatientPlan& patient, const StudyPlan& study) {
  PhantomParameters parameters = patient.parameters;
  if (study.is_before_surgery) parameters.deposits.clear();
  if (study.pose) lie(parameters.anatomy, *study.pose);
  constexpr double kWorst = 0.6;
  for (const auto& fracture : study.collapsed_since) {
    const auto old = std::find_if(parameters.fractures.begin(), parameters.fractures.end(),
                                  [&](const auto& one) { return one.level == fracture.level; });
    if (old == parameters.fractures.end())
      parameters.fractures.push_back(fracture);
    else
      old->compression = std::min(kWorst, old->compression + fracture.compression);
  }
  return parameters;
}

PhantomParameters scan_of(const PatientPlan& patient, const StudyPlan& study, const SeriesPlan& series) {
  PhantomParameters parameters = parameters_at(patient, study);
  parameters.scan = series.scan;
  return parameters;
}

bool is_reported(SeriesKind kind) { return kind == SeriesKind::dose_report; }

SeriesIdentity identity_of(const PatientPlan& patient, const StudyPlan& study, const SeriesPlan& series) {
  const auto uid = [&](const std::string& name) { return make_uid(patient.seed, study.date + name); };
  const std::string modality = is_reported(series.kind) ? "SR" : "CT";
  return {patient, study, uid(" study"), uid(fmt::format(" series {}", series.number)), uid(" frame"), modality};
}

void write_series(const fs::path& root, const SeriesIdentity& identity, const SeriesPlan& series, const PhantomPatient& phantom) {
  const NameImage name = [&](int number, const std::string& sop_uid) { return image_path(root, identity, series, number, sop_uid); };
  switch (series.kind) {
    case SeriesKind::localizer: return write_localizer(phantom, identity, series, name);
    case SeriesKind::dose_report: return write_dose_report(identity, series, name);
    case SeriesKind::dose_page: return write_dose_page(identity, series, name);
    default: return write_ct_series(phantom, identity, series, name);
  }
}

// Localizer and reports are made from the main series' scan, so each study scans the main series once.
bool needs_own_scan(const PatientPlan& patient, const SeriesPlan& series) {
  const bool is_image = series.kind == SeriesKind::axial || series.kind == SeriesKind::thick || series.kind == SeriesKind::bone ||
                        series.kind == SeriesKind::mpr;
  return is_image && !(series.kind == patient.main_series && series.number == 2);
}

const SeriesPlan& main_series(const PatientPlan& patient, const StudyPlan& study) {
  for (const SeriesPlan& series : study.series)
    if (series.kind == patient.main_series && series.number == 2) return series;
  throw Error(ErrorKind::inconsistent, "a phantom's study has no main series");
}

PhantomPatient write_study(const fs::path& root, const PatientPlan& patient, const StudyPlan& study) {
  PhantomPatient main = imaging::make_phantom(scan_of(patient, study, main_series(patient, study)));
  for (const SeriesPlan& series : study.series) {
    const SeriesIdentity identity = identity_of(patient, study, series);
    if (needs_own_scan(patient, series))
      write_series(root, identity, series, imaging::make_phantom(scan_of(patient, study, series)));
    else
      write_series(root, identity, series, main);
  }
  return main;
}

imaging::PhantomTruth write_films(const fs::path& root, const PatientPlan& patient, const StudyPlan& study) {
  std::vector<imaging::PhantomFilmParameters> parameters;
  for (const FilmPlan& plan : patient.films) parameters.push_back(plan.film);
  const imaging::PhantomFilmStudy films = imaging::make_phantom_films(parameters_at(patient, study), parameters);
  for (std::size_t n = 0; n < patient.films.size(); ++n) {
    SeriesPlan series;
    series.number = static_cast<int>(n) + 11, series.description = "SPINE";
    SeriesIdentity identity = identity_of(patient, study, series);
    identity.modality = "DX";
    const NameImage name = [&](int number, const std::string& sop_uid) { return image_path(root, identity, series, number, sop_uid); };
    write_film(films.films[n], patient.films[n], identity, series, name);
  }
  return films.truth;
}

// Marrow oedema of a body that has collapsed since.
constexpr double kFreshOedema_s = 0.6, kFreshOedemaShare = 0.8;

imaging::PhantomMrTruth write_mr(const fs::path& root, const PatientPlan& patient, const StudyPlan& study) {
  imaging::PhantomMrTruth truth;
  for (const MrSeriesPlan& plan : study.mr) {
    SeriesPlan series;
    series.number = plan.number;
    SeriesIdentity identity = identity_of(patient, study, series);
    identity.modality = "MR";
    imaging::PhantomMrParameters parameters = patient.mr;
    parameters.scan = plan.scan;
    if (study.pose) lie(parameters.anatomy, *study.pose);
    if (!study.is_before_surgery)
      for (const auto& deposit : patient.parameters.deposits) parameters.findings.cement_levels.push_back(deposit.level);
    for (const auto& fracture : study.collapsed_since)
      parameters.fractures.push_back(fracture), parameters.oedema.push_back({fracture.level, kFreshOedema_s, kFreshOedemaShare});
    const imaging::PhantomMrExam exam = imaging::make_mr_phantom(parameters);
    const NameImage name = [&](int number, const std::string& sop_uid) { return image_path(root, identity, series, number, sop_uid); };
    write_mr_series(exam, identity, plan, name);
    truth = exam.truth;
  }
  return truth;
}

// The truth on a grid parallel to the patient's axes: a tilted field is labelled as if the gantry had stood upright.
std::string npz_of(const PatientPlan& patient, const PhantomPatient& phantom) {
  if (patient.parameters.scan.gantry_tilt_deg == 0) return truth_npz(phantom);
  PhantomParameters upright = patient.parameters;
  upright.scan.gantry_tilt_deg = 0;
  return truth_npz(imaging::make_phantom(upright));
}

/// A patient's entry of truth.json, and the scan after surgery, if there is one.
struct WrittenPatient {
  nlohmann::ordered_json truth;
  std::optional<PhantomPatient> phantom;
};

WrittenPatient write_patient(const fs::path& root, const PatientPlan& patient) {
  WrittenPatient written;
  std::optional<imaging::PhantomTruth> films;
  std::optional<imaging::PhantomMrTruth> mr;
  std::string ct_series_uid;
  for (const StudyPlan& study : patient.studies) {
    if (!study.mr.empty()) {
      auto truth = write_mr(root, patient, study);
      if (!study.is_follow_up) mr = std::move(truth);
    }
    if (study.series.empty() && !patient.films.empty()) {
      auto truth = write_films(root, patient, study);
      if (!study.is_follow_up) films = std::move(truth);
    }
    if (study.series.empty()) continue;
    auto phantom = write_study(root, patient, study);
    if (study.is_before_surgery || study.is_follow_up) continue;
    ct_series_uid = identity_of(patient, study, main_series(patient, study)).series_uid;
    written.phantom = std::move(phantom);
  }
  written.truth = films && !written.phantom
                      ? film_truth_entry(patient, *films)
                      : truth_entry(patient, written.phantom ? written.phantom->truth : imaging::PhantomTruth{}, ct_series_uid);
  if (mr) add_mr_truth(written.truth, *mr);
  if (patient.studies.back().is_follow_up) add_follow_up_truth(written.truth, patient);
  return written;
}

std::string clinical_line(const PatientPlan& patient) {
  const ClinicalRow& row = patient.clinical;
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", patient.patient_id, row.surgery_date, row.treated_levels, row.bmd_t_score,
                     row.age, row.sex, row.bmi, row.approach, row.adjacent_fracture, row.soft_tissue_injury, row.vas_preop,
                     row.vas_1_month);
}

constexpr const char* kClinicalHeader =
    "patient_id,surgery_date,treated_levels,bmd_t_score,age,sex,bmi,approach,adjacent_fracture,soft_tissue_injury,vas_preop,vas_1_month\n";

fs::path any_file_below(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) return entry.path();
  return {};
}

void require_empty(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !(fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored)))
    throw Error(ErrorKind::usage, folder.string() + " exists and is not empty: give a new folder for the phantoms");
}

}  // namespace

void export_phantoms(const fs::path& folder, const ExportOptions& options) {
  require_empty(folder);
  prepare_encoders();
  const bool has_npz = options.truth == TruthFiles::json_and_npz;
  const fs::path root = has_npz ? folder / "export" : folder;
  fs::create_directories(root);
  nlohmann::ordered_json truth = nlohmann::ordered_json::object();
  std::string clinical = kClinicalHeader;
  int n_done = 0;
  for (const PatientPlan& patient : options.patients) {
    auto written = write_patient(root, patient);
    truth[patient.patient_id] = std::move(written.truth);
    if (has_npz && written.phantom) write_text(folder / ("truth_" + patient.patient_id + ".npz"), npz_of(patient, *written.phantom));
    clinical += clinical_line(patient);
    if (options.progress) options.progress(++n_done, static_cast<int>(options.patients.size()));
  }
  if (options.has_junk) write_junk(root / "misc", any_file_below(root));
  write_text(folder / "clinical.csv", clinical);
  write_text(folder / "truth.json", truth.dump(1) + "\n");
}

}  // namespace cemscope::phantom
