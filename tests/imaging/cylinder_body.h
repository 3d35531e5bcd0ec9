#pragma once

#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

/// A cylinder of 20 mm radius and 20 mm height about `middle`, its rear wall at v = `rear_mm`; bone shows all its faces.
inline VertebralBody cylinder_body(const Point_mm& middle, double rear_mm) {
  using Body = VertebralBody;
  constexpr std::size_t kEndplate = static_cast<std::size_t>(Body::kColumns) * Body::kColumns;
  constexpr std::size_t kRear = static_cast<std::size_t>(Body::kRearColumns) * Body::kRearRows;
  constexpr std::size_t kWall = static_cast<std::size_t>(Body::kAngles) * Body::kBands;
  Body body;
  body.frame.origin = middle;
  body.upper.assign(kEndplate, 10), body.lower.assign(kEndplate, -10), body.rear.assign(kRear, rear_mm), body.wall.assign(kWall, 20);
  body.upper_way.assign(kEndplate, 0), body.lower_way.assign(kEndplate, 0), body.rear_way.assign(kRear, 0), body.wall_way.assign(kWall, 0);
  body.set_bounds();
  return body;
}

}  // namespace cemscope::imaging::spine
