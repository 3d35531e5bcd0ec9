#include "src/ingest/case_id.h"

#include <algorithm>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

constexpr std::size_t kMaxLength = 64;
constexpr std::size_t kHashDigits = 8;

bool is_safe(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_safe_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLength && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), is_safe);
}

}  // namespace

std::string safe_file_name(std::string_view text) { return is_safe_name(text) ? std::string(text) : distinguished_file_name(text, ""); }

std::string distinguished_file_name(std::string_view text, std::string_view distinction) {
  std::string name(text.substr(0, kMaxLength - kHashDigits - 1));
  for (auto& c : name) {
    if (!is_safe(c)) c = '_';
  }
  const auto first = name.find_first_not_of(".-");
  name.erase(0, first);
  if (name.empty()) name = "case";
  std::string hashed(text);
  if (!distinction.empty()) hashed.append(1, '\0').append(distinction);
  return name + "-" + hash_hex(hashed).substr(0, kHashDigits);
}

}  // namespace cemscope::ingest
