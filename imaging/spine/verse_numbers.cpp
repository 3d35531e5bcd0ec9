#include "imaging/spine/verse_numbers.h"

#include <fmt/format.h>

namespace cemscope::imaging::spine {

std::string level_of_number(int number) {
  if (number == kSacrum) return "S";
  if (number == kT13) return "T13";
  if (!is_free_vertebra(number)) return {};
  if (number <= 7) return fmt::format("C{}", number);
  return number <= kT12 ? fmt::format("T{}", number - 7) : fmt::format("L{}", number - kT12);
}

double rank_of_number(int number) { return number == kT13 ? kT12 + 0.5 : number; }

bool is_free_vertebra(int number) { return (number >= 1 && number < kSacrum) || number == kT13; }

}  // namespace cemscope::imaging::spine
