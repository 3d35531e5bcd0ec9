#pragma once

#include "imaging/grid.h"
#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

/// Moves every face to where the log odds of a block (outline_log_odds) change sign, at most 6 mm, and bends it over places where they do
/// not. O(nodes of the lattices).
void redraw_faces(const Grid<float>& log_odds, VertebralBody& body);

/// Whether the learned outline knows such bodies: the scan does not cut them.
bool is_redrawn(const VertebralBody& body);

/// Draws those bodies anew by the learned outline. Some 0.15 s a body.
void redraw_whole(const VolumeView& volume, std::vector<VertebralBody>& bodies, int n_threads = 1);

}  // namespace cemscope::imaging::spine
