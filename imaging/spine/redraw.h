#pragma once

#include <optional>

#include "imaging/grid.h"
#include "imaging/spine/body.h"
#include "imaging/volume.h"

namespace cemscope::imaging::spine {

/// Log odds at a place of the body's frame; none beside the block.
std::optional<double> odds_at(const Grid<float>& log_odds, const Eigen::Vector3d& q);

/// Moves every face to where the log odds of a block (outline_log_odds) change sign, at most 6 mm, and bends it over places where they do
/// not. Where cement lies at an endplate's border (`volume`, HU), it goes on as what is about the place bends. O(nodes of the lattices).
void redraw_faces(const Grid<float>& log_odds, const VolumeView& volume, VertebralBody& body);

/// Which bodies are drawn anew: whole ones, and where some hold cement, those no more than two levels from one that does (the rest costs
/// time and changes no finding).
std::vector<bool> redrawn_ones(const std::vector<VertebralBody>& bodies);

/// Draws those bodies anew by the learned outline. Some 55 ms a body.
void redraw_whole(const VolumeView& volume, std::vector<VertebralBody>& bodies, int n_threads = 1);

}  // namespace cemscope::imaging::spine
