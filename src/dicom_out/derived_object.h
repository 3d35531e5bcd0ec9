#pragma once

#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include "src/dicom_out/codes.h"
#include "src/dicom_out/source_study.h"

namespace cemscope::dicom_out {

/// Manufacturer, model and serial number that every object carries.
inline constexpr const char* kProgram = "cemscope";

/// Throws Error{inconsistent} with `what` when DCMTK refused something.
void require(const OFCondition& condition, const char* what);

/// A number as a decimal string (VR DS): as short as it can be read back from, 16 characters at most.
std::string decimal_string(double value);

/// Puts what is common to all derived objects into the data set: patient, study, equipment, UTF-8, content date and time (those of the
/// study, so that the same input gives the same bytes), and under de-identification the statement of it.
void put_common(DcmDataset& data_set, const SourceStudy& source, const Producer& producer);

/// Declares cemscope's own coding scheme.
void put_coding_scheme(DcmDataset& data_set);

/// Gives the object a SOP Instance UID that follows from its content, and the given Series Instance UID or, without one, one that follows
/// from the content too; writes it as an explicit little endian file.
DicomObject sealed(DcmFileFormat& file, const std::string& kind, const std::string& series_uid = "");

}  // namespace cemscope::dicom_out
