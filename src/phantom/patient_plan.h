#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/phantom/film.h"
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

struct StudyPlan {
  std::string date, time, description;
  bool is_before_surgery = false;
  std::vector<SeriesPlan> series;
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
  std::vector<FilmPlan> films;                 ///< of the last study; the only images when that study has no series
  SeriesKind main_series = SeriesKind::axial;  ///< of the study after surgery: the one that truth speaks of
};

/// Patient `number` (from 1) of a random export. Every fourth treated patient also has a scan before surgery; about a third have a thick
/// duplicate, a bone kernel or a sagittal reformat beside the main series.
PatientPlan plan_patient(std::uint64_t export_seed, int number);

/// A random patient of whom there are an AP and a lateral film only; every third pair says nothing of its views, every fourth nothing of its
/// spacing.
PatientPlan plan_film_patient(std::uint64_t export_seed, int number);

/// The patients of sample_dicom. CT: bilateral without a leak, one-sided with a paravertebral leak, two levels with disc and canal leaks, and
/// one without cement. Films only: one level with tags, and one whose films (one of them MONOCHROME1) say nothing of their views. Small
/// matrices and compressed, so that they fit a repository.
std::vector<PatientPlan> plan_sample();

}  // namespace cemscope::phantom
