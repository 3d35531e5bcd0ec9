#include "src/statistics/table.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <xxhash.h>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

constexpr std::size_t kRowsToGuessBy = 10'000;
constexpr std::uint16_t kLonger = std::numeric_limits<std::uint16_t>::max();

/// A conversion to UTF-8 in pieces.
class Converter {
 public:
  explicit Converter(const char* encoding) : handle_(iconv_open("UTF-8", encoding)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }

  /// False when `bytes` are not valid; what was converted is appended to `out` if it is given.
  bool convert(std::string& bytes, std::string* out) {
    if (!is_open()) return false;
    std::array<char, 65536> piece{};
    char* in = bytes.data();
    for (std::size_t left = bytes.size(); left > 0;) {
      char* to = piece.data();
      std::size_t room = piece.size();
      const bool is_full = iconv(handle_, &in, &left, &to, &room) == static_cast<std::size_t>(-1);
      if (is_full && errno != E2BIG) return false;
      if (out != nullptr) out->append(piece.data(), piece.size() - room);
    }
    return true;
  }

 private:
  [[nodiscard]] bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  iconv_t handle_;
};

std::string to_utf8(std::string bytes, const std::string& name) {
  if (bytes.compare(0, 3, "\xEF\xBB\xBF") == 0) bytes.erase(0, 3);
  if (bytes.find('\0') != std::string::npos) throw Error(ErrorKind::unreadable, fmt::format("{}: not a text table", name));
  if (Converter("UTF-8").convert(bytes, nullptr)) return bytes;
  std::string text;
  if (Converter("GB18030").convert(bytes, &text)) return text;
  throw Error(ErrorKind::unreadable, fmt::format("{}: text is neither UTF-8 nor GB18030", name));
}

std::string lower(std::string_view cell) {
  std::string text(cell);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 128 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return text;
}

char separator_of(std::string_view text) {
  const auto header = text.substr(0, text.find('\n'));
  for (const char c : {',', ';', '\t'})
    if (header.find(c) != std::string::npos) return c;
  return ',';
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void check_columns(const Table& table) {
  std::set<std::string> seen;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} has no name", table.name, c + 1));
    if (!seen.insert(table.columns[c]).second)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} is there twice", table.name, table.columns[c]));
  }
}

}  // namespace

/// Splits the text in place: a cell without its quotes and spaces is never longer than with them.
class TableParser {
 public:
  TableParser(std::string text, const std::string& name) : separator_(separator_of(text)) {
    table_.name = name;
    table_.text_ = std::move(text);
  }

  Table parse() {
    read_header();
    for (std::size_t line = line_; next_record(line); line = line_) {
      if (ends_.size() == 1 && ends_[0] == 0) continue;
      if (ends_.size() != table_.columns.size())
        throw Error(ErrorKind::inconsistent,
                    fmt::format("{}: row {} has {} cells, the header has {}", table_.name, line, ends_.size(), table_.columns.size()));
      table_.end_row(start_, ends_, line);
      if (table_.n_rows() == kRowsToGuessBy) reserve();
    }
    if (table_.n_rows() == 0) throw Error(ErrorKind::unreadable, fmt::format("{}: the table has a header but no rows", table_.name));
    table_.text_.resize(to_);
    return std::move(table_);
  }

 private:
  /// Room for as many rows as the text will have at the average length so far.
  void reserve() {
    const double share = static_cast<double>(at_) / static_cast<double>(table_.text_.size());
    const auto n = static_cast<std::size_t>(1.02 * static_cast<double>(table_.n_rows()) / share);
    table_.starts_.reserve(n);
    table_.lines_.reserve(n);
    table_.ends_.reserve(n * table_.columns.size());
  }

  void read_header() {
    const bool is_there = next_record(1);
    for (std::size_t c = 0; is_there && c < ends_.size(); ++c) {
      const std::size_t begin = c == 0 ? 0 : ends_[c - 1];
      table_.columns.push_back(table_.text_.substr(start_ + begin, ends_[c] - begin));
    }
    if (!is_there || (table_.columns.size() == 1 && table_.columns[0].empty()))
      throw Error(ErrorKind::unreadable, fmt::format("{}: the table is empty", table_.name));
    check_columns(table_);
  }

  /// Finds the cells of the next record: they lie from start_ on, one after the other, up to their ends_.
  bool next_record(std::size_t line) {
    auto& text = table_.text_;
    if (at_ >= text.size()) return false;
    start_ = cell_ = to_;
    ends_.clear();
    bool is_quoted = false;
    for (; at_ < text.size(); ++at_) {
      const char c = text[at_];
      if (c == '\n') ++line_;
      if (c == '"') {
        const bool is_doubled = is_quoted && at_ + 1 < text.size() && text[at_ + 1] == '"';
        if (is_doubled)
          put(text[at_++]);
        else
          is_quoted = !is_quoted;
      } else if (!is_quoted && c == separator_) {
        end_cell();
      } else if (!is_quoted && c == '\n') {
        ++at_;
        break;
      } else {
        put(c);
      }
    }
    if (is_quoted) throw Error(ErrorKind::inconsistent, fmt::format("{}: row {} opens a quote that is never closed", table_.name, line));
    end_cell();
    return true;
  }

