#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

double VertebralBody::on_lattice(const std::vector<double>& heights, double u, double v) {
  const double a = std::clamp(u / kColumn_mm + kHalfColumns, 0.0, kColumns - 1.001),
               b = std::clamp(v / kColumn_mm + kHalfColumns, 0.0, kColumns - 1.001);
  const int x = static_cast<int>(a), y = static_cast<int>(b);
  const double fx = a - x, fy = b - y;
  const double* p = &heights[static_cast<std::size_t>(y) * kColumns + x];
  return (p[0] * (1 - fx) + p[1] * fx) * (1 - fy) + (p[kColumns] * (1 - fx) + p[kColumns + 1] * fx) * fy;
}

void VertebralBody::set_bounds() {
  top = *std::max_element(upper.begin(), upper.end());
  bottom = *std::min_element(lower.begin(), lower.end());
  radius = *std::max_element(wall.begin(), wall.end());
}

double VertebralBody::rear_at(double u, double w) const {
  const double a = std::clamp(u / 2 + kHalfRearColumns, 0.0, kRearColumns - 1.001),
               b = std::clamp(w / 2 + kHalfRearRows, 0.0, kRearRows - 1.001);
  const int x = static_cast<int>(a), y = static_cast<int>(b);
  const double fx = a - x, fy = b - y;
  const double* p = &rear[static_cast<std::size_t>(y) * kRearColumns + x];
  return (p[0] * (1 - fx) + p[1] * fx) * (1 - fy) + (p[kRearColumns] * (1 - fx) + p[kRearColumns + 1] * fx) * fy;
}

double VertebralBody::wall_at(double u, double v, double w) const {
  const double lo = lower_at(u, v), hi = upper_at(u, v), t = (w - lo) / std::max(1.0, hi - lo);
  const double band = std::clamp(t * (kBands + 0.4) - 0.7, 0.0, kBands - 1.001);
  double angle = std::atan2(static_cast<float>(v), static_cast<float>(u)) / (2 * M_PI) * kAngles;
  if (angle < 0) angle += kAngles;
  const int x = static_cast<int>(angle) % kAngles, x1 = (x + 1) % kAngles, b = static_cast<int>(band);
  const double fx = angle - std::floor(angle), fb = band - b;
  auto row = [&](int r) { return wall[r * kAngles + x] * (1 - fx) + wall[r * kAngles + x1] * fx; };
  return row(b) * (1 - fb) + row(b + 1) * fb;
}

Excess VertebralBody::excess(const Eigen::Vector3d& q) const {
  const double r = std::sqrt(q[0] * q[0] + q[1] * q[1]), rear_v = rear_at(q[0], q[2]);
  Excess e{q[2] - upper_at(q[0], q[1]), lower_at(q[0], q[1]) - q[2], r - wall_at(q[0], q[1], q[2]), rear_v - q[1]};
  // Towards the canal the rear wall is the face; the polar wall has no edge there.
  if (q[1] < -2 && std::abs(q[0] * rear_v / q[1]) < 2.0 * kHalfRearColumns - 1) e.wall = std::min(e.wall, e.behind);
  return e;
}

double VertebralBody::way_to_seen_at(const Eigen::Vector3d& q, const Excess& e) const {
  const double most = e.largest();
  const auto column = [&](const std::vector<float>& way) {
    const int x = std::clamp(static_cast<int>(std::lround(q[0] / kColumn_mm)) + kHalfColumns, 0, kColumns - 1),
              y = std::clamp(static_cast<int>(std::lround(q[1] / kColumn_mm)) + kHalfColumns, 0, kColumns - 1);
    return way[static_cast<std::size_t>(y) * kColumns + x];
  };
  if (most == e.behind) {
    const int x = std::clamp(static_cast<int>(std::lround(q[0] / 2)) + kHalfRearColumns, 0, kRearColumns - 1),
              y = std::clamp(static_cast<int>(std::lround(q[2] / 2)) + kHalfRearRows, 0, kRearRows - 1);
    return rear_way[static_cast<std::size_t>(y) * kRearColumns + x];
  }
  if (most == e.wall) {
    const double lo = lower_at(q[0], q[1]), t = (q[2] - lo) / std::max(1.0, upper_at(q[0], q[1]) - lo);
    const int band = std::clamp(static_cast<int>(std::lround(t * (kBands + 0.4) - 0.7)), 0, kBands - 1);
    const int angle = (static_cast<int>(std::lround(std::atan2(q[1], q[0]) / (2 * M_PI) * kAngles)) + kAngles) % kAngles;
    return wall_way[static_cast<std::size_t>(band) * kAngles + angle];
  }
  return column(most == e.above ? upper_way : lower_way);
}

}  // namespace cemscope::imaging::spine
