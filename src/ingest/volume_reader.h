#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/volume.h"
#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// A CT series decoded to one volume, with every decision that was taken about its geometry and pixels.
struct LoadedCt {
  imaging::CtVolume volume;
  std::vector<std::string> warnings;  ///< stable codes: "missing_slices_resampled", "gantry_tilt_sheared", "uneven_slices_resampled" ...
  std::vector<Failure> failures;      ///< files left out
  std::vector<ImageRef> slices;       ///< the image behind each k index; an interpolated slice has an empty path
};

struct LoadOptions {
  int n_threads = 0;  ///< 0: the environment variable CEMSCOPE_THREADS, else one per core
};

/// Decodes a CT series (any orientation, any transfer syntax that DCMTK or OpenJPEG/GDCM decodes) in parallel over slices.
/// Slice order and spacing come from ImagePositionPatient projected on the normal. Rescale, signedness, padding and
/// 12-bit wrap are applied. Missing slices up to 2 in a row are interpolated and recorded; a larger gap keeps the longest run.
/// Throws Error: unsupported (transfer syntax), missing_attribute (PixelSpacing, position), inconsistent, unreadable.
/// The k axis runs along increasing projection on the normal (row x column cosines), so the frame is right-handed.
LoadedCt load_ct(const std::filesystem::path& folder, const Series& series, const LoadOptions& options = {});

/// The densities of about `n_slices` evenly spaced slices, for a quick look at what a series covers: number of mm3 above `hu`, scaled to
/// the whole series. Slices that cannot be decoded are passed over. Throws as load_ct does, unreadable when no sampled slice can be
/// decoded.
double probe_dense_volume_mm3(const std::filesystem::path& folder, const Series& series, int n_slices, int hu);

}  // namespace cemscope::ingest
