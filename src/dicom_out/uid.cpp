#include "src/dicom_out/uid.h"

#include <xxhash.h>

#include <fmt/format.h>

namespace cemscope::dicom_out {
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

std::string uid_from(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const auto part : parts) joined += fmt::format("{}:{}", part.size(), part);
  const auto hash = XXH3_128bits(joined.data(), joined.size());
  // 39 digits, all but 1.6 bits of the hash: UIDs of one length can take each other's place in a finished file.
  constexpr Number128 kSmallest = Number128(10'000'000'000'000'000'000ULL) * 10'000'000'000'000'000'000ULL;
  return "2.25." + decimal(kSmallest + ((static_cast<Number128>(hash.high64) << 64) | hash.low64) % kSmallest);
}

std::string digest_of(std::string_view bytes) {
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace cemscope::dicom_out
