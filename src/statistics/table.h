#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/statistics/cell_column.h"

namespace cemscope::statistics {

/// A table as read from text: UTF-8 cells, trimmed, each given back as it stood there. A table of numbers takes eight bytes a cell.
class Table {
 public:
  Table() = default;
  Table(std::string table_name, std::vector<std::string> table_columns);

  std::string name;  ///< file name without folder, for messages
  std::vector<std::string> columns;

  /// Index of a column, or empty.
  [[nodiscard]] std::optional<std::size_t> find(const std::string& column) const;
  /// Index of a column; throws Error{usage} that lists the columns there are.
  [[nodiscard]] std::size_t index(const std::string& column) const;

  [[nodiscard]] std::size_t n_rows() const { return lines_.size(); }
  [[nodiscard]] std::string cell(std::size_t row, std::size_t column) const { return cells_[column].text(row); }
  /// The cell's number without the way through its text; empty where only the text can tell.
  [[nodiscard]] std::optional<double> number(std::size_t row, std::size_t column) const { return cells_[column].number(row); }
  /// Line number of a row in the file (header = 1).
  [[nodiscard]] std::size_t line(std::size_t row) const { return lines_[row]; }

  void add_row(const std::vector<std::string_view>& cells, std::size_t line);
  /// Appends row `row` of a table with the same columns.
  void add_row_of(const Table& other, std::size_t row);
  /// Gives back the memory of a column that will not be read any more.
  void release(std::size_t column) { cells_[column].release(); }

 private:
  std::vector<CellColumn> cells_;  ///< one a column
  std::vector<std::uint32_t> lines_;
};

/// Reads CSV: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab by the header; RFC 4180 quoting; LF or CRLF.
/// Throws Error{unreadable} for a file that cannot be opened, is empty, or in neither encoding; Error{inconsistent} for a row with
/// another number of cells than the header, a quote that is never closed, a column named twice or not at all.
Table read_table(const std::filesystem::path& path);
Table parse_table(std::string_view bytes, const std::string& name);

/// True for "", "NA", "N/A", "NaN", ".", "null" and "缺失" in any case.
bool is_missing(std::string_view cell);

/// A finite number in C notation (a typographic minus is accepted), or empty.
std::optional<double> parse_number(std::string_view cell);

/// 1 or 0 for yes/no words: yes no y n true false positive negative male female 有 无 是 否 阳性 阴性 男 女 欠佳 满意 (1: yes, male, 欠佳).
std::optional<double> parse_yes_no(std::string_view cell);

/// "xxh3-128:<hex>" of all cells: says which data a model was made with.
std::string fingerprint(const Table& table);

/// "row 17, column t_score" for messages.
std::string place(const Table& table, std::size_t row, std::size_t column);

}  // namespace cemscope::statistics
