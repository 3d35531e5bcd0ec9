#include "src/ingest/ct_kernel.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The first number in the name, -1 without one.
int first_number(std::string_view name) {
  const auto start = std::find_if(name.begin(), name.end(), is_digit);
  int number = -1;
  std::from_chars(start, name.end(), number);
  return number;
}

bool contains_any(const std::string& name, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return name.find(word) != std::string::npos; });
}

KernelSharpness canon_kernel(int number) {
  if (number >= 50 && number < 60) return KernelSharpness::lung;
  if ((number >= 30 && number < 40) || (number >= 80 && number < 90)) return KernelSharpness::bone;
  return KernelSharpness::soft;
}

KernelSharpness siemens_kernel(char family, int number) {
  if (number < 50) return KernelSharpness::soft;
  return family == 'l' ? KernelSharpness::lung : KernelSharpness::bone;
}

KernelSharpness philips_kernel(const std::string& name) {
  if (name == "l") return KernelSharpness::lung;
  return name == "a" || name == "b" || name == "c" || name == "ua" || name == "ub" || name == "uc" ? KernelSharpness::soft
                                                                                                   : KernelSharpness::bone;
}

// Siemens: a region letter (B H U T Q S I D), an optional property letter, two digits.
bool looks_like_siemens(const std::string& name) {
  constexpr std::string_view kRegions = "bhutqsid";
  if (name.size() < 3 || kRegions.find(name[0]) == std::string_view::npos) return false;
  const auto start = is_digit(name[1]) ? 1U : 2U;
  return name.size() >= start + 2 && is_digit(name[start]) && is_digit(name[start + 1]);
}

}  // namespace

KernelSharpness kernel_sharpness(std::string_view kernel) {
  const auto name = to_lower(trimmed(kernel.substr(0, kernel.find('\\'))));
  if (name.empty()) return KernelSharpness::unknown;
  if (contains_any(name, {"lung"})) return KernelSharpness::lung;
  if (contains_any(name, {"bone", "edge", "sharp", "detail", "spine", "ultra"})) return KernelSharpness::bone;
  if (contains_any(name, {"soft", "standard", "stnd", "smooth", "body", "abdomen", "std"})) return KernelSharpness::soft;
  if (name.starts_with("fc")) return canon_kernel(first_number(name));
  if (looks_like_siemens(name)) return siemens_kernel(name[1], first_number(name));
  if (name.size() <= 2) return philips_kernel(name);
  return KernelSharpness::unknown;
}

}  // namespace cemscope::ingest
