#pragma once

#include <filesystem>

#include "src/ingest/label_volume.h"

namespace cemscope::masks {

/// The labels of an NRRD (.nrrd) or NIfTI file in patient space, any orientation and pixel type; an NRRD's segment names as 3D Slicer
/// writes them. Throws Error: unreadable, unsupported (not three-dimensional, more voxels than ingest::kMostLabelVoxels), inconsistent
/// (numbers between the whole ones: a probability, or a mask that was resampled with blending). (ITK's readers bring an Eigen of their own
/// that does not go with the system's, hence a source file without the latter.)
ingest::LabelVolume read_label_file(const std::filesystem::path& path);

}  // namespace cemscope::masks
