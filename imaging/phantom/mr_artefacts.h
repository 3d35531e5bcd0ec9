#pragma once

#include <vector>

#include "imaging/phantom/mr_parameters.h"

namespace cemscope::imaging::phantom {

/// A slice while it is drawn: what lies still and what moves, columns to the back, rows to the foot.
struct MrSlice {
  int columns = 0, rows = 0;
  std::vector<float> still, moving;
  MrSlice(int n_columns, int n_rows)
      : columns(n_columns),
        rows(n_rows),
        still(static_cast<std::size_t>(n_columns) * static_cast<std::size_t>(n_rows)),
        moving(still.size()) {}
  /// Adds signal at a pixel; one beyond the field folds in at the opposite edge.
  void add(int column, int row, bool is_moving, float signal);
};

/// How many pixels beyond each edge of the field fold in.
struct MrWrap {
  int columns_in_front = 0, rows_at_ends = 0;
};
MrWrap wrap_of(const PhantomMrScan& scan);

/// The magnitude image: what lies still and the ghosts of what moves, |S + sum J_n(a) M(y - n c)| (PhantomMrArtefacts).
std::vector<float> with_ghosts(const MrSlice& slice, const PhantomMrArtefacts& artefacts);

}  // namespace cemscope::imaging::phantom
