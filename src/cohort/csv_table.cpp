#include "src/cohort/csv_table.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "imaging/error.h"
#include "src/cohort/text_encoding.h"
#include "src/report/atomic_file.h"

namespace cemscope::cohort {
namespace {

struct Records {
  std::vector<std::vector<std::string>> all;
  std::vector<std::string> current;
};

void take_cell(void* text, std::size_t size, void* records) {
  static_cast<Records*>(records)->current.emplace_back(static_cast<const char*>(text), size);
}

void take_record(int /*terminator*/, void* records) {
  auto& r = *static_cast<Records*>(records);
  r.all.push_back(std::move(r.current));
  r.current.clear();
}

class Parser {
 public:
  explicit Parser(char delimiter) {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { csv_free(&parser_); }

  std::vector<std::vector<std::string>> parse(std::string_view text, const std::string& where) {
    Records records;
    const bool is_read = csv_parse(&parser_, text.data(), text.size(), take_cell, take_record, &records) == text.size() &&
                         csv_fini(&parser_, take_cell, take_record, &records) == 0;
    if (!is_read)
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: record {} is not valid CSV ({}); quote cells that hold a quote as RFC 4180 says", where,
                              records.all.size() + 1, csv_strerror(csv_error(&parser_))));
    return std::move(records.all);
  }

 private:
  csv_parser parser_{};
};

// Spreadsheets of countries with a decimal comma save ';', and "Unicode text" is tab separated.
char guess_delimiter(std::string_view text) {
  const auto header = text.substr(0, text.find_first_of("\r\n"));
  if (header.find(',') != header.npos) return ',';
  if (header.find(';') != header.npos) return ';';
  return header.find('\t') != header.npos ? '\t' : ',';
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

void check_header(const CsvTable& table, const std::string& where) {
  std::set<std::string> seen;
  for (const auto& name : table.header)
    if (!name.empty() && !seen.insert(name).second)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: column \"{}\" stands twice in the header", where, name));
}

}  // namespace

std::optional<std::size_t> column_of(const CsvTable& table, std::string_view name) {
  const auto found = std::find(table.header.begin(), table.header.end(), name);
  if (found == table.header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.header.begin());
}

std::string cell_of(const CsvRow& row, std::size_t column) {
  return column < row.cells.size() ? trimmed(row.cells[column]) : std::string{};
}

CsvTable parse_csv(std::string_view bytes, const std::string& where) {
  auto text = decode_text(bytes);
  if (!text)
    throw Error(ErrorKind::inconsistent, fmt::format("{}: the text is neither UTF-8 nor GB18030; save the table as CSV UTF-8", where));
  CsvTable table;
  table.encoding = text->encoding;
  table.delimiter = guess_delimiter(text->utf8);
  auto records = Parser(table.delimiter).parse(text->utf8, where);
  if (records.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: the table is empty; a header line is needed", where));
  for (const auto& name : records.front()) table.header.push_back(trimmed(name));
  for (std::size_t i = 1; i < records.size(); ++i) table.rows.push_back({i + 1, std::move(records[i])});
  check_header(table, where);
  return table;
}

CsvTable read_csv(const std::filesystem::path& path) { return parse_csv(report::read_file(path), path.filename().string()); }

}  // namespace cemscope::cohort
