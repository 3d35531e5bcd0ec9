#include "src/ingest/text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cemscope::ingest {

namespace {

constexpr std::string_view kBlanks{" \t\r\n\0", 5};

// Private-use characters that stand for the bytes 0x80-0xFF of a path that is no UTF-8.
constexpr std::uint32_t kByteEscape = 0xEF00;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

bool is_allowed_second_byte(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0: return second >= 0xA0;
    case 0xED: return second <= 0x9F;
    case 0xF0: return second >= 0x90;
    case 0xF4: return second <= 0x8F;
    default: return true;
  }
}

// Bytes of the well-formed character at the front of `text`, 0 when it is ill-formed.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const auto length = sequence_length(lead);
  if (length <= 1 || length > text.size()) return length == 1 ? 1 : 0;
  if (!is_allowed_second_byte(lead, static_cast<unsigned char>(text[1]))) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return length;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_byte_escape(std::string_view character) {
  // U+EF80 .. U+EFFF are EE BE 80 .. EE BF BF.
  return character.size() == 3 && character[0] == '\xEE' && (character[1] == '\xBE' || character[1] == '\xBF');
}

std::string escaped_byte(char byte) {
  const std::uint32_t code = kByteEscape + static_cast<unsigned char>(byte);
  return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
}

// Calls `well_formed(character)` or `ill_formed(byte)` along the text.
template <typename WellFormed, typename IllFormed>
void for_each_character(std::string_view text, WellFormed well_formed, IllFormed ill_formed) {
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length > 0)
      well_formed(text.substr(0, length));
    else
      ill_formed(text[0]);
    text.remove_prefix(length > 0 ? length : 1);
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::vector<std::string_view> split_values(std::string_view text, char separator) {
  std::vector<std::string_view> values;
  if (trimmed(text).empty()) return values;
  for (;;) {
    const auto end = text.find(separator);
    values.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return values;
    text.remove_prefix(end + 1);
  }
}

std::optional<double> parse_number(std::string_view text) {
  auto value = trimmed(text.substr(0, text.find('\\')));
  if (!value.empty() && value.front() == '+') value.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

int parse_int(std::string_view text, int fallback) {
  const auto number = parse_number(text);
  if (!number || std::abs(*number) > 2147483647.0) return fallback;
  return static_cast<int>(*number);
}

std::vector<double> parse_numbers(std::string_view text) {
  std::vector<double> numbers;
  for (const auto value : split_values(text)) {
    const auto number = parse_number(value);
    if (!number) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

bool is_utf8(std::string_view text) {
  bool ok = true;
  for_each_character(
      text, [](std::string_view) {}, [&](char) { ok = false; });
  return ok;
}

std::string replace_ill_formed(std::string_view text) {
  std::string result;
  for_each_character(
      text, [&](std::string_view c) { result += is_control(c[0]) ? std::string_view(" ") : c; }, [&](char) { result += "\xEF\xBF\xBD"; });
  return result;
}

std::string displayed_path(std::string_view path) {
  std::string result;
  const auto hex = [&](char byte) { result += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte)); };
  for_each_character(
      path, [&](std::string_view c) { is_control(c[0]) ? hex(c[0]) : static_cast<void>(result += c); }, hex);
  return result;
}

std::string path_to_utf8(std::string_view path) {
  std::string result;
  const auto escape = [&](char byte) { result += escaped_byte(byte); };
  const auto keep = [&](std::string_view c) {
    // A genuine private-use character of the same range is escaped too, so that the way back is unambiguous.
    if (is_byte_escape(c))
      for (const char byte : c) escape(byte);
    else
      result += c;
  };
  for_each_character(path, keep, escape);
  return result;
}

std::string path_from_utf8(std::string_view text) {
  std::string result;
  const auto keep = [&](std::string_view c) {
    if (!is_byte_escape(c))
      result += c;
    else
      result += static_cast<char>(((static_cast<unsigned char>(c[1]) & 0x03) << 6) | (static_cast<unsigned char>(c[2]) & 0x3F));
  };
  for_each_character(text, keep, [&](char byte) { result += byte; });
  return result;
}

std::string hash_hex(std::string_view text) { return fmt::format("{:016x}", XXH64(text.data(), text.size(), 0)); }

}  // namespace cemscope::ingest
