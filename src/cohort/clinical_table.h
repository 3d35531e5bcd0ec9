#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "src/cohort/csv_table.h"
#include "src/ingest/export_index.h"

namespace cemscope::cohort {

/// What the clinical table says of one patient; empty = not given.
struct ClinicalRow {
  std::string patient_id;
  std::string surgery_date;                 ///< YYYY-MM-DD
  std::vector<std::string> treated_levels;  ///< "T12", "L1" ... from top to bottom
  std::map<std::string, double>
      numbers;  ///< by the contract's column names: bmd_t_score (SD), cement_ml (mL per treated vertebra), age (a) ...
  std::map<std::string, bool> yes_no;             ///< adjacent_fracture, soft_tissue_injury
  std::map<std::string, std::string> texts;       ///< sex, approach
  std::map<std::string, std::string> covariates;  ///< unknown columns as they stand
};

struct ClinicalTable {
  std::map<std::string, ClinicalRow> rows;  ///< by patient id
  std::vector<ingest::Failure> failures;    ///< cells that could not be used, with codes
};

/// Reads the clinical table (DEFINITIONS: "Clinical table"). Empty, NA, N/A, "." and "-" mean not given. A bad cell becomes a failure with
/// the code "bad_clinical_value" and counts as not given; a second row of a patient becomes "duplicate_clinical_row" and is left out.
/// Throws Error{unreadable} or Error{usage} when the file is no such table at all.
ClinicalTable read_clinical_table(const std::filesystem::path& path);

/// The same for a table in memory; `where` is the path given in failures.
ClinicalTable clinical_table_of(const CsvTable& csv, const std::string& where);

/// A failure "clinical_patient_not_in_export" for every row whose patient is not among `patient_ids`; names the likely patient where only
/// leading zeros differ, which spreadsheets drop.
std::vector<ingest::Failure> unmatched_rows(const ClinicalTable& table, const std::vector<std::string>& patient_ids,
                                            const std::string& where);

/// "l1", "Th12", "D12" as "L1", "T12"; empty when it is no vertebra's name.
std::optional<std::string> vertebra_name(const std::string& text);

/// "2019-03-05", "2019/3/5", "20190305" as "2019-03-05"; empty when it is no date.
std::optional<std::string> iso_date(const std::string& text);

void to_json(nlohmann::json& json, const ClinicalRow& row);
void from_json(const nlohmann::json& json, ClinicalRow& row);

}  // namespace cemscope::cohort
