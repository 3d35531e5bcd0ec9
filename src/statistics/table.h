#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cemscope::statistics {

/// A text table as read: UTF-8 cells, trimmed. `line` of a row is its line number in the file (header = 1).
struct Table {
  std::string name;  ///< file name without folder, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;

  /// Index of a column, or empty.
  [[nodiscard]] std::optional<std::size_t> find(const std::string& column) const;
  /// Index of a column; throws Error{usage} that lists the columns there are.
  [[nodiscard]] std::size_t index(const std::string& column) const;
};

/// Reads CSV: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab by the header; RFC 4180 quoting; LF or CRLF.
/// Throws Error{unreadable} for a file that cannot be opened, is empty, or in neither encoding; Error{inconsistent} for a row with
/// another number of cells than the header, a column named twice or not at all.
Table read_table(const std::filesystem::path& path);
Table parse_table(const std::string& bytes, const std::string& name);

/// True for "", "NA", "N/A", "NaN", ".", "null" and "缺失" in any case.
bool is_missing(const std::string& cell);

/// A finite number in C notation (a typographic minus is accepted), or empty.
std::optional<double> parse_number(const std::string& cell);

/// 1 or 0 for yes/no words: yes no y n true false positive negative male female 有 无 是 否 阳性 阴性 男 女 欠佳 满意 (1: yes, male, 欠佳).
std::optional<double> parse_yes_no(const std::string& cell);

/// "xxh3-128:<hex>" of all cells: says which data a model was made with.
std::string fingerprint(const Table& table);

/// "row 17, column t_score" for messages.
std::string place(const Table& table, std::size_t row, std::size_t column);

}  // namespace cemscope::statistics
