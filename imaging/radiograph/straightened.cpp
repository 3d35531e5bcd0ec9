#include "imaging/radiograph/straightened.h"

namespace cemscope::imaging::radiograph {
namespace {

double interpolated(const std::vector<double>& values, double at) {
  at = std::clamp(at, 0.0, static_cast<double>(values.size() - 1));
  const auto n = static_cast<std::size_t>(at);
  const auto next = std::min(n + 1, values.size() - 1);
  return values[n] + (at - static_cast<double>(n)) * (values[next] - values[n]);
}

}  // namespace

Straightened::Straightened(const Column& column) : centre_x_(column.centre_x), slope_(column.centre_x.size(), 0.0) {
  constexpr int kReach = 20;
  const int n = rows();
  for (int y = 0; y < n; ++y) {
    const int above = std::max(0, y - kReach), below = std::min(n - 1, y + kReach);
    if (below > above) slope_[y] = (centre_x_[below] - centre_x_[above]) / (below - above);
  }
}

Eigen::Vector2d Straightened::working(double u_mm, double row) const {
  const double slope = interpolated(slope_, row), u = u_mm / WorkingFilm::kStep_mm / std::hypot(1.0, slope);
  return {interpolated(centre_x_, row) + u, row - u * slope};
}

Eigen::Vector2d Straightened::place(double x, double y) const {
  double row = y, u = 0;
  for (int pass = 0; pass < 3; ++pass) {
    const double slope = interpolated(slope_, row);
    u = x - interpolated(centre_x_, row);
    row = y + u * slope;
    u *= std::hypot(1.0, slope);
  }
  return {u * WorkingFilm::kStep_mm, row};
}

Plane<float> Straightened::resample(const Plane<float>& image) const {
  Plane<float> result(columns(), rows());
  for (int row = 0; row < result.ny; ++row)
    for (int n = 0; n < result.nx; ++n) {
      const Eigen::Vector2d at = working((n - middle()) * WorkingFilm::kStep_mm, row);
      result.at(n, row) = sample(image, at.x(), at.y());
    }
  return result;
}

}  // namespace cemscope::imaging::radiograph
