#pragma once

#include <filesystem>
#include <string>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// Reads the header of one file and checks that its pixels can be there (see check_pixel_data). Never throws for a bad file: its
/// kind is not_dicom or failed, or its failure_code is set. Symbolic links are not followed, FIFOs and devices not waited for.
/// A file without the DICM magic counts as DICOM when it starts like a data set and names its SOP class.
/// Further codes: "zero_length_file", "unreadable_file", "corrupt_header", "unsupported_transfer_syntax".
/// Reads with GDCM, and with DCMTK what GDCM refuses. Debian's GDCM is built with its assertions on: it ends the process on some damaged
/// files, so this is to be called in a process that may die (see scan_headers).
FileHeader read_file_header(const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool);

/// The same with DCMTK alone: four times slower and without the place of PixelData, but it survives what GDCM does not.
FileHeader read_file_header_slowly(const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool);

}  // namespace cemscope::ingest
