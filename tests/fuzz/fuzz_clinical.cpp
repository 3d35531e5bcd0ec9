// A clinical table; its cells as they are written out again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "imaging/error.h"
#include "src/cohort/clinical_table.h"
#include "src/report/csv_cell.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cemscope;
  try {
    const auto csv = cohort::parse_csv({reinterpret_cast<const char*>(data), size}, "t.csv");
    const auto table = cohort::clinical_table_of(csv, "t.csv");
    cohort::unmatched_rows(table, {"P1", "001"}, "t.csv");
    for (const auto& [id, row] : table.rows) {
      const auto cell = report::text_cell(id);
      if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
