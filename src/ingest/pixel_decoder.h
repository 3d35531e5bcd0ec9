#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "src/ingest/slice_header.h"

namespace cemscope::ingest {

/// The stored words of one slice, rows x columns, 8-bit pixels widened; `words` is reused from call to call to spare allocations.
/// Uncompressed pixels are read from their place in the file; RLE, JPEG, JPEG lossless, JPEG-LS and deflated files are decoded by DCMTK,
/// JPEG 2000 by OpenJPEG. Thread-safe. Throws Error{unreadable} when the pixels cannot be decoded or are fewer than promised.
void decode_slice(const std::filesystem::path& folder, const SliceHeader& slice, std::vector<std::uint16_t>& words);

}  // namespace cemscope::ingest
