#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::evaluation {

/// An array of a NumPy file in C order; only the member of its type is filled.
struct NumpyArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;  ///< of uint8 and bool
  std::vector<double> numbers;      ///< of float64
};

/// The arrays of an .npz archive (stored or deflated) by name, those of other types than uint8, bool and float64 left out. `where` names
/// the archive in messages. Throws Error{inconsistent} for anything that is no such archive or would not fit its own sizes.
std::map<std::string, NumpyArray> read_npz(std::string_view archive, const std::string& where);

}  // namespace cemscope::evaluation
