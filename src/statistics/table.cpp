#include "src/statistics/table.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

constexpr std::size_t kPieceBytes = 65536;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// A conversion to UTF-8 in pieces that may end within a character.
class Converter {
 public:
  explicit Converter(const char* encoding) : handle_(iconv_open("UTF-8", encoding)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }

  /// False when the bytes so far are not valid; what was converted is appended to `out` if it is given.
  bool convert(std::string_view bytes, std::string* out) {
    if (!is_open()) return false;
    rest_ += bytes;
    std::array<char, kPieceBytes> piece{};
    char* in = rest_.data();
    std::size_t left = rest_.size();
    while (left > 0) {
      char* to = piece.data();
      std::size_t room = piece.size();
      const int problem = iconv(handle_, &in, &left, &to, &room) == static_cast<std::size_t>(-1) ? errno : 0;
      if (out != nullptr) out->append(piece.data(), piece.size() - room);
      if (problem == EINVAL) break;  // the rest of the character is in the next piece
      if (problem != 0 && problem != E2BIG) return false;
    }
    rest_.erase(0, rest_.size() - left);
    return true;
  }

  [[nodiscard]] bool is_complete() const { return rest_.empty(); }

 private:
  [[nodiscard]] bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  iconv_t handle_;
  std::string rest_;
};

[[noreturn]] void refuse(const std::string& name, const char* why) { throw Error(ErrorKind::unreadable, fmt::format("{}: {}", name, why)); }

bool is_utf8(std::string_view bytes) {
  Converter converter("UTF-8");
  return converter.convert(bytes, nullptr) && converter.is_complete();
}

std::string from_gb18030(std::string_view bytes, const std::string& name) {
  Converter converter("GB18030");
  std::string text;
  if (!converter.convert(bytes, &text) || !converter.is_complete()) refuse(name, "text is neither UTF-8 nor GB18030");
  return text;
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

/// Reads records from UTF-8 text that comes in pieces.
class TableParser {
 public:
  explicit TableParser(const std::string& name) { table_.name = name; }

  void feed(std::string_view piece) {
    if (piece.find('\0') != std::string_view::npos) refuse(table_.name, "not a text table");
    if (separator_ == 0) separator_ = separator_of(piece);
    for (const char c : piece) take(c);
  }

  Table finish() {
    if (is_quoted_)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: row {} opens a quote that is never closed", table_.name, record_line_));
    if (!is_at_start_) end_record();
    if (table_.columns.empty()) refuse(table_.name, "the table is empty");
    if (table_.n_rows() == 0) refuse(table_.name, "the table has a header but no rows");
    return std::move(table_);
  }

 private:
  void take(char c) {
    is_at_start_ = false;
    const bool is_doubled = c == '"' && was_closing_;
    was_closing_ = c == '"' && is_quoted_;
    if (c == '\n') ++line_;
    if (c == '"') {
      is_quoted_ = !is_quoted_;
      if (is_doubled) put(c);
    } else if (!is_quoted_ && c == separator_) {
      end_cell();
    } else if (!is_quoted_ && c == '\n') {
      end_record();
    } else {
      put(c);
    }
  }

  void put(char c) {
    if (text_.size() > begin_ || !is_space(c)) text_ += c;
  }

  void end_cell() {
    while (text_.size() > begin_ && is_space(text_.back())) text_.pop_back();
    begin_ = text_.size();
    ends_.push_back(begin_);
  }

  void end_record() {
    end_cell();
    cells_.clear();
    for (std::size_t c = 0, from = 0; c < ends_.size(); from = ends_[c++])
      cells_.push_back(std::string_view(text_).substr(from, ends_[c] - from));
    table_.columns.empty() ? add_header() : add_row();
    text_.clear();
    ends_.clear();
    begin_ = 0;
    record_line_ = line_;
    is_at_start_ = true;
  }

  void add_header() {
    if (cells_.size() == 1 && cells_[0].empty()) refuse(table_.name, "the table is empty");
    table_ = Table(table_.name, {cells_.begin(), cells_.end()});
    check_columns(table_);
  }

  void add_row() {
    if (cells_.size() == 1 && cells_[0].empty()) return;
    if (cells_.size() != table_.columns.size())
      throw Error(ErrorKind::inconsistent, fmt::format("{}: row {} has {} cells, the header has {}", table_.name, record_line_,
                                                       cells_.size(), table_.columns.size()));
    table_.add_row(cells_, record_line_);
  }

  Table table_;
  char separator_ = 0;
  bool is_quoted_ = false, was_closing_ = false, is_at_start_ = true;
  std::size_t line_ = 1, record_line_ = 1, begin_ = 0;
  std::string text_;  ///< of the record, its cells without quotes and spaces one after the other
  std::vector<std::size_t> ends_;
  std::vector<std::string_view> cells_;
};

}  // namespace

Table::Table(std::string table_name, std::vector<std::string> table_columns)
    : name(std::move(table_name)), columns(std::move(table_columns)), cells_(columns.size()) {}

std::optional<std::size_t> Table::find(const std::string& column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  return at == columns.end() ? std::nullopt : std::optional<std::size_t>(static_cast<std::size_t>(at - columns.begin()));
}

std::size_t Table::index(const std::string& column) const {
  if (const auto at = find(column)) return *at;
  throw Error(ErrorKind::usage, fmt::format("{}: no column \"{}\"; there are {}", name, column, fmt::join(columns, ", ")));
}

void Table::add_row(const std::vector<std::string_view>& cells, std::size_t line) {
  for (std::size_t c = 0; c < columns.size(); ++c) cells_[c].add(cells[c]);
  lines_.push_back(static_cast<std::uint32_t>(line));
}

void Table::add_row_of(const Table& other, std::size_t row) {
  for (std::size_t c = 0; c < columns.size(); ++c) cells_[c].add(other.cell(row, c));
  lines_.push_back(static_cast<std::uint32_t>(other.line(row)));
}

Table parse_table(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  TableParser parser(name);
  parser.feed(is_utf8(bytes) ? bytes : from_gb18030(bytes, name));
  return parser.finish();
}

namespace {

/// Calls visit(piece) until it says no or the file ends. Throws Error{unreadable}.
void for_each_piece(std::ifstream& in, const std::string& name, const std::function<bool(std::string_view)>& visit) {
  std::array<char, kPieceBytes> piece{};
  while (in.read(piece.data(), piece.size()), in.gcount() > 0)
    if (!visit({piece.data(), static_cast<std::size_t>(in.gcount())})) return;
  if (in.bad()) refuse(name, "cannot be read");
}

// Whether all of it is UTF-8; the file stands at its beginning again.
bool holds_utf8(std::ifstream& in, const std::string& name) {
  Converter converter("UTF-8");
  bool is_valid = true;
  for_each_piece(in, name, [&](std::string_view piece) { return is_valid = converter.convert(piece, nullptr); });
  in.clear();
  in.seekg(0);
  return is_valid && converter.is_complete();
}

}  // namespace

Table read_table(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  std::error_code error;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, error)) refuse(name, "cannot be opened");
  if (!std::filesystem::is_regular_file(path, error) || !holds_utf8(in, name)) {  // a pipe can be read once only
    std::string bytes;
    for_each_piece(in, name, [&](std::string_view piece) { return bytes += piece, true; });
    return parse_table(bytes, name);
  }
  TableParser parser(name);
  bool is_first = true;
  for_each_piece(in, name, [&](std::string_view piece) {
    if (std::exchange(is_first, false) && piece.starts_with(kByteOrderMark)) piece.remove_prefix(kByteOrderMark.size());
    return parser.feed(piece), true;
  });
  return parser.finish();
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
