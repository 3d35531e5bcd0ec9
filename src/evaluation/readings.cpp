#include "src/evaluation/readings.h"

#include <algorithm>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/cohort/clinical_values.h"
#include "src/cohort/csv_table.h"
#include "src/evaluation/measures.h"
#include "src/report/atomic_file.h"

namespace cemscope::evaluation {
namespace {

// The apostrophe that keeps a spreadsheet from running a text as a formula.
std::string without_guard(std::string text) {
  if (text.size() > 1 && text[0] == '\'' && std::string("=+-@").find(text[1]) != std::string::npos) text.erase(0, 1);
  return text;
}

Cells cells_of(const cohort::CsvTable& table, const cohort::CsvRow& row) {
  Cells cells;
  for (std::size_t column = 0; column < table.header.size(); ++column)
    if (auto text = cohort::cell_of(row, column); !cohort::says_not_given(text))
      cells[table.header[column]] = without_guard(std::move(text));
  return cells;
}

std::string take(Cells& cells, const std::string& column) {
  const auto text = text_in(cells, column);
  cells.erase(column);
  return text;
}

std::optional<std::array<double, 3>> centre_of(const Cells& cells) {
  std::array<double, 3> centre{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto value = number_in(cells, std::array{"centre_x_mm", "centre_y_mm", "centre_z_mm"}[axis]);
    if (!value) return std::nullopt;
    centre[axis] = *value;
  }
  return centre;
}

// What truths give and vertebrae.csv leaves to its reader.
void derive_left_fraction(Cells& cells) {
  const auto left_ml = number_in(cells, "left_ml"), right_ml = number_in(cells, "right_ml");
  if (!cells.contains("left_fraction") && left_ml && right_ml && *left_ml + *right_ml > 0)
    cells["left_fraction"] = fmt::format("{}", *left_ml / (*left_ml + *right_ml));
}

VertebraReading vertebra_of(Cells cells) {
  VertebraReading vertebra;
  derive_left_fraction(cells);
  vertebra.modality = take(cells, "modality");
  vertebra.level = take(cells, "level");
  vertebra.centre_mm = centre_of(cells);
  vertebra.cells = std::move(cells);
  return vertebra;
}

std::string row_place(const std::string& where, const cohort::CsvRow& row) { return fmt::format("{}: record {}", where, row.record); }

std::string required_id(Cells& cells, const std::string& place) {
  auto id = take(cells, "patient_id");
  if (id.empty()) throw Error(ErrorKind::inconsistent, place + " has no patient_id");
  return id;
}

void require_id_column(const cohort::CsvTable& table, const std::string& where) {
  if (!cohort::column_of(table, "patient_id"))
    throw Error(ErrorKind::inconsistent,
                where + ": the column patient_id is needed; the columns are those of vertebrae.csv or patients.csv");
}

bool lists_vertebrae(const cohort::CsvTable& table) {
  return cohort::column_of(table, "level").has_value() || cohort::column_of(table, "modality").has_value();
}

std::string modality_of(const std::string& text, const std::string& place) {
  if (text.empty() || text == "CT") return "CT";
  if (text == "XR" || text == "DX" || text == "CR") return "XR";
  throw Error(ErrorKind::inconsistent, fmt::format("{}, column modality: \"{}\" is neither CT nor XR", place, text));
}

std::string level_name(const std::string& text, const std::string& place) {
  if (text.empty()) return {};
  const auto levels = cohort::levels_of(text);
  if (!levels || levels->size() != 1)
    throw Error(ErrorKind::inconsistent, fmt::format("{}, column level: \"{}\" names no vertebra", place, text));
  return levels->front();
}

void add_vertebra_row(Readings& readings, Cells cells, const std::string& place) {
  auto& patient = readings.patients[required_id(cells, place)];
  auto vertebra = vertebra_of(std::move(cells));
  vertebra.modality = modality_of(vertebra.modality, place);
  patient.modalities.insert(vertebra.modality);
  if (vertebra.level == "none") return;
  vertebra.level = level_name(vertebra.level, place);
  check_words(vertebra.cells, Scope::vertebra, place);
  patient.vertebrae.push_back(std::move(vertebra));
}

void add_patient_row(Readings& readings, Cells cells, const std::string& place) {
  const auto id = required_id(cells, place);
  check_words(cells, Scope::patient, place);
  if (readings.patients.contains(id)) throw Error(ErrorKind::inconsistent, place + " repeats a patient_id");
  readings.patients[id].cells = std::move(cells);
}

cohort::CsvTable output_table(const std::filesystem::path& folder, const char* name) {
  if (!std::filesystem::is_regular_file(folder / name))
    throw Error(ErrorKind::unreadable,
                fmt::format("{} has no {}: give the output folder of a finished cemscope score", folder.string(), name));
  auto table = cohort::read_csv(folder / name);
  require_id_column(table, name);
  return table;
}

}  // namespace

std::string text_in(const Cells& cells, const std::string& column) {
  const auto at = cells.find(column);
  return at == cells.end() ? std::string{} : at->second;
}

std::optional<double> number_in(const Cells& cells, const std::string& column) {
  const auto at = cells.find(column);
  return at == cells.end() ? std::nullopt : cohort::number_of(at->second);
}

Readings read_output(const std::filesystem::path& folder) {
  Readings readings;
  const auto patients = output_table(folder, "patients.csv");
  for (const auto& row : patients.rows) {
    auto cells = cells_of(patients, row);
    auto& patient = readings.patients[take(cells, "patient_id")];
    patient.case_id = take(cells, "case_id");
    patient.cells = std::move(cells);
  }
  const auto vertebrae = output_table(folder, "vertebrae.csv");
  for (const auto& row : vertebrae.rows) {
    auto cells = cells_of(vertebrae, row);
    auto& patient = readings.patients[take(cells, "patient_id")];
    patient.vertebrae.push_back(vertebra_of(std::move(cells)));
  }
  return readings;
}

Readings parse_truth_csv(const std::string& text, const std::string& where) {
  const auto table = cohort::parse_csv(text, where);
  require_id_column(table, where);
  Readings readings;
  const auto add = lists_vertebrae(table) ? add_vertebra_row : add_patient_row;
  for (const auto& row : table.rows) add(readings, cells_of(table, row), row_place(where, row));
  if (readings.patients.empty()) throw Error(ErrorKind::inconsistent, where + ": the table has a header but no rows");
  return readings;
}

Readings read_truth(const std::filesystem::path& path) {
  const auto text = report::read_file(path);
  const auto first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const auto where = path.filename().string();
  return first != text.npos && text[first] == '{' ? parse_truth_json(text, where) : parse_truth_csv(text, where);
}

}  // namespace cemscope::evaluation
