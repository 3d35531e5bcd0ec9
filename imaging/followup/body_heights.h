#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "imaging/followup/sagittal_view.h"
#include "imaging/mri/mr_levels.h"
#include "imaging/mri/mr_reading.h"
#include "imaging/vertebra_measurement.h"
#include "imaging/volume.h"

namespace cemscope::imaging::followup {

/// One vertebral body at one time.
struct BodyHeights {
  std::string level;  ///< "L1", empty when unnamed
  std::optional<double> anterior_mm, middle_mm, posterior_mm;
  bool is_cut = false;     ///< the examination ends inside it
  bool is_at_end = false;  ///< not cut where heights are taken, but it reaches the examination's end: it may be higher than it looks
  bool is_treated = false;
  std::array<double, 3> plainness{1, 1, 1};  ///< of front, middle and back: how plainly the height's ends show, 0-1 (films)
  bool is_misread = false;         ///< taller than a body of this spine can be (two bodies read as one); set by compare
  std::optional<bool> has_oedema;  ///< on MR
};

/// The spine at one time, bodies top to bottom.
struct TimePoint {
  std::string date, modality;  ///< YYYY-MM-DD; "CT", "MR", "XR"
  std::vector<BodyHeights> bodies;
  bool is_in_mm = true;  ///< false: of a film without a scale; heights are relative to each other
  SagittalView view;     ///< to be looked at; heights are not taken from it
};

/// Heights of the bodies of a label mask (1..n from the top) at front, middle and back: the mean over columns within 6 mm of the body's
/// middle plane, along the axis through the neighbours' centres, the label interpolated, so that thick slices of any orientation measure
/// alike. A body is cut where one of these columns comes within 1.5 mm and half a slice of `scan_low_z_mm` or `scan_high_z_mm`, and at
/// the end where any of it does. O(voxels).
std::vector<BodyHeights> heights_of_labels(const LabelMask& bodies, int n_bodies, double scan_low_z_mm, double scan_high_z_mm);

/// Heights and oedema of an MR reading, sacrum left out; bodies that cement has darkened are treated.
std::vector<BodyHeights> heights_of_mr(const MrReading& reading, const MrLevels& levels);

}  // namespace cemscope::imaging::followup
