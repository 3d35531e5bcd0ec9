#include "src/report/dictionary.h"

#include "src/report/csv_cell.h"
#include "src/report/tables.h"

namespace cemscope::report {
namespace {

template <typename Row>
std::string lines_of(const char* table, const std::vector<Column<Row>>& columns) {
  std::string lines;
  for (const auto& c : columns) lines += csv_line({table, c.name, text_cell(c.meaning), c.unit, c.values});
  return lines;
}

}  // namespace

std::string dictionary_csv() {
  const Column<int> own[] = {{"table", "", "file name", "the table", {}},
                             {"column", "", "text", "the column's name", {}},
                             {"meaning", "", "text", "what it says", {}},
                             {"unit", "", "text", "its unit; 1 for a fraction or ratio, empty for text", {}},
                             {"values", "", "text", "what it can hold", {}}};
  return csv_line({"table", "column", "meaning", "unit", "values"}) + lines_of("patients.csv", patient_columns()) +
         lines_of("vertebrae.csv", vertebra_columns()) + lines_of("series.csv", series_columns()) +
         lines_of("failures.csv", failure_columns()) + lines_of("dictionary.csv", std::vector<Column<int>>(std::begin(own), std::end(own)));
}

}  // namespace cemscope::report
