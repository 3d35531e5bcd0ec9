#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "src/ingest/slice_header.h"

namespace cemscope::ingest {

/// Decodes the RLE, JPEG, JPEG lossless or JPEG-LS stream of one slice by DCMTK's codecs into words, rows x columns, 8-bit pixels widened.
/// DCMTK sees only the attributes in `slice`, never the file: its parser descends into nested sequences without a limit. Thread-safe.
/// Throws Error{unreadable}.
void decode_stream_with_dcmtk(std::span<const std::uint8_t> stream, const SliceHeader& slice, std::vector<std::uint16_t>& words);

/// The same for a whole file whose pixels only DCMTK's parser finds (deflated, or refused by GDCM). The header scan has read such a file
/// to its end, in a process of its own. Throws Error{unreadable}, or Error{inconsistent} when the file is not the one of the header any
/// more.
void decode_file_with_dcmtk(const std::filesystem::path& path, const SliceHeader& slice, std::vector<std::uint16_t>& words);

/// All fragments of such a file's encapsulated PixelData in one piece, without the offset table. Throws Error{unreadable}.
std::vector<std::uint8_t> read_fragments_with_dcmtk(const std::filesystem::path& path);

/// Bytes that fill the first half of `words` spread out to one word each.
void widen_bytes(std::vector<std::uint16_t>& words);

}  // namespace cemscope::ingest
