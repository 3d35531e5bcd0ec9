#include "src/statistics/table.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <xxhash.h>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

// The text in UTF-8 when `bytes` are valid in `encoding`.
std::optional<std::string> convert(const std::string& bytes, const char* encoding) {
  const iconv_t converter = iconv_open("UTF-8", encoding);
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out(bytes.size() * 4 + 16, '\0');
  char* in = const_cast<char*>(bytes.data());
  char* to = out.data();
  std::size_t in_left = bytes.size(), out_left = out.size();
  const bool ok = iconv(converter, &in, &in_left, &to, &out_left) != static_cast<std::size_t>(-1);
  iconv_close(converter);
  if (!ok) return std::nullopt;
  out.resize(out.size() - out_left);
  return out;
}

std::string to_utf8(const std::string& raw, const std::string& name) {
  const bool has_bom = raw.compare(0, 3, "\xEF\xBB\xBF") == 0;
  const std::string bytes = has_bom ? raw.substr(3) : raw;
  if (bytes.find('\0') != std::string::npos) throw Error(ErrorKind::unreadable, fmt::format("{}: not a text table", name));
  for (const char* encoding : {"UTF-8", "GB18030"})
    if (auto text = convert(bytes, encoding)) return *text;
  throw Error(ErrorKind::unreadable, fmt::format("{}: text is neither UTF-8 nor GB18030", name));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return text;
}

char separator_of(const std::string& text) {
  const std::string header = text.substr(0, text.find('\n'));
  for (const char c : {',', ';', '\t'})
    if (header.find(c) != std::string::npos) return c;
  return ',';
}

// Splits records one at a time, so that quoted line ends stay inside their cell.
class Splitter {
 public:
  Splitter(const std::string& text, char separator) : text_(text), separator_(separator) {}

  [[nodiscard]] std::size_t line() const { return line_; }

  bool next(std::vector<std::string>& cells) {
    cells.clear();
    if (at_ >= text_.size()) return false;
    cell_.clear();
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (c == '"') {
        const bool doubled = quoted && at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (doubled)
          cell_ += text_[at_++];
        else
          quoted = !quoted;
      } else if (!quoted && c == separator_) {
        finish(cells);
      } else if (!quoted && c == '\n') {
        ++at_;
        break;
      } else {
        cell_ += c;
      }
    }
    finish(cells);
    return true;
  }

 private:
  void finish(std::vector<std::string>& cells) {
    cells.push_back(trimmed(cell_));
    cell_.clear();
  }
  const std::string& text_;
  char separator_;
  std::string cell_;
  std::size_t at_ = 0, line_ = 1;
};

void check_columns(const Table& table) {
  std::set<std::string> seen;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} has no name", table.name, c + 1));
    if (!seen.insert(table.columns[c]).second)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} is there twice", table.name, table.columns[c]));
  }
}

}  // namespace

std::optional<std::size_t> Table::find(const std::string& column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  return at == columns.end() ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(at - columns.begin()));
}

std::size_t Table::index(const std::string& column) const {
  if (const auto at = find(column)) return *at;
  std::string there;
  for (const auto& c : columns) there += (there.empty() ? "" : ", ") + c;
  throw Error(ErrorKind::usage, fmt::format("{}: no column \"{}\"; there are {}", name, column, there));
}

Table parse_table(const std::string& bytes, const std::string& name) {
  const std::string text = to_utf8(bytes, name);
  Table table;
  table.name = name;
  Splitter splitter(text, separator_of(text));
  if (!splitter.next(table.columns) || (table.columns.size() == 1 && table.columns[0].empty()))
    throw Error(ErrorKind::unreadable, fmt::format("{}: the table is empty", name));
  check_columns(table);
  std::vector<std::string> cells;
  for (std::size_t line = splitter.line(); splitter.next(cells); line = splitter.line()) {
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != table.columns.size())
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: row {} has {} cells, the header has {}", name, line, cells.size(), table.columns.size()));
    table.rows.push_back(cells);
    table.lines.push_back(line);
  }
  if (table.rows.empty()) throw Error(ErrorKind::unreadable, fmt::format("{}: the table has a header but no rows", name));
  return table;
}

Table read_table(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    throw Error(ErrorKind::unreadable, fmt::format("{}: cannot be opened", path.filename().string()));
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return parse_table(bytes.str(), path.filename().string());
}

bool is_missing(const std::string& cell) {
  constexpr std::array<std::string_view, 7> kWords = {"", "na", "n/a", "nan", ".", "null", "缺失"};
  if (cell.size() > 6) return false;
  const std::string word = lower(cell);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::optional<double> parse_number(const std::string& cell) {
  std::string text = cell;
  if (text.starts_with("\xE2\x88\x92")) text.replace(0, 3, 1, '-');
  if (text.starts_with("+")) text.erase(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_yes_no(const std::string& cell) {
  static const std::map<std::string, double> words = {
      {"yes", 1}, {"no", 0}, {"y", 1},  {"n", 0},  {"true", 1}, {"false", 0}, {"positive", 1}, {"negative", 0}, {"male", 1}, {"female", 0},
      {"有", 1},  {"无", 0}, {"是", 1}, {"否", 0}, {"阳性", 1}, {"阴性", 0},  {"男", 1},       {"女", 0},       {"欠佳", 1}, {"满意", 0}};
  const auto at = words.find(lower(cell));
  return at == words.end() ? std::nullopt : std::optional<double>(at->second);
}

std::string fingerprint(const Table& table) {
  std::string bytes;
  const auto add = [&](const std::vector<std::string>& cells) {
    for (const auto& cell : cells) bytes += cell + '\x1f';
    bytes += '\x1e';
  };
  add(table.columns);
  for (const auto& row : table.rows) add(row);
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("xxh3-128:{:016x}{:016x}", hash.high64, hash.low64);
}

std::string place(const Table& table, std::size_t row, std::size_t column) {
  return fmt::format("{}: row {}, column {}", table.name, table.lines[row], table.columns[column]);
}

}  // namespace cemscope::statistics
