#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::phantom {

/// Bytes of a NumPy array file (.npy, format 1.0, C order).
std::string npy_of(const std::uint8_t* values, std::array<std::size_t, 3> shape);
std::string npy_of(const std::vector<double>& values);

/// Bytes of a zip archive with the entries deflated: what numpy.load reads as .npz. Timestamps are fixed, so the same entries make
/// the same bytes. Entries must be below 4 GiB.
struct ZipEntry {
  std::string name, bytes;
};
std::string zip_of(const std::vector<ZipEntry>& entries);

}  // namespace cemscope::phantom
