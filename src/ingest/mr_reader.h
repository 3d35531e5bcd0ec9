#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/mri/mr_volume.h"
#include "src/ingest/export_index.h"
#include "src/ingest/volume_reader.h"

namespace cemscope::ingest {

/// An MR series decoded to one volume.
struct LoadedMr {
  imaging::MrVolume volume;
  std::vector<std::string> warnings;  ///< stable codes of plan_stack
  std::vector<Failure> failures;      ///< files left out
};

/// Decodes an MR series in parallel over slices: order from ImagePositionPatient, never from file order or instance numbers (interleaved
/// acquisitions), rescale per slice, enhanced multi-frame from its functional groups. Of several slabs with a gap between them the longest
/// is kept. Unlike CT, uneven steps are not resampled: slices are read one by one. Throws Error as load_ct does.
LoadedMr load_mr(const std::filesystem::path& folder, const Series& series, const LoadOptions& options = {});

}  // namespace cemscope::ingest
