#include "src/commands/index.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/ingest/export_input.h"
#include "src/report/csv_cell.h"

namespace cemscope::commands {

namespace {

using ingest::SeriesRole;

bool is_useful(SeriesRole role) {
  switch (role) {
    case SeriesRole::axial_ct:
    case SeriesRole::mpr_ct:
    case SeriesRole::thick_ct:
    case SeriesRole::ap_film:
    case SeriesRole::lateral_film:
    case SeriesRole::other_film:  // without tags the picture tells its view
    case SeriesRole::mr_t1:
    case SeriesRole::mr_t2:
    case SeriesRole::mr_t2_fs:
    case SeriesRole::mr_stir: return true;
    default: return false;
  }
}

// Control characters have no business on a terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

std::string table_row(const ingest::Series& series) {
  return fmt::format("    {:>4}  {:<4} {:<17} {:>5}  {}  [{}]\n", series.series_number, printable(series.modality),
                     ingest::to_string(series.role), series.images.size(), printable(series.description), printable(series.reason));
}

std::string date_of(const ingest::Study& study) { return study.date.empty() ? "no date" : printable(study.date); }

void write_failures(std::ostream& out, const std::vector<ingest::Failure>& failures) {
  if (failures.empty()) return;
  out << fmt::format("\nNot used ({}):\n", failures.size());
  for (const auto& failure : failures) {
    const auto& where = failure.path.empty() ? failure.series_uid.empty() ? failure.case_id : failure.series_uid : failure.path;
    out << fmt::format("  {}: {} ({})\n", failure.code, printable(failure.sentence), where);
  }
}

void write_table(std::ostream& out, const ingest::ExportIndex& index) {
  out << fmt::format("{} files, {} DICOM, {} other; {} patients\n", index.n_files, index.n_dicom, index.n_files - index.n_dicom,
                     index.patients.size());
  for (const auto& patient : index.patients) {
    out << fmt::format("\n{}\n", patient.case_id);
    for (const auto& study : patient.studies) {
      out << fmt::format("  {}  {}\n", date_of(study), printable(study.description));
      for (const auto& series : study.series) out << table_row(series);
    }
  }
  write_failures(out, index.failures);
}

std::vector<std::string> csv_cells(const ingest::Patient& patient, const ingest::Study& study, const ingest::Series& series) {
  using report::number_cell, report::text_cell;
  return {text_cell(patient.patient_id),
          text_cell(patient.case_id),
          text_cell(study.date),
          text_cell(study.study_uid),
          text_cell(series.series_uid),
          std::to_string(series.part),
          std::to_string(series.series_number),
          text_cell(series.modality),
          text_cell(series.description),
          ingest::to_string(series.role),
          number_cell(series.score, 1),
          text_cell(series.reason),
          std::to_string(series.images.size()),
          std::to_string(series.rows),
          std::to_string(series.columns),
          number_cell(series.slice_spacing_mm, 3),
          number_cell(series.slice_thickness_mm, 3),
          text_cell(series.kernel),
          text_cell(series.transfer_syntax_uid)};
}

void write_csv(std::ostream& out, const ingest::ExportIndex& index) {
  out << report::csv_line({"patient_id", "case_id", "study_date", "study_uid", "series_uid", "part", "series_number", "modality",
                           "description", "role", "score", "reason", "n_images", "rows", "columns", "slice_spacing_mm",
                           "slice_thickness_mm", "kernel", "transfer_syntax_uid"});
  for (const auto& patient : index.patients) {
    for (const auto& study : patient.studies) {
      for (const auto& series : study.series) out << report::csv_line(csv_cells(patient, study, series));
    }
  }
}

// Without names, and with the number of images in place of the list.
nlohmann::json outline(const ingest::Patient& patient) {
  nlohmann::json json = patient;
  json.erase("patient_name");
  for (auto& study : json["studies"]) {
    for (auto& series : study["series"]) {
      series["n_images"] = series["images"].size();
      series.erase("images");
    }
  }
  return json;
}

void write_json(std::ostream& out, const ingest::ExportIndex& index) {
  nlohmann::json json{{"n_files", index.n_files}, {"n_dicom", index.n_dicom},   {"n_not_dicom", index.n_not_dicom},
                      {"n_bytes", index.n_bytes}, {"failures", index.failures}, {"patients", nlohmann::json::array()}};
  for (const auto& patient : index.patients) json["patients"].push_back(outline(patient));
  out << json.dump(2) << '\n';
}

}  // namespace

void write_index(std::ostream& out, const ingest::ExportIndex& index, IndexFormat format) {
  switch (format) {
    case IndexFormat::table: return write_table(out, index);
    case IndexFormat::csv: return write_csv(out, index);
    case IndexFormat::json: return write_json(out, index);
  }
}

bool has_anything_to_score(const ingest::ExportIndex& index) {
  for (const auto& patient : index.patients) {
    for (const auto& study : patient.studies) {
      if (std::any_of(study.series.begin(), study.series.end(), [](const auto& series) { return is_useful(series.role); })) return true;
    }
  }
  return false;
}

int run_index(const IndexArguments& arguments) {
  try {
    ingest::IndexOptions options;
    options.progress = arguments.progress;
    const ingest::ExportInput input(arguments.folder);
    auto index = ingest::index_export(input.folder(), options);
    index.failures.insert(index.failures.end(), input.failures().begin(), input.failures().end());
    write_index(std::cout, index, arguments.format);
    return has_anything_to_score(index) ? 0 : 4;
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return error.kind() == ErrorKind::unreadable || error.kind() == ErrorKind::usage ? 2 : 3;
  }
}

}  // namespace cemscope::commands
