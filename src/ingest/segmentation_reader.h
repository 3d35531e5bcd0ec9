#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "src/ingest/label_volume.h"

namespace cemscope::ingest {

/// Whether a SOP class holds segmentations: of segments, or a label map (PS3.3 A.51, A.51.5).
bool is_segmentation_class(std::string_view sop_class_uid);

/// The segments of a DICOM Segmentation (PS3.3 A.51) that `is_wanted` says, painted into one volume under their segment numbers; where two
/// overlap the later frame stays. Binary, fractional (a half of the maximum and more counts) and label-map segmentations, of any
/// orientation, geometry from the functional groups, frames in any order, slices without a frame empty. Read tolerantly: only what is
/// needed is looked at. Throws Error: unreadable (no DICOM, cut pixels), unsupported (no segmentation, more voxels than kMostLabelVoxels),
/// missing_attribute, and inconsistent (frames of several orientations, or of no common grid).
LabelVolume read_segmentation(const std::filesystem::path& path, const std::function<bool(const LabelName&)>& is_wanted);

}  // namespace cemscope::ingest
