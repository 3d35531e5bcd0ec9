#pragma once

#include <cstdint>
#include <filesystem>

namespace cemscope::bench {

/// Writes about `n_files` CT images of 32 x 32 pixels, each with the header of a scanner's image, as 20 patients of four series.
/// Returns the number of files.
int write_small_files(const std::filesystem::path& folder, int n_files);

/// What the benchmark's CT case is.
struct CtCase {
  int columns = 512, rows = 512, slices = 300;
  [[nodiscard]] std::int64_t n_bytes() const { return std::int64_t{2} * columns * rows * slices; }
};

/// Simulates one treated patient, L1 with a paravertebral leak, and writes it as an uncompressed series of that size: 0.7 mm pixels,
/// slices of 0.8 mm. Takes some seconds.
void write_ct_case(const std::filesystem::path& folder, const CtCase& size);

}  // namespace cemscope::bench
