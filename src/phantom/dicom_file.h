#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <dcmtk/dcmdata/dctk.h>

#include "src/phantom/patient_plan.h"

namespace cemscope::phantom {

/// Registers DCMTK's encoders once and silences its log.
void prepare_encoders();

/// Sets a text value; an empty one makes the attribute present without a value (type 2). Throws Error{unsupported} when DCMTK refuses it.
void put(DcmItem& item, const DcmTagKey& tag, const std::string& value);
void put(DcmItem& item, const DcmTagKey& tag, std::uint16_t value);

/// A decimal string of at most 16 characters.
std::string decimal_string(double value);

/// Encodes the dataset (uncompressed pixel data, if any) in the syntax, lossless, and writes it as a DICOM file. Folders are made.
/// Throws Error{unsupported} when the encoder fails, Error{unreadable} when the file cannot be written.
void save_dicom(DcmFileFormat& file, const std::filesystem::path& path, TransferSyntax syntax);

/// Rows, columns and the format of one 16-bit sample a pixel; not the photometric interpretation.
void put_pixel_format(DcmItem& item, int columns, int rows, int bits_stored, bool is_signed = false);

/// Patient and study modules of a patient's study, and the general series.
struct SeriesIdentity {
  const PatientPlan& patient;
  const StudyPlan& study;
  std::string study_uid, series_uid, frame_uid, modality;
};
void put_identity(DcmItem& item, const SeriesIdentity& identity, const SeriesPlan& series);

}  // namespace cemscope::phantom
