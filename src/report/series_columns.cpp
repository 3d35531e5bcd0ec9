#include "src/report/csv_cell.h"
#include "src/report/tables.h"

namespace cemscope::report {
namespace {

using ingest::Failure;
using ingest::Series;
using SeriesColumn = Column<PatientSeries>;

SeriesColumn text(const char* name, std::string Series::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const PatientSeries& s) { return text_cell(s.row.series.*member); }};
}

SeriesColumn row_text(const char* name, std::string cohort::SeriesRow::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const PatientSeries& s) { return text_cell(s.row.*member); }};
}

SeriesColumn count(const char* name, int Series::*member, const char* meaning) {
  return {name, "", "integer", meaning, [member](const PatientSeries& s) { return std::to_string(s.row.series.*member); }};
}

SeriesColumn length(const char* name, std::optional<double> Series::*member, const char* meaning) {
  return {name, "mm", "number or empty", meaning, [member](const PatientSeries& s) { return number_cell(s.row.series.*member, 3); }};
}

Column<Failure> failure(const char* name, std::string Failure::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const Failure& f) { return text_cell(f.*member); }};
}

}  // namespace

const std::vector<SeriesColumn>& series_columns() {
  static const std::vector<SeriesColumn> columns{
      {"patient_id", "", "text", "PatientID as in DICOM, or the pseudonym",
       [](const PatientSeries& s) { return text_cell(s.patient.patient_id); }},
      {"case_id", "", "text", "the patient's folder below cases/", [](const PatientSeries& s) { return text_cell(s.patient.case_id); }},
      row_text("study_date", &cohort::SeriesRow::study_date, "YYYY-MM-DD or empty", "date of the study"),
      row_text("phase", &cohort::SeriesRow::phase, "preop | day_of_surgery | postop | followup | unknown",
               "the study's place against the augmentation"),
      text("study_uid", &Series::study_uid, "UID", "StudyInstanceUID"),
      text("series_uid", &Series::series_uid, "UID", "SeriesInstanceUID"),
      count("series_number", &Series::series_number, "SeriesNumber"),
      text("modality", &Series::modality, "CT, MR, DX ...", "Modality"),
      text("description", &Series::description, "text", "SeriesDescription; left out under --deidentify"),
      {"role", "",
       "axial_ct | mpr_ct | thick_ct | localizer | dose_report | secondary_capture | derived | ap_film | lateral_film | other_film | mr_t1 "
       "| "
       "mr_t2 | mr_t2_fs | mr_stir | mr_other | unsupported | unreadable | other",
       "what the series is for", [](const PatientSeries& s) { return ingest::to_string(s.row.series.role); }},
      {"chosen", "", "yes | no", "whether findings rest on it",
       [](const PatientSeries& s) { return std::string(s.row.chosen ? "yes" : "no"); }},
      row_text("reason", &cohort::SeriesRow::reason, "text", "why it has this role and was chosen or not"),
      {"score", "1", "number", "preference among the CT series of its study; higher is better",
       [](const PatientSeries& s) { return number_cell(s.row.series.score, 3); }},
      {"n_images", "", "integer", "images of the series", [](const PatientSeries& s) { return std::to_string(s.row.n_images); }},
      count("rows", &Series::rows, "Rows"),
      count("columns", &Series::columns, "Columns"),
      length("slice_spacing_mm", &Series::slice_spacing_mm, "distance of slices from their positions"),
      length("slice_thickness_mm", &Series::slice_thickness_mm, "SliceThickness as printed; never used as geometry"),
      text("kernel", &Series::kernel, "text", "ConvolutionKernel"),
      text("transfer_syntax_uid", &Series::transfer_syntax_uid, "UID", "TransferSyntaxUID"),
  };
  return columns;
}

const std::vector<Column<Failure>>& failure_columns() {
  static const std::vector<Column<Failure>> columns{
      failure("code", &Failure::code, "code", "what is wrong, in a stable code"),
      failure("sentence", &Failure::sentence, "text", "what is wrong, value found, value needed, what to do"),
      failure("path", &Failure::path, "path or empty", "the file, relative to the export folder; replaced under --deidentify"),
      failure("patient_id", &Failure::patient_id, "text or empty", "PatientID as in DICOM, or the pseudonym"),
      failure("case_id", &Failure::case_id, "text or empty", "the patient's folder below cases/"),
      failure("series_uid", &Failure::series_uid, "UID or empty", "SeriesInstanceUID"),
  };
  return columns;
}

}  // namespace cemscope::report