  void put(char c) {
    if (to_ > cell_ || !is_space(c)) table_.text_[to_++] = c;
  }

  void end_cell() {
    while (to_ > cell_ && is_space(table_.text_[to_ - 1])) --to_;
    ends_.push_back(static_cast<std::uint32_t>(to_ - start_));
    cell_ = to_;
  }

  Table table_;
  char separator_;
  std::vector<std::uint32_t> ends_;
  std::size_t at_ = 0, to_ = 0, start_ = 0, cell_ = 0, line_ = 1;
};

std::optional<std::size_t> Table::find(const std::string& column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  return at == columns.end() ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(at - columns.begin()));
}

std::size_t Table::index(const std::string& column) const {
  if (const auto at = find(column)) return *at;
  throw Error(ErrorKind::usage, fmt::format("{}: no column \"{}\"; there are {}", name, column, fmt::join(columns, ", ")));
}

std::string_view Table::cell(std::size_t row, std::size_t column) const {
  const std::size_t first = row * columns.size();
  const std::string_view text = std::string_view(text_).substr(starts_[row]);
  if (ends_[first] == kLonger) {
    const auto& ends = longer_.at(row);
    const std::uint32_t begin = column == 0 ? 0 : ends[column - 1];
    return text.substr(begin, ends[column] - begin);
  }
  const std::uint16_t begin = column == 0 ? 0 : ends_[first + column - 1];
  return text.substr(begin, static_cast<std::size_t>(ends_[first + column] - begin));
}

void Table::end_row(std::size_t start, const std::vector<std::uint32_t>& ends, std::size_t line) {
  const bool is_long = ends.back() >= kLonger;
  if (is_long) longer_[n_rows()] = ends;
  for (const auto end : ends) ends_.push_back(is_long ? kLonger : static_cast<std::uint16_t>(end));
  starts_.push_back(start);
  lines_.push_back(static_cast<std::uint32_t>(line));
}

void Table::add_row_of(const Table& other, std::size_t row) {
  const std::size_t start = text_.size();
  std::vector<std::uint32_t> ends;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    text_ += other.cell(row, c);
    ends.push_back(static_cast<std::uint32_t>(text_.size() - start));
  }
  end_row(start, ends, other.line(row));
}

Table parse_table(std::string bytes, const std::string& name) { return TableParser(to_utf8(std::move(bytes), name), name).parse(); }

Table read_table(const std::filesystem::path& path) {
  std::error_code error;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, error))
    throw Error(ErrorKind::unreadable, fmt::format("{}: cannot be opened", path.filename().string()));
  std::string bytes;
  if (const auto size = std::filesystem::file_size(path, error); !error) bytes.reserve(size);
  std::array<char, 65536> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0) bytes.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw Error(ErrorKind::unreadable, fmt::format("{}: cannot be read", path.filename().string()));
  return parse_table(std::move(bytes), path.filename().string());
}

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 7> kWords = {"", "na", "n/a", "nan", ".", "null", "缺失"};
  if (cell.empty()) return true;
  const char first = cell.front();
  if (cell.size() > 6 || (first >= '0' && first <= '9') || first == '-') return false;
  const std::string word = lower(cell);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::optional<double> parse_number(std::string_view cell) {
  constexpr std::string_view kMinus = "\xE2\x88\x92";
  std::string with_minus;
  if (cell.starts_with(kMinus)) {
    with_minus = "-" + std::string(cell.substr(kMinus.size()));
    cell = with_minus;
  }
  if (cell.starts_with("+")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_yes_no(std::string_view cell) {
  static const std::map<std::string, double> words = {
      {"yes", 1}, {"no", 0}, {"y", 1},  {"n", 0},  {"true", 1}, {"false", 0}, {"positive", 1}, {"negative", 0}, {"male", 1}, {"female", 0},
      {"有", 1},  {"无", 0}, {"是", 1}, {"否", 0}, {"阳性", 1}, {"阴性", 0},  {"男", 1},       {"女", 0},       {"欠佳", 1}, {"满意", 0}};
  const auto at = words.find(lower(cell));
  return at == words.end() ? std::nullopt : std::optional<double>(at->second);
}

std::string fingerprint(const Table& table) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  const auto add = [&](std::string_view text) { XXH3_128bits_update(state.get(), text.data(), text.size()); };
  for (const auto& column : table.columns) add(column), add("\x1f");
  add("\x1e");
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) add(table.cell(row, column)), add("\x1f");
    add("\x1e");
  }
  const auto hash = XXH3_128bits_digest(state.get());
  return fmt::format("xxh3-128:{:016x}{:016x}", hash.high64, hash.low64);
}

std::string place(const Table& table, std::size_t row, std::size_t column) {
  return fmt::format("{}: row {}, column {}", table.name, table.line(row), table.columns[column]);
}

}  // namespace cemscope::statistics
