#include "imaging/mri/body_map.h"

#include <algorithm>
#include <cmath>

#include "imaging/feature_net.h"
#include "imaging/mri/bodies.h"
#include "imaging/mri/body_weights.h"
#include "imaging/mri/order_statistics.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kMiddle_mm = 5, kFirstBeside_mm = 8, kLastBeside_mm = 16;
constexpr int kUsualFirst_mm = 13, kUsualLast_mm = 35, kUsualRows = 40;
constexpr float kMost = 2.5F;  // of the logarithm

enum Channel { middle, beside, column, is_held };

// Mean of the slices between two distances from the canal's course, at a place that the picture holds.
float mean_at(const Grid<float>& logs, const BodyPoint& point, double slice, double first, double last) {
  float sum = 0;
  int n = 0;
  for (int z = 0; z < logs.nz; ++z)
    if (const double off = std::abs(z - slice); off >= first && off <= last) sum += sample(logs, point.x, point.row, z), ++n;
  return n > 0 ? sum / static_cast<float>(n) : sample(logs, point.x, point.row, static_cast<int>(std::lround(slice)));
}

// Median of bodies and discs by row, smoothed by a running median of 80 mm.
std::vector<double> usual_rows(const BodyPicture& picture) {
  std::vector<double> usual;
  for (int y = 0; y < picture.n_rows; ++y) {
    std::vector<float> row;
    for (int front = kUsualFirst_mm; front <= kUsualLast_mm; front += 2)
      row.push_back(picture.channels[middle].at(front + BodyLattice::kBehind_mm, y, 0));
    usual.push_back(percentile(row, 0.5));
  }
  return spine::running_median(usual, kUsualRows);
}

}  // namespace

BodyPicture body_picture(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal) {
  BodyPicture picture;
  picture.n_rows = logs.ny;
  picture.channels.fill(Grid<float>(BodyLattice::kColumns, BodyLattice::rows_of(logs.ny), 1));
  const double to_slices = 1 / stack.slice_mm;
  for (int y = 0; y < logs.ny; ++y)
    for (int i = 0; i < BodyLattice::kColumns; ++i) {
      const auto point = body_point(canal, y, BodyLattice::front_mm(i), 0);
      const double slice = std::clamp(canal.slice[static_cast<std::size_t>(y)], 0.0, logs.nz - 1.0);
      picture.channels[middle].at(i, y, 0) = mean_at(logs, point, slice, 0, std::max(kMiddle_mm * to_slices, 0.51));
      picture.channels[beside].at(i, y, 0) = mean_at(logs, point, slice, kFirstBeside_mm * to_slices, kLastBeside_mm * to_slices);
      picture.channels[column].at(i, y, 0) = static_cast<float>(2.0 * i / BodyLattice::kColumns - 1);
      const bool is_inside = point.x >= 0 && point.x <= logs.nx - 1 && point.row >= 0 && point.row <= logs.ny - 1;
      picture.channels[is_held].at(i, y, 0) = is_inside ? 1.F : 0.F;
    }
  const auto usual = usual_rows(picture);
  for (int y = 0; y < logs.ny; ++y)
    for (int i = 0; i < BodyLattice::kColumns; ++i)
      for (const Channel signal : {middle, beside}) {
        float& value = picture.channels[signal].at(i, y, 0);
        value = std::clamp(value - static_cast<float>(usual[static_cast<std::size_t>(y)]), -kMost, kMost) *
                picture.channels[is_held].at(i, y, 0);
      }
  return picture;
}

BodyMap body_map(const BodyPicture& picture) {
  constexpr int kMaps = 2;
  ConvolutionLayers layers(kBodyMap, kBodyMapUnit);
  const int nx = picture.channels[0].nx, ny = picture.channels[0].ny;
  const FeatureGrid seen = folded(nx, ny, 1, BodyPicture::kChannels,
                                  [&](int c, int x, int y, int) { return picture.channels[static_cast<std::size_t>(c)].at(x, y, 0); });
  const FeatureGrid parts = down_and_up(layers, seen, {kFineFeatures, kMiddleFeatures, kDeepFeatures}, seen.n_parts() * kMaps);
  BodyMap map{Grid<float>(nx, ny, 1), Grid<float>(nx, ny, 1)};
  parts.for_each_part([&](int x, int y, int z, int part, int fine_x, int fine_y, int) {
    map.body.at(fine_x, fine_y, 0) = parts.values(parts.row(x, y, z), part * kMaps);
    map.disc.at(fine_x, fine_y, 0) = parts.values(parts.row(x, y, z), part * kMaps + 1);
  });
  return map;
}

double log_odds_at(const Grid<float>& map, double front_mm, double row) {
  constexpr double kSurest = 4;
  const double x = front_mm + BodyLattice::kBehind_mm;
  if (x < 0 || row < 0 || x > map.nx - 1 || row > map.ny - 1) return -kSurest;
  return std::clamp<double>(sample(map, x, row, 0), -kSurest, kSurest);
}

}  // namespace cemscope::imaging::mri
