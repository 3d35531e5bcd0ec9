#pragma once

#include <filesystem>
#include <optional>

#include "imaging/volume.h"
#include "src/evaluation/evaluation.h"

namespace cemscope::evaluation {

/// Twice the common volume over the sum of both volumes of non-zero voxels, each on its own grid in patient space; the common volume is
/// counted on the truth's grid by the nearest voxel. Empty when both are empty. Complexity: O(voxels of both).
std::optional<double> dice(const imaging::LabelImage& truth, const imaging::LabelImage& said);

/// A mask file: NRRD or NIfTI (any orientation), or the array `cement` with `spacing` [z, y, x] and `origin` [x, y, z] in mm of an .npz
/// [k up, j back, i left]. Throws Error{unreadable} or Error{inconsistent}.
imaging::LabelImage::Pointer read_mask(const std::filesystem::path& path);

/// The Dice of every patient with a mask <patient>.nrrd, .nii.gz, .nii, .npz or truth_<patient>.npz in `masks`, against
/// cases/<case>/cement.nrrd of the output. A mask that cannot be read becomes a note. Empty when no patient has one.
std::optional<DiceResult> compare_masks(const std::filesystem::path& masks, const std::filesystem::path& output, const Readings& truth,
                                        const Readings& said, std::vector<std::string>& notes);

}  // namespace cemscope::evaluation
