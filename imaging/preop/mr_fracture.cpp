#include "imaging/preop/mr_fracture.h"

#include <algorithm>

namespace cemscope::imaging::preop {
namespace {

// Log signal of the layers under the endplates above the usual marrow.
constexpr double kOedema = 0.6, kSpared = 0.3;
constexpr double kOffWall_mm = 3;

struct Edge {
  Point_mm rear, front;
};

Edge edge_of(const MrReading& reading, const mri::MrBody& body, double row, double tilt) {
  const auto at = [&](double front_mm) {
    const auto point = mri::body_point(*reading.canal, row, front_mm, tilt);
    return reading.stack.to_patient(point.x, point.row, body.centre_slice);
  };
  return {at(body.rear_mm + kOffWall_mm), at(body.front_mm - kOffWall_mm)};
}

/// The plane of an edge over the frame's centre; across the slices it lies level.
FramePlane plane_of(const BodyPlace& place, const Edge& edge) {
  const auto rear = place.to_local(edge.rear), front = place.to_local(edge.front);
  FramePlane plane;
  plane.per_posterior = (rear[2] - front[2]) / std::max(1.0, rear[1] - front[1]);
  plane.centre_mm = rear[2] - plane.per_posterior * rear[1];
  return plane;
}

BodyPlace place_of(const MrReading& reading, const mri::MrBody& body, const std::string& level) {
  const Edge top = edge_of(reading, body, body.top_row, body.top_tilt), bottom = edge_of(reading, body, body.bottom_row, body.bottom_tilt);
  BodyPlace place;
  place.level = level;
  auto& f = place.frame;
  f.left = reading.stack.step_mm.col(2).normalized();
  const Direction back = (top.rear - top.front).normalized() + (bottom.rear - bottom.front).normalized();
  f.posterior = (back - back.dot(f.left) * f.left).normalized();
  f.superior = f.left.cross(f.posterior);
  f.centre_mm = (top.rear + top.front + bottom.rear + bottom.front) / 4;
  place.upper = plane_of(place, top), place.lower = plane_of(place, bottom);
  f.half_height_mm = (place.upper.centre_mm - place.lower.centre_mm) / 2;
  return place;
}

}  // namespace

std::vector<BodyPlace> places_of_mr(const MrReading& reading, const MrLevels& levels) {
  std::vector<BodyPlace> places;
  if (!reading.canal) return places;
  for (std::size_t n = 0; n < reading.bodies.size(); ++n)
    places.push_back(place_of(reading, reading.bodies[n], n < levels.names.size() ? levels.names[n] : std::string{}));
  return places;
}

FractureSign fracture_on_mr(const MrReading& reading, std::size_t body) {
  const auto& acute = reading.acute_bodies;
  if (std::find(acute.begin(), acute.end(), static_cast<int>(body)) == acute.end()) return {FracturedPart::unclear, "no marrow oedema"};
  const auto& marrow = reading.marrow.at(body);
  const double upper = marrow.upper_edge - marrow.usual, lower = marrow.lower_edge - marrow.usual;
  if (std::max(upper, lower) < kOedema || std::min(upper, lower) > kSpared) return {FracturedPart::unclear, "oedema of the whole body"};
  if (lower > upper) return {FracturedPart::lower, "oedema above the lower endplate"};
  return {FracturedPart::upper, "oedema under the upper endplate"};
}

}  // namespace cemscope::imaging::preop
