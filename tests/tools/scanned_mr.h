#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imaging/phantom/mr_phantom.h"

namespace cemscope::tools {

/// An examination that warp_mr.py made out of a labelled CT scan. `parameters` holds no more than a token strip where fluid lies under the
/// skin, which is what an agreement asks of it.
struct ScannedMr {
  imaging::PhantomMrExam exam;
  imaging::PhantomMrParameters parameters;
  static constexpr std::uint8_t kDisc = 255;
  std::vector<std::uint8_t> named;  ///< of each voxel of the volume: 0, the number of the vertebral body or kDisc
};

/// FOLDER/<seed>.mr. Throws std::runtime_error when there is none or it is cut short.
ScannedMr read_scanned_mr(const std::string& folder, unsigned long seed);

}  // namespace cemscope::tools
