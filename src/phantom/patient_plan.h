#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/phantom/film.h"
#include "imaging/phantom/mr_parameters.h"
#include "imaging/phantom/phantom_parameters.h"

namespace cemscope::phantom {

enum class TransferSyntax { implicit_little, explicit_little, explicit_big, deflated, rle, jpeg_lossless, jpeg_ls };

/// How a scanner stores densities.
struct PixelStyle {
  int bits_stored = 12;
  bool is_signed = false;
  int intercept = -1024;
  std::optional<int> padding;  ///< stored value outside the reconstruction circle
};

/// How a PACS names folders and files.
enum class FileStyle { numbered, hexadecimal, uid, flat };

enum class SeriesKind { localizer, axial, thick, bone, mpr, dose_report, dose_page };

struct SeriesPlan {
  SeriesKind kind = SeriesKind::axial;
  int number = 2;
  std::string description, kernel;
  imaging::PhantomScan scan;  ///< of the image series
};

/// Whose words and habits an MR examination's tags follow.
enum class MrVendor { siemens, ge, philips, canon, united_imaging };

/// A series of a sagittal MR examination.
struct MrSeriesPlan {
  int number = 2;
  imaging::PhantomMrScan scan;
};

/// How a patient lies otherwise than on the day of the main scan.
struct PatientPose {
  double pitch_deg = 0, roll_deg = 0, turn_deg = 0;
  imaging::Point_mm shift_mm{0, 0, 0};
};

struct StudyPlan {
  std::string date, time, description;
  bool is_before_surgery = false;
  std::vector<SeriesPlan> series;
  std::vector<MrSeriesPlan> mr = {};
  bool is_follow_up = false;
  std::vector<imaging::PhantomFracture> collapsed_since = {};  ///< of a follow-up
  std::optional<PatientPose> pose = {};
};

/// A film of the patient after surgery, and which tags go with it.
struct FilmPlan {
  imaging::PhantomFilmParameters film;
  bool has_view_tags = true, has_spacing = true;
};

/// A row of clinical.csv; empty fields are missing.
struct ClinicalRow {
  std::string surgery_date, treated_levels, bmd_t_score, age, sex, bmi, approach, adjacent_fracture, soft_tissue_injury, vas_preop,
      vas_1_month;
};

/// Everything about one patient of the export.
struct PatientPlan {
  std::string patient_id, patient_name, character_set = "ISO_IR 192", birth_date, sex;
  int age = 70;
  std::uint64_t seed = 1;
  imaging::PhantomParameters parameters;
  ClinicalRow clinical;
  TransferSyntax transfer_syntax = TransferSyntax::explicit_little;
  PixelStyle pixels;
  FileStyle files = FileStyle::numbered;
  std::vector<StudyPlan> studies;
  std::vector<FilmPlan> films;      ///< of every study without other series
  imaging::PhantomMrParameters mr;  ///< what MR shows; the scan is each series' own
  MrVendor mr_vendor = MrVendor::siemens;
  SeriesKind main_series = SeriesKind::axial;  ///< of the study after surgery: the one that truth speaks of
};

/// Patient `number` (from 1) of a random export. Every fourth treated patient also has a scan before surgery; about a third have a thick
/// duplicate, a bone kernel or a sagittal reformat beside the main series.
PatientPlan plan_patient(std::uint64_t export_seed, int number);

/// A random patient of whom there are an AP and a lateral film only; every third pair says nothing of its views, every fourth nothing of
/// its spacing.
PatientPlan plan_film_patient(std::uint64_t export_seed, int number);

/// The same patient as plan_patient's with a sagittal MR examination one to three weeks before surgery: T1, T2 and T2 FS, STIR or both, in
/// one of five vendors' words. What is treated is what shows marrow oedema.
PatientPlan plan_mr_patient(std::uint64_t export_seed, int number);

/// The same patient as plan_patient's, if treated, with a sagittal STIR and a CT before surgery, in another position and in slices of
/// another thickness. No treated body has collapsed: the fracture lies under the lower endplates of odd patients and under the upper ones
/// of even patients, as condensed spongiosa on CT and as oedema on MR.
PatientPlan plan_preoperative_patient(std::uint64_t export_seed, int number);

/// The same patient as plan_patient's with a CT two to six months later, in which for every other one a body next to the treated one has
/// collapsed by 28-45 %.
PatientPlan plan_followed_patient(std::uint64_t export_seed, int number);

/// The patients of sample_dicom. CT: bilateral without a leak, one-sided with a paravertebral leak, two levels with disc and canal leaks,
/// and one without cement. Films only: one level with tags, and one whose films (one of them MONOCHROME1) say nothing of their views. MR
/// before surgery: an injured fascia and a fresh L1. Two CTs, three months apart: T12 above the treated L1 collapses. Small matrices and
/// compressed, so that they fit a repository.
std::vector<PatientPlan> plan_sample();

}  // namespace cemscope::phantom
