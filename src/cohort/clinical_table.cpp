#include "src/cohort/clinical_table.h"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/cohort/clinical_values.h"

namespace cemscope::cohort {
namespace {

struct NumberColumn {
  const char* name;
  double min, max;  ///< what a patient can have at all; outside it is a slip of the pen or of the unit
};
constexpr std::array kNumberColumns{NumberColumn{"bmd_t_score", -8, 6},
                                    NumberColumn{"age", 0, 120},
                                    NumberColumn{"bmi", 8, 90},
                                    NumberColumn{"cement_ml", 0, 40},
                                    NumberColumn{"operation_minutes", 1, 1440},
                                    NumberColumn{"vas_preop", 0, 10},
                                    NumberColumn{"vas_day0", 0, 10},
                                    NumberColumn{"vas_1_month", 0, 10},
                                    NumberColumn{"vas_3_month", 0, 10},
                                    NumberColumn{"vas_6_month", 0, 10},
                                    NumberColumn{"vas_12_month", 0, 10}};
constexpr std::array kYesNoColumns{"adjacent_fracture", "soft_tissue_injury"};
constexpr std::array kTextColumns{"sex", "approach"};

/// One cell with all that a failure about it must say.
struct Cell {
  std::string column, text;
  std::size_t record;
};

class RowReader {
 public:
  RowReader(const std::string& where, ClinicalTable& table) : where_(where), table_(table) {}

  ClinicalRow read(const CsvTable& csv, const CsvRow& source, const std::string& patient_id) {
    row_ = {};
    row_.patient_id = patient_id;
    for (std::size_t i = 0; i < csv.header.size(); ++i) read_cell({csv.header[i], cell_of(source, i), source.record});
    if (source.cells.size() > csv.header.size())
      refuse({"", "", source.record},
             fmt::format("{} cells, the header has {}; the surplus is left out", source.cells.size(), csv.header.size()));
    return row_;
  }

 private:
  void read_cell(const Cell& cell) {
    if (cell.column == "patient_id" || cell.column.empty() || says_not_given(cell.text)) return;
    if (read_number(cell) || read_yes_no(cell) || read_text(cell)) return;
    if (cell.column == "surgery_date")
      read_date(cell);
    else if (cell.column == "treated_levels")
      read_levels(cell);
    else
      row_.covariates[cell.column] = cell.text;
  }

  bool read_number(const Cell& cell) {
    for (const auto& column : kNumberColumns) {
      if (cell.column != column.name) continue;
      const auto value = number_of(cell.text);
      if (value && *value >= column.min && *value <= column.max)
        row_.numbers[column.name] = *value;
      else
        refuse(cell, fmt::format("needed is a number from {} to {}", column.min, column.max));
      return true;
    }
    return false;
  }

  bool read_yes_no(const Cell& cell) {
    for (const char* column : kYesNoColumns) {
      if (cell.column != column) continue;
      if (const auto answer = yes_no_of(cell.text))
        row_.yes_no[column] = *answer;
      else
        refuse(cell, "needed is yes or no");
      return true;
    }
    return false;
  }

  bool read_text(const Cell& cell) {
    for (const char* column : kTextColumns) {
      if (cell.column != column) continue;
      row_.texts[column] = cell.text;
      return true;
    }
    return false;
  }

  void read_date(const Cell& cell) {
    if (const auto date = iso_date(cell.text))
      row_.surgery_date = *date;
    else
      refuse(cell, "needed is a date such as 2019-03-05");
  }

  void read_levels(const Cell& cell) {
    if (const auto levels = levels_of(cell.text))
      row_.treated_levels = *levels;
    else
      refuse(cell, "needed are vertebrae such as T12;L1");
  }

  void refuse(const Cell& cell, const std::string& needed) {
    const auto found = cell.column.empty() ? std::string("it has ") : fmt::format("{} is \"{}\", ", cell.column, cell.text);
    table_.failures.push_back({.code = "bad_clinical_value",
                               .sentence = fmt::format("clinical table, record {}: {}{}", cell.record, found, needed),
                               .path = where_,
                               .patient_id = row_.patient_id,
                               .case_id = {},
                               .series_uid = {}});
  }

  const std::string& where_;
  ClinicalTable& table_;
  ClinicalRow row_;
};

ingest::Failure row_failure(const char* code, const std::string& sentence, const std::string& where, const std::string& patient_id) {
  return {.code = code, .sentence = sentence, .path = where, .patient_id = patient_id, .case_id = {}, .series_uid = {}};
}

std::string_view without_leading_zeros(std::string_view id) {
  const auto first = id.find_first_not_of('0');
  return first == id.npos ? id.substr(0, 0) : id.substr(first);
}

std::string likely_patient(const std::string& id, const std::vector<std::string>& patient_ids) {
  for (const auto& other : patient_ids)
    if (without_leading_zeros(other) == without_leading_zeros(id))
      return fmt::format("; the export has \"{}\": format the column as text, spreadsheets drop leading zeros", other);
  return {};
}

}  // namespace

ClinicalTable clinical_table_of(const CsvTable& csv, const std::string& where) {
  const auto id_column = column_of(csv, "patient_id");
  if (!id_column)
    throw Error(ErrorKind::usage,
                fmt::format("clinical table {}: no column \"patient_id\" in the header; the columns' names are in the README", where));
  ClinicalTable table;
  RowReader reader(where, table);
  for (const auto& source : csv.rows) {
    const auto id = cell_of(source, *id_column);
    if (id.empty())
      table.failures.push_back(
          row_failure("missing_patient_id", fmt::format("clinical table, record {}: patient_id is empty", source.record), where, ""));
    else if (table.rows.contains(id))
      table.failures.push_back(
          row_failure("duplicate_clinical_row",
                      fmt::format("clinical table, record {}: the patient stands in the table twice; the first row is used", source.record),
                      where, id));
    else
      table.rows[id] = reader.read(csv, source, id);
  }
  return table;
}

ClinicalTable read_clinical_table(const std::filesystem::path& path) { return clinical_table_of(read_csv(path), path.filename().string()); }

std::vector<ingest::Failure> unmatched_rows(const ClinicalTable& table, const std::vector<std::string>& patient_ids,
                                            const std::string& where) {
  std::vector<ingest::Failure> failures;
  for (const auto& [id, row] : table.rows) {
    if (std::find(patient_ids.begin(), patient_ids.end(), id) != patient_ids.end()) continue;
    failures.push_back(row_failure(
        "clinical_patient_not_in_export",
        fmt::format("the clinical table names a patient of whom the export holds nothing{}", likely_patient(id, patient_ids)), where, id));
  }
  return failures;
}

void to_json(nlohmann::json& json, const ClinicalRow& row) {
  json = {{"patient_id", row.patient_id},
          {"surgery_date", row.surgery_date},
          {"treated_levels", row.treated_levels},
          {"numbers", row.numbers},
          {"yes_no", row.yes_no},
          {"texts", row.texts},
          {"covariates", row.covariates}};
}

void from_json(const nlohmann::json& json, ClinicalRow& row) {
  json.at("patient_id").get_to(row.patient_id);
  json.at("surgery_date").get_to(row.surgery_date);
  json.at("treated_levels").get_to(row.treated_levels);
  json.at("numbers").get_to(row.numbers);
  json.at("yes_no").get_to(row.yes_no);
  json.at("texts").get_to(row.texts);
  json.at("covariates").get_to(row.covariates);
}

}  // namespace cemscope::cohort
