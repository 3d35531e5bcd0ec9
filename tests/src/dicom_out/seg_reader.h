#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "imaging/volume.h"

namespace cemscope::tests {

/// A point of the patient in micrometres, so that points can be compared.
using Point_um = std::tuple<long, long, long>;
Point_um rounded(const imaging::Point_mm& point);

/// A segmentation as another library (GDCM) reads it; the bits are unpacked here after PS3.5 8.1.1.
struct ReadSegmentation {
  int rows = 0, columns = 0, n_frames = 0;
  std::map<std::string, std::set<Point_um>> points;  ///< set pixels of each segment, by label
  std::vector<std::vector<std::string>> sources;     ///< by frame: SOP instance UIDs of its source images
  std::map<std::string, std::string> texts;          ///< top-level attributes by "gggg,eeee"
};

/// Throws std::runtime_error when it is none.
ReadSegmentation read_segmentation(const std::string& bytes);

}  // namespace cemscope::tests
