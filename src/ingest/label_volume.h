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

/// A grid beyond this (512 x 512 x 1,500) is refused before its voxels are read: as floating-point numbers they take 2.4 GB on the way to
/// labels, and a worker has 4.
inline constexpr std::int64_t kMostLabelVoxels = 400'000'000;

}  // namespace cemscope::ingest
