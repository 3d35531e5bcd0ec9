#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cemscope::phantom {

/// A UID that follows from the seed and a name: "2.25." and a 128-bit number (DICOM PS3.5 B.2), the same in every run.
std::string make_uid(std::uint64_t seed, std::string_view name);

/// Eight hexadecimal digits that follow from the seed and a name, for odd file names.
std::string make_hex_name(std::uint64_t seed, std::string_view name);

}  // namespace cemscope::phantom
