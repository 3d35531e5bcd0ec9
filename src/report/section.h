#pragma once

#include <optional>
#include <vector>

#include "imaging/ct_reading.h"

namespace cemscope::report {

/// Views of a vertebra in its own frame.
enum class View { axial, sagittal, coronal };

/// A cement voxel in a vertebra's frame: mm to the left, posterior and superior of the centre of its body.
struct CementVoxel {
  Eigen::Vector3d at_mm{0, 0, 0};
  imaging::CementZone zone = imaging::CementZone::body;
};

/// The cement of one treated vertebra and the size of its voxels.
struct VertebraCement {
  std::vector<CementVoxel> voxels;
  double voxel_mm3 = 0.0;
  Eigen::Vector3d voxel_extent_mm{0, 0, 0};  ///< a voxel's extent along left, posterior, superior
};

/// A slice that shows cement: at `offset_mm` along the view's normal (superior, left or posterior), with the cement's section there.
struct Section {
  View view = View::axial;
  double offset_mm = 0.0;
  double area_mm2 = 0.0;
  Eigen::Vector3d centroid_mm{0, 0, 0};  ///< of the section's cement, in the frame
};

/// The cement voxels that came from this treated vertebra. Empty when there is no cement image.
/// Complexity: O(voxels of the crop), eight at a time while they are empty.
VertebraCement cement_of_vertebra(const imaging::CtReading& reading, const imaging::TreatedVertebra& vertebra);

/// The largest section of the given zones' cement in a view, to 0.5 mm; empty when they hold no cement. A voxel counts over its whole
/// extent, so that thick slices are not missed between their centres.
std::optional<Section> largest_section(const VertebraCement& cement, const std::vector<imaging::CementZone>& zones, View view);

/// The view and slice in which a leak of this zone is most convincing: disc leaks beside the endplates (sagittal or coronal), leaks into
/// canal and foramen against the posterior wall (axial or sagittal), others where their section is largest.
std::optional<Section> best_leak_section(const VertebraCement& cement, imaging::CementZone zone);

}  // namespace cemscope::report
