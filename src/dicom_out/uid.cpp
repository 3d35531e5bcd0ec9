#include "src/dicom_out/uid.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <fmt/format.h>

#include "src/cohort/content_hash.h"

namespace cemscope::dicom_out {

std::string uid_from(std::initializer_list<std::string_view> parts) {
  using boost::multiprecision::uint128_t;
  std::string joined;
  for (const auto part : parts) joined += fmt::format("{}:{}", part.size(), part);
  const uint128_t hash("0x" + cohort::content_hash(joined));
  // 39 digits, all but 1.6 bits of the hash: UIDs of one length can take each other's place in a finished file.
  const uint128_t smallest = boost::multiprecision::pow(uint128_t(10), 38);
  return "2.25." + uint128_t(smallest + hash % smallest).str();
}

}  // namespace cemscope::dicom_out
