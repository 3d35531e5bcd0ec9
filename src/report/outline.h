#pragma once

#include <vector>

#include <Eigen/Core>

#include "src/report/slice.h"

namespace cemscope::report {

/// A line through points in pixels; the centre of pixel (x, y) is (x, y). A closed line repeats its first point at the end.
using Polyline = std::vector<Eigen::Vector2d>;

/// The closed outlines where `values` crosses `level` (marching squares with linear interpolation; the two ambiguous cases keep the
/// corners apart). Outside the raster counts as 0, so every outline closes. Points lie within half a pixel beyond the border.
/// Complexity: O(pixels).
std::vector<Polyline> trace_outlines(const Raster<float>& values, float level);

/// Area enclosed by closed outlines in square pixels, holes subtracted (shoelace formula).
double enclosed_area_px2(const std::vector<Polyline>& outlines);

/// Closed outlines with the voxel grid's steps rounded off: `passes` of averaging along the line that shrink and swell in turn (Taubin
/// 1995, lambda 0.5, mu -0.53), so that areas are kept.
std::vector<Polyline> smooth_outlines(std::vector<Polyline> outlines, int passes);

}  // namespace cemscope::report
