#include "src/cohort/clinical_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <regex>

#include <fmt/format.h>

#include "src/cohort/clinical_table.h"

namespace cemscope::cohort {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

template <std::size_t N>
bool is_one_of(const std::string& text, const std::array<const char*, N>& words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

// Order along the spine; names compare by region first.
int height_rank(const std::string& level) {
  static const std::string regions = "CTLS";
  return static_cast<int>(regions.find(level[0])) * 100 + std::stoi(level.substr(1));
}

bool exists(int number, char region) {
  switch (region) {
    case 'C': return number <= 7;
    case 'T': return number <= 13;  // a thirteenth rib-bearing vertebra occurs
    case 'L': return number <= 6;
    default: return number <= 5;
  }
}

}  // namespace

std::optional<double> number_of(const std::string& text) {
  std::string plain = text;
  const auto comma = plain.find(',');
  if (comma != plain.npos && plain.size() - comma == 4) return std::nullopt;  // "1,234" may mean thousands
  std::replace(plain.begin(), plain.end(), ',', '.');
  const char* first = plain.data() + (plain.starts_with('+') ? 1 : 0);
  const char* last = plain.data() + plain.size();
  double value = 0.0;
  const auto [end, error] = std::from_chars(first, last, value);
  if (error != std::errc{} || end != last || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> yes_no_of(const std::string& text) {
  const auto word = lower(text);
  if (is_one_of(word, std::array{"yes", "y", "true", "1", "\u662f", "\u6709"})) return true;
  if (is_one_of(word, std::array{"no", "n", "false", "0", "\u5426", "\u65e0"})) return false;
  return std::nullopt;
}

bool says_not_given(const std::string& text) { return is_one_of(lower(text), std::array{"", "na", "n/a", ".", "-", "?", "nan", "null"}); }

std::optional<std::string> vertebra_name(const std::string& text) {
  static const std::regex pattern("(C|T|TH|D|L|S)([1-9][0-9]?)", std::regex::icase);
  std::smatch match;
  if (!std::regex_match(text, match, pattern)) return std::nullopt;
  char region = static_cast<char>(std::toupper(static_cast<unsigned char>(match[1].str()[0])));
  if (region == 'D') region = 'T';  // dorsal
  const int number = std::stoi(match[2].str());
  if (!exists(number, region)) return std::nullopt;
  return region + std::to_string(number);
}

std::optional<std::vector<std::string>> levels_of(const std::string& text) {
  static const std::regex separators("[\\s;,+/]+");
  std::vector<std::string> levels;
  for (auto it = std::sregex_token_iterator(text.begin(), text.end(), separators, -1); it != std::sregex_token_iterator(); ++it) {
    if (it->length() == 0) continue;
    const auto level = vertebra_name(it->str());
    if (!level) return std::nullopt;
    levels.push_back(*level);
  }
  std::sort(levels.begin(), levels.end(), [](const auto& a, const auto& b) { return height_rank(a) < height_rank(b); });
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

std::optional<std::string> iso_date(const std::string& text) {
  static const std::regex separated("([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})");
  static const std::regex compact("([0-9]{4})([0-9]{2})([0-9]{2})");
  std::smatch match;
  if (!std::regex_match(text, match, separated) && !std::regex_match(text, match, compact)) return std::nullopt;
  const auto part = [&](int i) { return std::stoi(match[static_cast<std::size_t>(i)].str()); };
  const std::chrono::year_month_day date{std::chrono::year(part(1)), std::chrono::month(static_cast<unsigned>(part(2))),
                                         std::chrono::day(static_cast<unsigned>(part(3)))};
  if (!date.ok()) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}", part(1), part(2), part(3));
}

}  // namespace cemscope::cohort
