#pragma once

#include <string>
#include <vector>

#include <Eigen/Core>

#include "src/ingest/slice_header.h"

namespace cemscope::ingest {

/// A slice's place in the volume to be made.
struct PlacedSlice {
  std::size_t source = 0;           ///< index into the slices the plan was made from
  double k = 0;                     ///< along the normal, in units of the slice spacing from the first slice; whole on an even grid
  double shift_i = 0, shift_j = 0;  ///< where its first pixel lies, in pixels from the volume's first one
};

struct LeftOutSlice {
  std::size_t source = 0;
  std::string code, sentence;
};

/// The regular grid that a stack of slices fills. Axis i along the row cosines, j along the column cosines, k along their cross product.
struct StackPlan {
  Eigen::Matrix3d direction;                ///< columns: the unit vectors of i, j, k
  Eigen::Vector3d origin_mm, spacing_mm;    ///< centre of the first voxel, LPS; spacing along i, j, k
  int columns = 0, rows = 0, n_slices = 0;  ///< size along i, j, k
  std::vector<PlacedSlice> slices;          ///< by increasing k
  bool is_even = true;                      ///< every slice lies on the grid; the grid may have holes
  bool has_shifts = false;                  ///< slices are displaced within their plane (gantry tilt)
  std::vector<LeftOutSlice> left_out;
  std::vector<std::string> warnings;  ///< codes, see plan_stack
};

/// Plans the volume of a stack from the slices' positions projected on the normal; SliceThickness and file order play no part.
/// - slices of another matrix, spacing or orientation than most: left out ("inconsistent_slice_geometry")
/// - several slices at one position: the first by instance number and path is kept ("duplicate_slice_position")
/// - up to 2 slices missing in a row: holes in the grid, warning "missing_slices_resampled"; a larger gap ends the stack, the longest
///   run is kept, the rest left out ("beyond_slice_gap"), warning "slice_gap_longest_run_kept"
/// - steps that fit no even grid within 8 %: warning "uneven_slices_resampled", is_even is false
/// - positions that drift within the plane: warning "gantry_tilt_sheared" when in proportion to k, else "slice_offsets_aligned"
/// Throws Error{inconsistent} when fewer than 3 positions are left, or when the slices drift by more than twice their width.
StackPlan plan_stack(const std::vector<SliceHeader>& slices);

}  // namespace cemscope::ingest
