#pragma once

#include <cstdint>
#include <optional>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// An open regular file.
struct OpenFile {
  int descriptor = -1;
  std::int64_t size = 0;
};

/// The kept attributes of a DICOM file up to PixelData, by GDCM's ReadSelectedTags; empty when GDCM cannot read it.
/// Knows where PixelData lies. Any encoding but deflated. Never throws.
std::optional<RawHeader> read_header_with_gdcm(const OpenFile& file);

/// The same by DCMTK, for what GDCM refuses: deflated files and transfer syntaxes it does not know (HTJ2K). Slower by a factor of 4;
/// the place of PixelData stays unknown, but the whole file has been parsed. Never throws.
std::optional<RawHeader> read_header_with_dcmtk(const char* path);

}  // namespace cemscope::ingest
