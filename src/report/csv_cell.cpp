#include "src/report/csv_cell.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cemscope::report {
namespace {

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == cell.npos) return cell;
  std::string result = "\"";
  for (const char c : cell) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

}  // namespace

std::string text_cell(const std::string& text) {
  std::string result = text;
  std::erase(result, '\0');
  if (!result.empty() && std::string("=+-@\t\r").find(result[0]) != std::string::npos) result.insert(result.begin(), '\'');
  return result;
}

std::string list_cell(const std::vector<std::string>& texts) { return text_cell(fmt::format("{}", fmt::join(texts, ";"))); }

std::string number_cell(const std::optional<double>& value, int decimals) {
  if (!value || !std::isfinite(*value)) return {};
  auto text = fmt::format("{:.{}f}", *value, decimals);
  const bool is_zero = text.find_first_not_of("-0.") == text.npos;
  return is_zero && text[0] == '-' ? text.substr(1) : text;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    line += quoted(cell);
  }
  return line + '\n';
}

}  // namespace cemscope::report
