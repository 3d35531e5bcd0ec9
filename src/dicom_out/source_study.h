#pragma once

#include <string>
#include <vector>

#include "src/ingest/export_index.h"

namespace cemscope::dicom_out {

/// The patient and the study that a derived object belongs to, as the source images state them (UTF-8), and the series it was made from.
struct SourceStudy {
  std::string patient_id, patient_name, birth_date, sex;
  std::string study_uid, date, time, description;
  std::string study_id, accession_number, referring_physician;
  std::string series_uid, sop_class_uid, frame_of_reference_uid, position_reference;
  bool is_deidentified = false;  ///< the values above are pseudonyms already; the object says so
};

/// What made the object.
struct Producer {
  std::string version;      ///< of cemscope
  std::string definitions;  ///< version and hash of the definitions
};

/// One image of the source series.
struct SourceImage {
  std::string sop_instance_uid;
  int frame = 0;  ///< 1-based frame number of a multi-frame source, 0 for a single-frame one
};

/// A DICOM file in memory with the UIDs by which others refer to it.
struct DicomObject {
  std::string bytes;  ///< the whole file, with preamble and meta information
  std::string sop_class_uid, sop_instance_uid, series_uid;
};

}  // namespace cemscope::dicom_out
