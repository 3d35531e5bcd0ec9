#include "imaging/followup/sagittal_view.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cemscope::imaging::followup {
namespace {

constexpr double kBeyond_mm = 20, kInFront_mm = 55, kBehind_mm = 75;
constexpr double kBlack_hu = -150, kWhite_hu = 1050;

struct Centroid {
  Point_mm sum{0, 0, 0};
  double n = 0;
  [[nodiscard]] Point_mm mean() const { return sum / n; }
};

/// Centres of the labels that are there, from the top, and how far they reach.
struct Extent {
  std::vector<Point_mm> centres;
  double low_z = 1e9, high_z = -1e9;
};

Extent extent_of(const LabelImage& image, int n_bodies) {
  std::vector<Centroid> bodies(static_cast<std::size_t>(n_bodies));
  Extent extent;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const std::uint8_t* label = image.GetBufferPointer();
  LabelImage::IndexType index;
  LabelImage::PointType point;
  for (index[2] = 0; index[2] < static_cast<long>(size[2]); ++index[2])
    for (index[1] = 0; index[1] < static_cast<long>(size[1]); ++index[1])
      for (index[0] = 0; index[0] < static_cast<long>(size[0]); ++index[0], ++label) {
        if (*label == 0 || *label > n_bodies) continue;
        image.TransformIndexToPhysicalPoint(index, point);
        auto& body = bodies[*label - 1U];
        body.sum += Point_mm(point[0], point[1], point[2]), body.n += 1;
        extent.low_z = std::min(extent.low_z, point[2]), extent.high_z = std::max(extent.high_z, point[2]);
      }
  for (const auto& body : bodies)
    if (body.n > 0) extent.centres.push_back(body.mean());
  std::sort(extent.centres.begin(), extent.centres.end(), [](const Point_mm& a, const Point_mm& b) { return a.z() > b.z(); });
  return extent;
}

// The bodies' middle at a height.
Point_mm middle_at(const std::vector<Point_mm>& centres, double z) {
  if (z >= centres.front().z()) return centres.front();
  for (std::size_t n = 1; n < centres.size(); ++n)
    if (z >= centres[n].z()) {
      const double share = (centres[n - 1].z() - z) / std::max(1e-6, centres[n - 1].z() - centres[n].z());
      return centres[n - 1] + share * (centres[n] - centres[n - 1]);
    }
  return centres.back();
}

template <typename Image>
bool index_of(const Image& image, const Point_mm& place, typename Image::IndexType& index) {
  typename Image::PointType point;
  for (int d = 0; d < 3; ++d) point[static_cast<unsigned>(d)] = place[d];
  return image.TransformPhysicalPointToIndex(point, index);
}

}  // namespace

SagittalView view_of_ct(const CtVolume& volume, const LabelMask& bodies, int n_bodies) {
  SagittalView view;
  if (bodies.image.IsNull() || n_bodies < 1) return view;
  const auto extent = extent_of(*bodies.image, n_bodies);
  if (extent.centres.empty()) return view;
  double middle_y = 0;
  for (const auto& centre : extent.centres) middle_y += centre.y() / static_cast<double>(extent.centres.size());
  const int rows = static_cast<int>(extent.high_z - extent.low_z + 2 * kBeyond_mm), columns = static_cast<int>(kInFront_mm + kBehind_mm);
  view.grey = Grid<float>(columns, rows, 1, 0.0F), view.bodies = Grid<std::uint8_t>(columns, rows, 1, 0);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const double z = extent.high_z + kBeyond_mm - row;
      const Point_mm place(middle_at(extent.centres, z).x(), middle_y - kInFront_mm + column, z);
      HuImage::IndexType voxel;
      LabelImage::IndexType labelled;
      if (index_of(*volume.image, place, voxel))
        view.grey.at(column, row, 0) =
            static_cast<float>(std::clamp((volume.image->GetPixel(voxel) - kBlack_hu) / (kWhite_hu - kBlack_hu), 0.0, 1.0));
      if (index_of(*bodies.image, place, labelled))
        if (const auto label = bodies.image->GetPixel(labelled); label <= n_bodies) view.bodies.at(column, row, 0) = label;
    }
  return view;
}

SagittalView view_of_mr(const MrReading& reading) {
  constexpr double kStep = 0.5;
  SagittalView view;
  if (!reading.canal) return view;
  const auto& signal = reading.stack.signal;
  auto sorted = signal.values;
  const auto high = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 995 / 1000);
  std::nth_element(sorted.begin(), high, sorted.end());
  view.grey = Grid<float>(signal.nx, signal.ny, 1, 0.0F), view.bodies = Grid<std::uint8_t>(signal.nx, signal.ny, 1, 0);
  for (int y = 0; y < signal.ny; ++y) {
    const int z = std::clamp(static_cast<int>(std::lround(reading.canal->slice[static_cast<std::size_t>(y)])), 0, signal.nz - 1);
    for (int x = 0; x < signal.nx; ++x)
      view.grey.at(x, y, 0) = std::sqrt(std::clamp(signal.at(x, y, z) / std::max(1e-3F, *high), 0.0F, 1.0F));
  }
  for (int n = 0; n < std::min(reading.first_sacral, 254); ++n) {
    const auto& body = reading.bodies[static_cast<std::size_t>(n)];
    for (double row = body.top_row; row <= body.bottom_row; row += kStep)
      for (double front = body.rear_mm; front <= body.front_mm; front += kStep) {
        const auto point = mri::body_point(*reading.canal, row, front, body.tilt_at(row));
        const int x = static_cast<int>(std::lround(point.x)), y = static_cast<int>(std::lround(point.row));
        if (view.bodies.contains(x, y, 0)) view.bodies.at(x, y, 0) = static_cast<std::uint8_t>(n + 1);
      }
  }
  return view;
}

SagittalView view_of_film(const radiograph::FilmSight& lateral, const std::vector<radiograph::BodyBox>& bodies) {
  constexpr int kPxPerMm = 2;  // of the working film
  SagittalView view;
  const auto& film = lateral.working.value;
  const int columns = film.nx / kPxPerMm, rows = film.ny / kPxPerMm;
  view.grey = Grid<float>(columns, rows, 1, 0.0F), view.bodies = Grid<std::uint8_t>(columns, rows, 1, 0);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      const int from_front = lateral.column.posterior_sign > 0 ? x : columns - 1 - x;
      const double film_x = kPxPerMm * from_front + 0.5, film_y = kPxPerMm * y + 0.5;
      view.grey.at(x, y, 0) = std::clamp(radiograph::sample(film, film_x, film_y), 0.0F, 1.0F);
      const Eigen::Vector2d at = lateral.strip.course.place(film_x, film_y);
      for (std::size_t n = 0; n < std::min<std::size_t>(bodies.size(), 254); ++n) {
        const auto& box = bodies[n];
        if (at.x() >= box.left_mm && at.x() <= box.right_mm && at.y() >= box.top_at(at.x()) && at.y() <= box.bottom_at(at.x()))
          view.bodies.at(x, y, 0) = static_cast<std::uint8_t>(n + 1);
      }
    }
  return view;
}

}  // namespace cemscope::imaging::followup
