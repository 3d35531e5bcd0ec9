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

/// A thick dense thing on the film. Positions in working pixels, lengths in film mm.
struct DenseThing {
  std::vector<std::pair<int, int>> pixels;  ///< where it reaches half of its plateau
  Eigen::Vector2d centre{0, 0};
  int x0 = 0, x1 = 0, y0 = 0, y1 = 0;     ///< inclusive box
  double area_mm2 = 0, thickness_mm = 0;  ///< thickness: diameter of the largest inscribed circle
  double elongation = 1;                  ///< major over minor axis
  double solidity = 1;                    ///< area over that of its convex hull
  double plateau = 0;                     ///< excess, 80th percentile of the core
  double z = 0;                           ///< (plateau - median) / MAD
  double prominence = 0;                  ///< its thick excess over the 95th percentile of that in the column more than 20 mm away
  double texture = 0;                     ///< SD over mean of the excess 1.5 mm inside the rim
  double edge_quartile_mm = 0, edge_median_mm = 0, edge_upper_mm = 0;  ///< quartiles of the width of its edge on the film itself
  double joined_area_mm2 = 0;  ///< of everything as dense that it hangs together with, thin parts included
  double off_axis = 0;         ///< centre to the column's middle in half widths; positive to the right
  double off_axis_mm = 0;
};

/// Thick dense things in and near the column, top to bottom; cores of less than `least_core_mm2` are passed over.
std::vector<DenseThing> find_dense_things(const WorkingFilm& film, const Column& column, const Relief& relief, double least_core_mm2);

}  // namespace cemscope::imaging::radiograph
