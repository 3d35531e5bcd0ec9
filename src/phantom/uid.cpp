#include "src/phantom/uid.h"

#include <fmt/format.h>

#include "imaging/phantom/random.h"

namespace cemscope::phantom {
namespace {

__extension__ using Number128 = unsigned __int128;

std::string decimal(Number128 number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return digits;
}

}  // namespace

std::string make_uid(std::uint64_t seed, std::string_view name) {
  const std::uint64_t high = imaging::phantom::mix_seed(seed, name), low = imaging::phantom::mix_seed(high, name);
  return "2.25." + decimal((static_cast<Number128>(high) << 64) | low);
}

std::string make_hex_name(std::uint64_t seed, std::string_view name) {
  return fmt::format("{:08X}", static_cast<std::uint32_t>(imaging::phantom::mix_seed(seed, name)));
}

}  // namespace cemscope::phantom
