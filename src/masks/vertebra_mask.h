#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/volume.h"

namespace cemscope::masks {

/// The vertebra that a file of one structure holds by its name ("vertebrae_L1.nii.gz", "P1_vertebrae_L1.nrrd"), as a label name; empty for
/// other names.
std::string structure_of_file(const std::filesystem::path& file);

/// The vertebrae of one mask in VerSe numbers, cropped to them, otherwise on the mask's own grid and orientation (LPS). `files`: one NIfTI,
/// NRRD or DICOM SEG file, or TotalSegmentator's, one per structure. Numbering as recognise_numbering tells it, cleaned and checked as
/// checked_vertebrae says. Throws Error with the reason for which the mask is refused.
imaging::LabelMask read_vertebra_mask(const std::vector<std::filesystem::path>& files);

}  // namespace cemscope::masks
