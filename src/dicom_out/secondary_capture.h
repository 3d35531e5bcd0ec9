#pragma once

#include <string>

#include "src/dicom_out/source_study.h"

namespace cemscope::dicom_out {

/// A picture (PNG) as a Secondary Capture Image in RGB, one of the series of all pictures of a source series. `number` is its instance
/// number, from 1; `title` stands in the image comments. The picture must show no identifiers: the object says that none are burned in.
/// Throws Error{inconsistent} for bytes that are no PNG, or when DCMTK refuses a value.
DicomObject write_secondary_capture(const std::string& png, int number, const std::string& title, const SourceStudy& source,
                                    const Producer& producer);

}  // namespace cemscope::dicom_out
