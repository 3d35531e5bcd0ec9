#pragma once

#include "src/phantom/image_series.h"

namespace cemscope::phantom {

/// Writes an X-Ray Radiation Dose SR with the accumulated dose of the study.
void write_dose_report(const SeriesIdentity& identity, const SeriesPlan& series, const NameImage& name);

/// Writes the protocol page that scanners send along: a secondary capture.
void write_dose_page(const SeriesIdentity& identity, const SeriesPlan& series, const NameImage& name);

/// Files that are no images of a patient: notes, a thumbnail cache, an empty file, text named .dcm and a DICOM file cut off.
void write_junk(const std::filesystem::path& folder, const std::filesystem::path& any_dicom);

}  // namespace cemscope::phantom
