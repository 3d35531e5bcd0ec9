#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "imaging/phantom/phantom_parameters.h"
#include "imaging/vertebra_measurement.h"
#include "imaging/volume.h"

namespace cemscope::imaging {

/// What is true of one treated vertebra, by DEFINITIONS, from the geometry the scan was rendered from (0.4 mm cells in the
/// vertebra's own frame), never from pixels.
struct PhantomVertebraTruth {
  std::string level;
  std::string pattern;  ///< "left", "right", "bilateral", "central_spread", "clump", "diffuse"
  double cement_ml = 0.0;
  std::map<CementZone, double> volumes_ml;  ///< every zone, 0 where none
  double body_ml = 0.0;
  double fill = 0.0;           ///< body cement / body volume
  double left_fraction = 0.0;  ///< of the body's cement
  double minor_side_fraction = 0.0;
  double reach_mm = 0.0;                         ///< past the midline; negative when cement stays that far from it
  std::array<std::array<double, 2>, 3> cells{};  ///< fill of the band, [right, middle, left][front, back]
  bool is_band_lower = false;                    ///< the fracture band is the lower third, else the upper one
  bool is_band_ambiguous = false;                ///< both endplates collapsed alike, or the lower one barely
  bool midline_crossed = false, midline_borderline = false;
  bool satisfactory = false, distribution_borderline = false;
  bool leakage = false, leakage_borderline = false;
  std::map<CementZone, double>
      leaks_ml;  ///< zones that count as a leak on this scan: >= 10 mm3 farther out than max(1 mm, half a slice, 1 voxel)
  LeakageType leakage_type = LeakageType::none;
  double height_anterior_mm = 0.0, height_middle_mm = 0.0, height_posterior_mm = 0.0;
  double compression = 0.0;  ///< against the neighbours' heights
  VertebralFrame frame;
  int body_label = 0;  ///< in PhantomPatient::bodies; 0 when its body lies outside the field
};

struct PhantomTruth {
  std::vector<PhantomVertebraTruth> vertebrae;  ///< treated ones that lie in the field, top to bottom
  std::vector<std::string> body_levels;         ///< level of body label 1, 2 ...
  std::vector<VertebralFrame> body_frames;      ///< of body label 1, 2 ...
  std::vector<Point_mm> canal_course_mm;        ///< centre of the canal at each body, top to bottom
  double trabecular_hu = 0.0;                   ///< mean of untreated, unfractured bodies
};

/// Slices of a tilted gantry as the scanner stores them: slice k is the plane through origin + k * slice_step_mm.
struct PhantomTiltedStack {
  HuImage::Pointer image;  ///< index order [column, row, slice]; its ITK geometry is not meaningful
  Point_mm origin_mm{0, 0, 0};
  Direction row_direction{0, 1, 0};  ///< from one row to the next
  Direction slice_step_mm{0, 0, 1};
};

/// A simulated patient. All images share one grid with an orthonormal direction matrix; with a gantry tilt, the volume is what
/// remains after the tilt has been sheared out.
struct PhantomPatient {
  CtVolume ct;
  std::optional<PhantomTiltedStack> tilted;  ///< as acquired, when the gantry was tilted
  LabelMask cement;                          ///< CementZone values; a voxel counts where cement fills half of it or more
  LabelMask bodies;                          ///< vertebral bodies 1..n from the top (sacrum not labelled)
  LabelMask posterior;                       ///< posterior elements of the same numbers; 254 ribs and pelvis, 255 sacrum
  PhantomTruth truth;
};

/// Simulates the patient. Shapes are analytic after published morphometry (Panjabi et al., Spine 1991;16:888 and 1992;17:299), rendered
/// with partial volume, point spread, slice profile, beam-hardening streaks and correlated noise. Deterministic in its parameters. Throws
/// Error{usage} for an unknown level or a parameter out of its range.
PhantomPatient make_phantom(const PhantomParameters& parameters);

/// "left", "right", "bilateral", "central_spread", "clump", "diffuse".
std::string to_string(CementPattern pattern);

}  // namespace cemscope::imaging
