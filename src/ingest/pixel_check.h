#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/ingest/header_readers.h"

namespace cemscope::ingest {

/// What is wrong with a file, in a stable code and a sentence for people.
struct Defect {
  std::string code, sentence;
};

/// The size that the header gives to the pixels.
struct PixelLayout {
  std::int64_t rows = 0, columns = 0, samples = 1, bits_allocated = 0, frames = 1;
  std::string photometric;
};

PixelLayout pixel_layout(const HeaderValues& values);

/// Bytes of uncompressed PixelData; empty when they do not follow from the header (4:2:2 colour).
std::optional<std::int64_t> native_bytes(const PixelLayout& layout);

/// Whether the pixels that the header promises can be in the file: "impossible_dimensions", "missing_pixel_data", "truncated_header",
/// "truncated_pixel_data", "wrong_pixel_length", or nothing. Reads at most the fragments' 8-byte heads, never pixels.
std::optional<Defect> check_pixel_data(const OpenFile& file, const RawHeader& header);

}  // namespace cemscope::ingest
