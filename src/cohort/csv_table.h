#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::cohort {

/// A CSV file as text cells in UTF-8. Rows may be shorter or longer than the header; `record` is the 1-based record number in the
/// file (the header is record 1; empty lines are not counted).
struct CsvRow {
  std::size_t record = 0;
  std::vector<std::string> cells;
};

struct CsvTable {
  std::vector<std::string> header;
  std::vector<CsvRow> rows;
  std::string encoding;  ///< "UTF-8", "GB18030" or "UTF-16"
  char delimiter = ',';  ///< ',' unless the header has none and uses ';' or a tab
};

/// The column's place in the header; empty when it is not there. Names are compared exactly.
std::optional<std::size_t> column_of(const CsvTable& table, std::string_view name);

/// The cell without surrounding white space; empty when the row is too short.
std::string cell_of(const CsvRow& row, std::size_t column);

/// Reads a CSV file (RFC 4180 by libcsv; UTF-8 with or without BOM, UTF-16 with BOM, else GB18030).
/// Throws Error{unreadable} when the file cannot be read, Error{inconsistent} naming the record when it is no CSV text in one of these
/// encodings, has no header or repeats a column.
CsvTable read_csv(const std::filesystem::path& path);

/// The same for bytes in memory; `where` names them in messages.
CsvTable parse_csv(std::string_view bytes, const std::string& where);

}  // namespace cemscope::cohort
