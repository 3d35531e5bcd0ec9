#pragma once

#include <vector>

#include <Eigen/Core>

#include "imaging/radiograph/column.h"

namespace cemscope::imaging::radiograph {

/// What stands out of a film: value - its opening with a 16 mm disc (so that the column's own shadow is background), and the noise of
/// bone in the column's band.
struct Relief {
  Plane<float> excess;            ///< working grid
  Plane<float> thick;             ///< excess opened with 3.5 mm: without endplates, clips, wires, letters, rods
  double median = 0, mad = 1e-3;  ///< of the lower three quarters of the excess in the column's band
};
Relief relief_of(const WorkingFilm& film, const Column& column);
/// What is thick and the noise of bone measured anew, after the excess or the film's field was changed.
void refresh(Relief& relief, const WorkingFilm& film, const Column& column);

/// A dense thing on the film. Positions in working pixels, lengths in film mm.
struct DenseThing {
  std::vector<std::pair<int, int>> pixels;
  Eigen::Vector2d centre{0, 0};
  int x0 = 0, x1 = 0, y0 = 0, y1 = 0;     ///< inclusive box
  double area_mm2 = 0, thickness_mm = 0;  ///< thickness: diameter of the largest inscribed circle
  double elongation = 1;                  ///< major over minor axis
  double solidity = 1;                    ///< area over that of its convex hull
  double plateau = 0;                     ///< excess, 80th percentile of the core
  double prominence = 0;                  ///< its thick excess over the 95th percentile of that in the column more than 20 mm away
  double texture = 0;                     ///< SD over mean of the excess 1.5 mm inside the rim
  double edge_median_mm = 0;              ///< width of its edge on the film itself
  double edge_quartile_mm = 0;            ///< first quartile: its sharpest parts
  double edge_upper_mm = 0;               ///< third quartile: its softest parts
  double steepness = 0;                   ///< of its outline, working value per mm (see dense_regions.h)
  double steepness_ratio = 1;             ///< over the median of all things of the film
  double relative_height = 1;             ///< its plateau over the greatest of the film's things
  double off_axis = 0;                    ///< centre to the column's middle in half widths; positive to the right
};

/// The relief without anything thinner than 8 mm: screws' shafts and rods give way to what lies about them, cement round a screw stays.
Relief without_bars(Relief relief, const WorkingFilm& film, const Column& column);

/// Dense things in and near the column, each within its steepest outline, top to bottom; those smaller than `least_mm2` or with outlines of
/// less than a tenth of the steepest are passed over.
std::vector<DenseThing> find_dense_things(const WorkingFilm& film, const Column& column, const Relief& relief, double least_mm2);

}  // namespace cemscope::imaging::radiograph
