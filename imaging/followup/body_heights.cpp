#include "imaging/followup/body_heights.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cemscope::imaging::followup {
namespace {

constexpr double kHalfSlab_mm = 6, kBin_mm = 1.5;
constexpr double kCut_mm = 1.5;
constexpr double kRim_mm = 3;    // the outermost part of an endplate is rounded
constexpr double kThird_mm = 5;  // over which a height is averaged, front to back

struct Cloud {
  std::vector<Point_mm> points;
  Point_mm centre{0, 0, 0};
};

std::vector<Cloud> clouds_of(const LabelMask& bodies, int n_bodies) {
  std::vector<Cloud> clouds(static_cast<std::size_t>(n_bodies));
  const auto& image = *bodies.image;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const std::uint8_t* label = image.GetBufferPointer();
  Eigen::Matrix3d step;
  for (int d = 0; d < 3; ++d)
    for (int row = 0; row < 3; ++row) step(row, d) = image.GetDirection()[row][d] * image.GetSpacing()[d];
  const Point_mm origin(image.GetOrigin()[0], image.GetOrigin()[1], image.GetOrigin()[2]);
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j)
      for (std::size_t i = 0; i < size[0]; ++i, ++label)
        if (*label > 0 && *label <= n_bodies)
          clouds[*label - 1U].points.emplace_back(origin +
                                                  step * Point_mm(static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)));
  for (auto& cloud : clouds) {
    for (const auto& point : cloud.points) cloud.centre += point;
    if (!cloud.points.empty()) cloud.centre /= static_cast<double>(cloud.points.size());
  }
  return clouds;
}

// From the body below to the body above.
Direction axis_of(const std::vector<Cloud>& clouds, std::size_t n) {
  const auto& above = clouds[n > 0 ? n - 1 : n].centre;
  const auto& below = clouds[n + 1 < clouds.size() ? n + 1 : n].centre;
  const Direction axis = above - below;
  return axis.norm() > 1 ? axis.normalized() : Direction(0, 0, 1);
}

// Extent along the axis of every column of voxels (side to side, front to back) of the middle slab, averaged over the side.
std::map<int, double> column_heights(const Cloud& cloud, const Direction& up, double voxel_mm) {
  const Direction left = (Direction(1, 0, 0) - up.x() * up).normalized();
  const Direction back = up.cross(left);
  std::map<std::pair<int, int>, std::pair<double, double>> columns;
  for (const auto& point : cloud.points) {
    const Direction d = point - cloud.centre;
    const double u = d.dot(left), v = d.dot(back), w = d.dot(up);
    if (std::abs(u) > kHalfSlab_mm) continue;
    const std::pair key(static_cast<int>(std::floor(u / kBin_mm)), static_cast<int>(std::floor(v / kBin_mm)));
    auto [entry, is_new] = columns.try_emplace(key, w, w);
    entry->second = {std::min(entry->second.first, w), std::max(entry->second.second, w)};
  }
  std::map<int, std::pair<double, int>> sums;
  for (const auto& [key, extent] : columns) sums[key.second].first += extent.second - extent.first + voxel_mm, ++sums[key.second].second;
  std::map<int, double> heights;
  for (const auto& [bin, sum] : sums)
    if (sum.second >= 4) heights[bin] = sum.first / sum.second;
  return heights;
}

std::optional<double> mean_between(const std::map<int, double>& heights, double low_mm, double high_mm) {
  double sum = 0;
  int n = 0;
  for (const auto& [bin, height] : heights) {
    const double v = (bin + 0.5) * kBin_mm;
    if (v >= low_mm && v <= high_mm) sum += height, ++n;
  }
  return n > 0 ? std::optional(sum / n) : std::nullopt;
}

}  // namespace

std::vector<BodyHeights> heights_of_labels(const LabelMask& bodies, int n_bodies, double scan_low_z_mm, double scan_high_z_mm) {
  std::vector<BodyHeights> result(static_cast<std::size_t>(std::max(0, n_bodies)));
  if (bodies.image.IsNull() || n_bodies < 1) return result;
  const auto clouds = clouds_of(bodies, n_bodies);
  const double voxel_mm = bodies.image->GetSpacing()[2];
  for (std::size_t n = 0; n < clouds.size(); ++n) {
    auto& body = result[n];
    if (clouds[n].points.size() < 100) {
      body.is_cut = true;
      continue;
    }
    double low = 1e9, high = -1e9;
    for (const auto& point : clouds[n].points) low = std::min(low, point.z()), high = std::max(high, point.z());
    body.is_cut = low - voxel_mm < scan_low_z_mm + kCut_mm || high + voxel_mm > scan_high_z_mm - kCut_mm;
    const auto heights = column_heights(clouds[n], axis_of(clouds, n), voxel_mm);
    if (heights.empty()) continue;
    const double front = heights.begin()->first * kBin_mm, back = (heights.rbegin()->first + 1) * kBin_mm, middle = 0.5 * (front + back);
    body.anterior_mm = mean_between(heights, front + kRim_mm, front + kRim_mm + kThird_mm);
    body.middle_mm = mean_between(heights, middle - 0.5 * kThird_mm, middle + 0.5 * kThird_mm);
    body.posterior_mm = mean_between(heights, back - kRim_mm - kThird_mm, back - kRim_mm);
  }
  return result;
}

std::vector<BodyHeights> heights_of_mr(const MrReading& reading, const MrLevels& levels) {
  std::vector<BodyHeights> result;
  for (int n = 0; n < reading.first_sacral; ++n) {
    const auto index = static_cast<std::size_t>(n);
    BodyHeights body;
    body.level = levels.names[index];
    body.is_cut = reading.bodies[index].is_cut;
    body.middle_mm = reading.bodies[index].height_mm;
    body.has_oedema = std::find(reading.acute_bodies.begin(), reading.acute_bodies.end(), n) != reading.acute_bodies.end();
    result.push_back(std::move(body));
  }
  return result;
}

}  // namespace cemscope::imaging::followup
