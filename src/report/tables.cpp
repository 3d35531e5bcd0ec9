#include "src/report/tables.h"

#include <algorithm>
#include <tuple>

#include "src/report/csv_cell.h"

namespace cemscope::report {
namespace {

template <typename Row>
std::string header_of(const std::vector<Column<Row>>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return csv_line(names);
}

template <typename Row>
std::string line_of(const std::vector<Column<Row>>& columns, const Row& row) {
  std::vector<std::string> cells;
  for (const auto& column : columns) cells.push_back(column.cell(row));
  return csv_line(cells);
}

}  // namespace

std::string patients_csv(const std::vector<cohort::CaseResult>& cases) {
  auto csv = header_of(patient_columns());
  for (const auto& patient : cases) csv += line_of(patient_columns(), patient);
  return csv;
}

std::string vertebrae_csv(const std::vector<cohort::CaseResult>& cases) {
  auto csv = header_of(vertebra_columns());
  for (const auto& patient : cases)
    for (const auto& row : patient.vertebrae) csv += line_of(vertebra_columns(), PatientVertebra{patient, row});
  return csv;
}

std::string series_csv(const std::vector<cohort::CaseResult>& cases) {
  auto csv = header_of(series_columns());
  for (const auto& patient : cases)
    for (const auto& row : patient.series) csv += line_of(series_columns(), PatientSeries{patient, row});
  return csv;
}

std::string failures_csv(std::vector<ingest::Failure> failures) {
  const auto key = [](const ingest::Failure& f) { return std::tie(f.case_id, f.path, f.code, f.series_uid, f.patient_id, f.sentence); };
  std::stable_sort(failures.begin(), failures.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  auto csv = header_of(failure_columns());
  for (const auto& failure : failures) csv += line_of(failure_columns(), failure);
  return csv;
}

}  // namespace cemscope::report
