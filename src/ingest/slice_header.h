#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "src/ingest/export_index.h"
#include "src/ingest/hounsfield.h"

namespace cemscope::ingest {

/// What the volume reader needs of one slice's file.
struct SliceHeader {
  ImageRef image;
  std::string transfer_syntax_uid, photometric;
  Eigen::Vector3d position_mm, row, column;  ///< LPS; unit cosines
  double row_spacing_mm = 0, column_spacing_mm = 0;
  int rows = 0, columns = 0, bits_allocated = 16;
  int pixel_representation = 0;  ///< as stated; `coding` may know better
  PixelCoding coding;
  std::int64_t pixel_offset = -1;  ///< of the frame when uncompressed; -1: only DCMTK can find the pixels
  int n_frames = 1;                ///< of the file; image.frame says which one this is
};

struct SliceHeaders {
  std::vector<SliceHeader> slices;  ///< in the order of the series
  std::vector<Failure> failures;    ///< files that cannot be used, one row each
};

/// Reads the headers of a series' files again, in `n_threads` guarded processes (see scan_headers), and checks them as the index does.
/// Throws Error{missing_attribute} when no slice has a usable position, orientation or PixelSpacing, Error{unsupported} for
/// multi-frame images without functional groups, colour images and pixels deeper than 16 bits, Error{unreadable} when no file is left.
SliceHeaders read_slice_headers(const std::filesystem::path& folder, const Series& series, int n_threads);

}  // namespace cemscope::ingest
