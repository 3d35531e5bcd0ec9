#pragma once

#include <filesystem>
#include <string>

#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// Attributes of a study that only objects made from it need; UTF-8, empty when the image has none.
struct StudyAttributes {
  std::string study_id, accession_number, referring_physician, position_reference;
};

/// Reads them from one image of the study, in a guarded process (see scan_headers: forks, so to be called while no other thread reads
/// DICOM). All are empty when the file cannot be read any more.
StudyAttributes read_study_attributes(const std::filesystem::path& folder, const ImageRef& image);

}  // namespace cemscope::ingest
