#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/cohort/case_result.h"

namespace cemscope::report {

/// One column of a table with what dictionary.csv says of it. `cell` gives the finished cell, not yet quoted.
template <typename Row>
struct Column {
  std::string name, unit, values, meaning;
  std::function<std::string(const Row&)> cell;
};

/// What a finding's column holds.
inline constexpr const char* kAnswers = "yes | no | not_assessable";

/// A row of vertebrae.csv or series.csv with the patient it belongs to.
struct PatientVertebra {
  const cohort::CaseResult& patient;
  const cohort::VertebraRow& row;
};
struct PatientSeries {
  const cohort::CaseResult& patient;
  const cohort::SeriesRow& row;
};

/// The columns of CONTRACT.md, in its order.
const std::vector<Column<cohort::CaseResult>>& patient_columns();
const std::vector<Column<PatientVertebra>>& vertebra_columns();
const std::vector<Column<PatientSeries>>& series_columns();
const std::vector<Column<ingest::Failure>>& failure_columns();

/// The tables as CSV (UTF-8, header, comma, '.' decimals, '\n'), rows in the order of `cases`. Failures are sorted by case, path and code.
std::string patients_csv(const std::vector<cohort::CaseResult>& cases);
std::string vertebrae_csv(const std::vector<cohort::CaseResult>& cases);
std::string series_csv(const std::vector<cohort::CaseResult>& cases);
std::string failures_csv(std::vector<ingest::Failure> failures);

}  // namespace cemscope::report
