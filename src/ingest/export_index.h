#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace cemscope::ingest {

/// A file, series or case that could not be used: a row of failures.csv.
struct Failure {
  std::string code;                             ///< stable, snake_case, e.g. "truncated_pixel_data"
  std::string sentence;                         ///< what is wrong, value found, value needed, what to do
  std::string path;                             ///< relative to the export folder, '/' separated; empty when not about one file
  std::string patient_id, case_id, series_uid;  ///< empty when unknown
};

/// What a series is for. `*_ct` etc. are candidates for measurement, the rest are distractors with a reason.
enum class SeriesRole {
  axial_ct,
  mpr_ct,
  thick_ct,
  localizer,
  dose_report,
  secondary_capture,
  derived,
  ap_film,
  lateral_film,
  other_film,
  mr_t1,
  mr_t2,
  mr_t2_fs,
  mr_stir,
  mr_other,
  unsupported,
  unreadable,
  other
};

/// One image of a series: a file, or one frame of a multi-frame file.
struct ImageRef {
  std::string path;  ///< relative to the export folder
  int frame = 0;     ///< 0-based
  std::string sop_instance_uid;
  int instance_number = 0;
  std::optional<std::array<double, 3>> position_mm;  ///< ImagePositionPatient, LPS
};

struct Series {
  std::string series_uid, study_uid, frame_of_reference_uid, sop_class_uid, transfer_syntax_uid;
  std::string modality, description, protocol, body_part, image_type, kernel, view_position, manufacturer, laterality;
  int part = 0;  ///< 1, 2 ... when one SeriesInstanceUID held several stacks; 0: not split
  int series_number = 0, rows = 0, columns = 0, bits_allocated = 0, bits_stored = 0;
  bool is_signed = false;
  std::string photometric;
  std::optional<std::array<double, 6>> orientation;       ///< ImageOrientationPatient
  std::optional<std::array<double, 2>> pixel_spacing_mm;  ///< row spacing, column spacing
  std::optional<double> slice_thickness_mm;               ///< as printed; never used as geometry
  std::optional<double> slice_spacing_mm;                 ///< from positions projected on the normal; empty when unknown
  std::optional<double> echo_time_ms, repetition_time_ms, inversion_time_ms;
  std::string scan_options, sequence_name;
  std::vector<ImageRef> images;  ///< sorted along the normal, else by instance number and path
  SeriesRole role = SeriesRole::other;
  double score = 0.0;  ///< among the study's CT series: higher is preferred
  std::string reason;  ///< why this role, and why chosen or not
};

struct Study {
  std::string study_uid, date, time, description;  ///< date YYYYMMDD, time HHMMSS; empty when missing
  std::vector<Series> series;                      ///< by series number, then UID
};

struct Patient {
  std::string patient_id;    ///< as in DICOM, decoded to UTF-8
  std::string patient_name;  ///< UTF-8; only for conflict detection and de-identification, never logged
  std::string case_id;       ///< patient_id made safe for a file name, unique in the export
  std::string birth_date, sex;
  std::vector<Study> studies;  ///< by date, time, UID
};

struct ExportIndex {
  std::vector<Patient> patients;  ///< by case_id
  std::vector<Failure> failures;
  std::int64_t n_files = 0, n_dicom = 0, n_not_dicom = 0, n_bytes = 0;
};

/// "axial_ct", "localizer" ... the enum's own spelling.
std::string to_string(SeriesRole role);

void to_json(nlohmann::json& json, const Series& series);
void from_json(const nlohmann::json& json, Series& series);
void to_json(nlohmann::json& json, const Study& study);
void from_json(const nlohmann::json& json, Study& study);
void to_json(nlohmann::json& json, const Patient& patient);
void from_json(const nlohmann::json& json, Patient& patient);
void to_json(nlohmann::json& json, const Failure& failure);
void from_json(const nlohmann::json& json, Failure& failure);

struct IndexOptions {
  int n_workers = 0;  ///< 0: one per core
  /// Called a few times a second while files are read; what it throws ends the scan cleanly.
  std::function<void(std::int64_t n_done, std::int64_t n_total)> progress = {};
};

/// Scans the folder recursively (header only), groups files into patients, studies and series, and gives each series a role and a
/// reason. The result does not depend on file order or on n_workers. Files that are no DICOM are counted; truncated,
/// corrupt or hostile ones become failures. Never writes. Symbolic links are not followed; FIFOs and devices are not opened.
/// Throws Error{unreadable} when the folder cannot be read. Complexity: O(files).
ExportIndex index_export(const std::filesystem::path& folder, const IndexOptions& options);

}  // namespace cemscope::ingest
