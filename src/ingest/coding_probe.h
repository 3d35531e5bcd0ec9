#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/ingest/slice_header.h"

namespace cemscope::ingest {

/// Corrects what the headers of a whole series say wrongly about their pixels, judged on its first, middle and last slice. Only
/// suspicious headers cost a look at the pixels. Returns warnings:
/// - "sign_reinterpreted": pixels declared unsigned are two's complement. Either 16 bits are stored and the top bit is in use (no CT value
///   reaches 31,744 HU), or the declared coding cannot express air while the signed reading finds it.
/// - "monochrome1_ct": MONOCHROME1 changes the display, not the densities, so they are taken as they are; but when the picture's corners
/// are dense
///   the pixels themselves are inverted: throws Error{unsupported}.
std::vector<std::string> correct_codings(const std::filesystem::path& folder, std::vector<SliceHeader>& slices);

/// The slice's coding without a padding value that cannot be one: a value in the range of tissue is padding only where a corner of the
/// slice has it.
PixelCoding with_plausible_padding(const SliceHeader& slice, const std::vector<std::uint16_t>& words);

}  // namespace cemscope::ingest
