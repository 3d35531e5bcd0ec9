#pragma once

#include <vector>

#include "imaging/mri/fascia.h"
#include "imaging/mri/mr_parameters.h"

namespace cemscope::imaging::mri {

/// Consecutive fluid pixels of one row behind the canal, x from front to back.
struct FluidRun {
  int row = 0, first_x = 0, last_x = 0;
  bool is_from_front = false;  ///< goes on in front of the region: into the canal, a pedicle or a facet joint
  double side = 0;             ///< > 0: in front of the fascia, < 0: in the subcutaneous layer; within +-1 it is hard to tell
};

/// A connected patch of fluid in one slice.
struct FluidPatch {
  int slice = 0;
  std::vector<FluidRun> runs;
  double length_mm = 0;     ///< from the first row to the last
  double thickness_mm = 0;  ///< area over length
  double area_mm2 = 0;
  double peak_s = 0;  ///< 95th percentile of s
  double side = 0;    ///< mean of the runs
};

/// Brightness on the scale of DEFINITIONS and where fluid may count.
struct FluidScale {
  double fluid_ratio = 4;    ///< cerebrospinal fluid over muscle, shading apart
  double threshold_s = 0.4;  ///< with the noise limit applied
};

/// s = (I - muscle) / (CSF - muscle) of a logarithm over muscle.
inline double s_of(double log_over_muscle, double fluid_ratio) { return (std::exp(log_over_muscle) - 1.0) / (fluid_ratio - 1.0); }

/// Depth behind the canal's centre from which fluid counts: behind laminae and facets, nearer between the spinous processes, and no more
/// than a share of the way to the fascia.
double first_depth_mm(const SagittalStack& stack, const CanalCourse& canal, const Fascia& fascia, int y, int z);

/// All patches of fluid between laminae and skin, in front of the fascia or behind it. Where a run crosses the fascia at a dark line it is
/// cut there; else its side follows from where its middle lies, how well the fascia is known there, and on which end the dark line of the
/// fascia borders it.
std::vector<FluidPatch> find_fluid(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                                   const Fascia& fascia, const std::vector<std::vector<int>>& back, const FluidScale& scale);

}  // namespace cemscope::imaging::mri
