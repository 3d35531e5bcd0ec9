#pragma once

#include "imaging/spine/body.h"
#include "imaging/spine/body_box.h"

namespace cemscope::imaging::spine {

/// w of a band of the wall at a column, half-way through the bands' share of the body's height there.
double band_height(const VertebralBody& body, double u, double v, int band);

/// What the densities say of a wall at each angle, height and distance.
struct WallEvidence {
  Grid<float> edge;    ///< edge costs, zero behind the rear wall and where cement or metal hides it
  Grid<float> cement;  ///< what cement left outside costs
};
WallEvidence wall_evidence(const BodyBox& box, const VertebralBody& body);

/// Walls by angle and height. `prior` (mm, per angle and height; empty in the first pass) draws them with a quadratic spring.
std::vector<double> fit_walls(const WallEvidence& evidence, const std::vector<double>& prior);

/// The way to where the wall shows: nodes whose evidence at their distance is an edge of kShownDrop_hu or more.
std::vector<float> wall_way(const WallEvidence& evidence, const VertebralBody& body);

/// Median of the walls that show on the bodies within two of `self` (the other side's, too, where fewer than three do), at every angle and
/// height, brought onto the body: scaled about its axis and shifted so that it fits the walls that show, by Huber's least squares. The
/// neighbours' contour is theirs in size and lies about their own axes.
std::vector<double> usual_contour(const std::vector<VertebralBody>& bodies, std::size_t self);

}  // namespace cemscope::imaging::spine
