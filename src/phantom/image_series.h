#pragma once

#include <filesystem>
#include <functional>

#include "imaging/phantom/phantom.h"
#include "src/phantom/dicom_file.h"

namespace cemscope::phantom {

/// Path of image `number` (from 1) of a series.
using NameImage = std::function<std::filesystem::path(int number, const std::string& sop_uid)>;

/// Writes the patient's volume (or its tilted slices) as a series of CT Image Storage objects.
void write_ct_series(const imaging::PhantomPatient& phantom, const SeriesIdentity& identity, const SeriesPlan& series,
                     const NameImage& name);

/// Writes a localizer: the volume projected from front to back, a CT Image Storage object of image type LOCALIZER.
void write_localizer(const imaging::PhantomPatient& phantom, const SeriesIdentity& identity, const SeriesPlan& series,
                     const NameImage& name);

}  // namespace cemscope::phantom
