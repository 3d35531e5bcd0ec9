#include "imaging/followup/body_heights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace cemscope::imaging::followup {
namespace {

constexpr double kHalfSlab_mm = 6, kBin_mm = 1.5;
constexpr double kCut_mm = 1.5;
constexpr double kRim_mm = 3;    // the outermost part of an endplate is rounded
constexpr double kThird_mm = 5;  // over which a height is averaged, front to back
// Of a body on MR that is dark: cement fills more, untreated bodies have less (seeds 15001-15020 of draw_follow_up_pair: 24 of 25, none of
// 170).
constexpr double kCementShare = 0.1;
constexpr double kHalfHeight_mm = 30, kStep_mm = 0.25;
constexpr int kHalfBins = 20, kLeastColumns = 4;

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

/// A label of the mask between its voxels: the share of it at a place, 0 to 1.
class LabelField {
 public:
  explicit LabelField(const LabelMask& mask) : image_(*mask.image), size_(image_.GetLargestPossibleRegion().GetSize()) {
    Eigen::Matrix3d step;
    for (int d = 0; d < 3; ++d)
      for (int row = 0; row < 3; ++row) step(row, d) = image_.GetDirection()[row][d] * image_.GetSpacing()[d];
    to_index_ = step.inverse();
    origin_ = Point_mm(image_.GetOrigin()[0], image_.GetOrigin()[1], image_.GetOrigin()[2]);
  }

  [[nodiscard]] double share_at(const Point_mm& point, std::uint8_t label) const {
    const Point_mm index = to_index_ * (point - origin_);
    const std::array<long, 3> low{std::lround(std::floor(index.x())), std::lround(std::floor(index.y())),
                                  std::lround(std::floor(index.z()))};
    double share = 0;
    for (int corner = 0; corner < 8; ++corner) {
      double weight = 1;
      std::array<long, 3> at{};
      for (int d = 0; d < 3; ++d) {
        const int step = corner >> d & 1;
        const double beyond = index[d] - static_cast<double>(low[static_cast<std::size_t>(d)]);
        at[static_cast<std::size_t>(d)] = low[static_cast<std::size_t>(d)] + step;
        weight *= step != 0 ? beyond : 1 - beyond;
      }
      if (weight > 0 && has(at, label)) share += weight;
    }
    return share;
  }

 private:
  [[nodiscard]] bool has(const std::array<long, 3>& at, std::uint8_t label) const {
    for (std::size_t d = 0; d < 3; ++d)
      if (at[d] < 0 || at[d] >= static_cast<long>(size_[d])) return false;
    const auto width = static_cast<long>(size_[0]), height = static_cast<long>(size_[1]);
    return image_.GetBufferPointer()[(at[2] * height + at[1]) * width + at[0]] == label;
  }

  const LabelImage& image_;
  LabelImage::SizeType size_;
  Eigen::Matrix3d to_index_;
  Point_mm origin_;
};

// Low columns at the ends: osteophytes, or the wall of a body that narrows at the waist.
void drop_spurs(std::map<int, double>& heights) {
  constexpr double kSpur = 0.4;  // of the highest; a wedge of the phantom's worst collapse has that
  double highest = 0;
  for (const auto& [bin, height] : heights) highest = std::max(highest, height);
  while (!heights.empty() && heights.begin()->second < kSpur * highest) heights.erase(heights.begin());
  while (!heights.empty() && heights.rbegin()->second < kSpur * highest) heights.erase(std::prev(heights.end()));
}

/// Where the scan ends; labels that come near are cut.
struct ScanEnds {
  double low_z_mm, high_z_mm, margin_mm;
  [[nodiscard]] bool cut(double z_mm) const { return z_mm < low_z_mm + margin_mm || z_mm > high_z_mm - margin_mm; }
};

struct Columns {
  std::map<int, double> heights;  // by bin, front to back
  std::set<int> cut;              // bins of which a column ends with the scan
};

// Length along the axis of every column (front to back) of the middle slab that lies in the label, the mean from side to side.
Columns columns_of(const LabelField& field, std::uint8_t label, const Point_mm& centre, const Direction& up, const ScanEnds& ends) {
  const Direction left = (Direction(1, 0, 0) - up.x() * up).normalized();
  const Direction back = up.cross(left);
  Columns columns;
  for (int bin = -kHalfBins; bin < kHalfBins; ++bin) {
    double sum = 0;
    int n = 0;
    for (double u = -kHalfSlab_mm; u <= kHalfSlab_mm; u += kBin_mm) {
      const Point_mm column = centre + u * left + (bin + 0.5) * kBin_mm * back;
      double length = 0;
      for (double w = -kHalfHeight_mm; w <= kHalfHeight_mm; w += kStep_mm) {
        const Point_mm place = column + w * up;
        if (field.share_at(place, label) < 0.5) continue;
        length += kStep_mm;
        if (ends.cut(place.z())) columns.cut.insert(bin);
      }
      if (length > 0) sum += length, ++n;
    }
    if (n >= kLeastColumns) columns.heights[bin] = sum / n;
  }
  drop_spurs(columns.heights);
  return columns;
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
  const LabelField field(bodies);
  const ScanEnds ends{scan_low_z_mm, scan_high_z_mm, kCut_mm + 0.5 * bodies.image->GetSpacing()[2]};
  for (std::size_t n = 0; n < clouds.size(); ++n) {
    auto& body = result[n];
    if (clouds[n].points.size() < 100) {
      body.is_cut = true;
      continue;
    }
    const auto columns = columns_of(field, static_cast<std::uint8_t>(n + 1), clouds[n].centre, axis_of(clouds, n), ends);
    const auto& heights = columns.heights;
    if (heights.empty()) continue;
    body.is_cut = std::any_of(columns.cut.begin(), columns.cut.end(), [&](int bin) { return heights.contains(bin); });
    body.is_at_end = !body.is_cut && std::any_of(clouds[n].points.begin(), clouds[n].points.end(),
                                                 [&](const Point_mm& point) { return ends.cut(point.z()); });
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
    body.anterior_mm = reading.plates[index].anterior_mm, body.middle_mm = reading.plates[index].middle_mm;
    body.posterior_mm = reading.plates[index].posterior_mm;
    body.is_treated = body.middle_mm.has_value() && reading.marrow[index].dark_share >= kCementShare;
    body.has_oedema = std::find(reading.acute_bodies.begin(), reading.acute_bodies.end(), n) != reading.acute_bodies.end();
    result.push_back(std::move(body));
  }
  return result;
}

}  // namespace cemscope::imaging::followup
