#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <itkImage.h>

namespace cemscope::ingest {

/// What a file says that one of its labels means.
struct LabelName {
  std::string text;   ///< free text such as "vertebrae_L1"; empty when there is none
  std::string level;  ///< "C1" ... "L5", "S1" from a coded type; empty when it is not coded or codes something else
};

/// Labels as a file holds them, any orientation, in patient space (LPS, mm). Values that are no labels (negative, beyond 16 bits) are 0.
struct LabelVolume {
  itk::Image<std::int16_t, 3>::Pointer image;
  std::map<int, LabelName> names;  ///< of the labels that have one
};

/// A grid beyond this is refused before its voxels are read: 1.6 times a whole body of 512 x 512 x 2,400 voxels.
inline constexpr std::int64_t kMostLabelVoxels = 1'000'000'000;

}  // namespace cemscope::ingest
