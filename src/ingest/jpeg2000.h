#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cemscope::ingest {

/// Decodes one JPEG 2000 code stream (raw or in a JP2 box) of one component into 16-bit words; negative values in two's complement.
/// Throws Error{unreadable} when it cannot be decoded or has another size than rows x columns.
void decode_jpeg2000(std::span<const std::uint8_t> stream, int rows, int columns, std::vector<std::uint16_t>& words);

}  // namespace cemscope::ingest
