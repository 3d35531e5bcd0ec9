#pragma once

#include <optional>
#include <vector>

#include "imaging/mri/mr_volume.h"
#include "imaging/mri/muscle_field.h"

namespace cemscope::imaging::mri {

/// Faults of the encoding that the picture shows.
struct Artefacts {
  /// Structure in the air behind the back over muscle at the skin: ghosts, or the front of the body folded in. Empty when the field holds
  /// no air there.
  std::optional<double> ghost_ratio;
  std::vector<bool> is_wrapped_row;  ///< by row: the other end of the body lies over it
  [[nodiscard]] bool has_ghosts() const;
  [[nodiscard]] bool has_wrap(int first_row, int last_row) const;
};

/// Looks for ghosts and for wrap. The skin is where a row falls from tissue to air as a whole (the best split in two levels), so that
/// ghosts do not carry it along; air behind it holds noise alone, and what is left of it after averaging is ghosts. The end of the body
/// that folds in begins with one step of brightness through most of the width of all slices. Ghosts along the body are mostly missed: they fall on the body itself.
/// Limits chosen on seeds 9001-9040 of draw_mr_parameters. O(voxels behind the canal).
Artefacts find_artefacts(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field);

}  // namespace cemscope::imaging::mri
