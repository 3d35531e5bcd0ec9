#include "src/phantom/uid.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <fmt/format.h>

#include "imaging/phantom/random.h"

namespace cemscope::phantom {

std::string make_uid(std::uint64_t seed, std::string_view name) {
  const std::uint64_t high = imaging::phantom::mix_seed(seed, name), low = imaging::phantom::mix_seed(high, name);
  const auto number = boost::multiprecision::uint128_t(high) << 64 | low;
  return "2.25." + boost::multiprecision::uint128_t(number).str();
}

std::string make_hex_name(std::uint64_t seed, std::string_view name) {
  return fmt::format("{:08X}", static_cast<std::uint32_t>(imaging::phantom::mix_seed(seed, name)));
}

}  // namespace cemscope::phantom
