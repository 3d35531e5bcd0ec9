#pragma once

#include <array>
#include <string>

#include "imaging/cement/deposit.h"
#include "imaging/spine/midline.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::cement {

/// How the cement lies in a part of the body's height.
struct BandMeasurement {
  std::array<std::array<double, 2>, 3> cells{};  ///< fill of left, middle, right x front, back
  double fill = 0, evenness = 0;
  int n_cells_hit = 0;
  bool left_hit = false, right_hit = false;
};

/// How the cement inside one body lies. Volumes are partial-volume sums of the voxels labelled `body`.
struct DistributionMeasurement {
  double body_cement_ml = 0, body_ml = 0, fill = 0;
  double left_ml = 0, right_ml = 0, minor_side_fraction = 0;
  double reach_mm = 0;                    ///< how far past the midline cement reaches on the minor side: 1 % of the body's cement lies
                                          ///< beyond it (a sliver along a cortex is no reach); negative when it stops short of the midline
  static constexpr double kMidlineError_mm = 2.0;  ///< of the plane on the shared cohort's and warped real spines
  double least_minor_fraction = 0, most_minor_fraction = 0;  ///< minor_side_fraction with the midline moved so far to either side
  double reach_contralateral = 0;         ///< reach / half-width
  BandMeasurement lower_third, upper_third;
  BandLayers layers;                      ///< for other bands than these
  bool is_band_lower = false;             ///< the fracture band is the lower third, else the upper one
  std::string band_source;                ///< "upper_third", "collapsed_upper", "collapsed_lower"
  std::string endplate_contact, texture;
};

/// Midline crossing, fill and evenness (DEFINITIONS, "Midline crossing and distribution"). `zones`: CementZone labels on the map's grid.
/// The fracture band is the third of the body's height under the collapsed endplate (the one more than 2 mm deeper sunk than the other), else
/// the upper third. Complexity: O(body box).
DistributionMeasurement measure_distribution(const VolumeView& volume, const CementMap& map, const Grid<std::uint8_t>& zones,
                                             const spine::VertebralBody& body, const spine::Midline& midline, const Deposit& deposit,
                                             const DistributionParameters& parameters);

/// The six cells of a part of the body's height; layers that it cuts count by their share.
BandMeasurement measure_band(const BandLayers& layers, const HeightBand& band, const DistributionParameters& parameters);

/// How far the middle of each endplate lies below (above, of the lower one) the plane of its rim, mm.
struct SunkenEndplates {
  double upper_mm = 0, lower_mm = 0;
};
SunkenEndplates measure_sunken(const spine::VertebralBody& body, const spine::Midline& midline);

/// Anterior, middle and posterior height of a body along its midline, mm.
struct BodyHeights {
  double anterior_mm = 0, middle_mm = 0, posterior_mm = 0;
  [[nodiscard]] double least_mm() const { return std::min(anterior_mm, std::min(middle_mm, posterior_mm)); }
};
BodyHeights measure_heights(const spine::VertebralBody& body, const spine::Midline& midline);

}  // namespace cemscope::imaging::cement
