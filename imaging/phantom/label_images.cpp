#include "imaging/phantom/label_images.h"

#include <algorithm>

namespace cemscope::imaging::phantom {
namespace {

constexpr double kMinBody_mm3 = 300;  // less than this of a body in the field is not numbered

struct Grid {
  Point_mm origin, spacing;
  Eigen::Matrix3d direction;
  std::array<int, 3> size;
  [[nodiscard]] Point_mm at(int i, int j, int k) const { return origin + direction * spacing.cwiseProduct(Point_mm(i, j, k)); }
};

Grid grid_of(const CtVolume& volume) {
  Grid grid;
  const auto& image = *volume.image;
  for (int axis = 0; axis < 3; ++axis) {
    grid.origin[axis] = image.GetOrigin()[axis], grid.spacing[axis] = image.GetSpacing()[axis];
    grid.size[axis] = static_cast<int>(image.GetLargestPossibleRegion().GetSize()[axis]);
    for (int column = 0; column < 3; ++column) grid.direction(axis, column) = image.GetDirection()(axis, column);
  }
  return grid;
}

struct IndexRange {
  std::array<int, 3> first, last;
};

IndexRange voxels_in(const Grid& grid, const Box& box) {
  Point_mm low(1e9, 1e9, 1e9), high(-1e9, -1e9, -1e9);
  for (int corner = 0; corner < 8; ++corner) {
    const Point_mm point(corner & 1 ? box.high.x() : box.low.x(), corner & 2 ? box.high.y() : box.low.y(),
                         corner & 4 ? box.high.z() : box.low.z());
    const Point_mm index = (grid.direction.transpose() * (point - grid.origin)).cwiseQuotient(grid.spacing);
    low = low.cwiseMin(index), high = high.cwiseMax(index);
  }
  IndexRange range{};
  for (int axis = 0; axis < 3; ++axis) {
    range.first[axis] = static_cast<int>(std::clamp(std::floor(low[axis]), 0.0, static_cast<double>(grid.size[axis])));
    range.last[axis] = static_cast<int>(std::clamp(std::ceil(high[axis]), -1.0, grid.size[axis] - 1.0));
  }
  return range;
}

// Calls visit(point, label&) for every voxel in the box.
template <typename Visit>
void for_voxels_in(const Grid& grid, LabelMask& mask, const Box& box, const Visit& visit) {
  const IndexRange range = voxels_in(grid, box);
  std::uint8_t* labels = mask.image->GetBufferPointer();
  for (int k = range.first[2]; k <= range.last[2]; ++k)
    for (int j = range.first[1]; j <= range.last[1]; ++j)
      for (int i = range.first[0]; i <= range.last[0]; ++i)
        visit(grid.at(i, j, k), labels[(static_cast<std::size_t>(k) * grid.size[1] + j) * grid.size[0] + i]);
}

// The zone that fills most of a voxel, 0 when cement fills less than half of it.
std::uint8_t voxel_zone(const CementBrick& brick, const Grid& grid, const Point_mm& centre) {
  std::array<int, 3> n{};
  for (int axis = 0; axis < 3; ++axis) n[axis] = std::max(2, static_cast<int>(std::ceil(grid.spacing[axis] / CementBrick::kCell_mm)));
  std::array<int, kNCementZones + 1> counts{};
  for (int c = 0; c < n[2]; ++c)
    for (int b = 0; b < n[1]; ++b)
      for (int a = 0; a < n[0]; ++a) {
        const Point_mm share((a + 0.5) / n[0] - 0.5, (b + 0.5) / n[1] - 0.5, (c + 0.5) / n[2] - 0.5);
        const std::int64_t cell = brick.cell_at(brick.frame.to_local(centre + grid.direction * grid.spacing.cwiseProduct(share)));
        if (cell >= 0) ++counts[brick.zone[cell]];
      }
  const auto largest = std::max_element(counts.begin() + 1, counts.end());
  int n_cement = 0;
  for (auto count = counts.begin() + 1; count != counts.end(); ++count) n_cement += *count;
  return 2 * n_cement >= n[0] * n[1] * n[2] ? static_cast<std::uint8_t>(largest - counts.begin()) : 0;
}

std::uint8_t posterior_label(const Vertebra& vertebra, const Point_mm& point, std::uint8_t own) {
  double nearest = 1e3;
  PartKind kind = PartKind::lamina;
  for (const BonePart& part : vertebra.parts)
    if (const double distance = part.distance_mm(point); distance < nearest) nearest = distance, kind = part.kind();
  return vertebra.is_sacral ? 255 : kind == PartKind::rib ? 254 : own;
}

}  // namespace

LabelMask blank_labels(const CtVolume& like) {
  LabelMask mask{LabelImage::New()};
  mask.image->CopyInformation(like.image);
  mask.image->SetRegions(like.image->GetLargestPossibleRegion());
  mask.image->Allocate();
  mask.image->FillBuffer(0);
  return mask;
}

LabelMask cement_labels(const Scene& scene, const CtVolume& like) {
  LabelMask mask = blank_labels(like);
  const Grid grid = grid_of(like);
  for (const CementBrick& brick : scene.bricks)
    for_voxels_in(grid, mask, brick.box, [&](const Point_mm& point, std::uint8_t& label) {
      if (const std::uint8_t zone = voxel_zone(brick, grid, point)) label = zone;
    });
  return mask;
}

BodyLabels body_labels(const Scene& scene, const CtVolume& like) {
  BodyLabels labels{blank_labels(like), {}};
  const Grid grid = grid_of(like);
  const double voxel_mm3 = grid.spacing.prod();
  for (int index = 0; index < kFirstSacral; ++index) {
    const Vertebra& vertebra = scene.spine.vertebrae[index];
    const auto own = static_cast<std::uint8_t>(labels.index.size() + 1);
    std::vector<std::uint8_t*> inside;
    for_voxels_in(grid, labels.mask, vertebra.body_box, [&](const Point_mm& point, std::uint8_t& label) {
      const Point_mm local = vertebra.frame.to_local(point);
      if (label == 0 && vertebra.body.may_contain(local, 0) && vertebra.body.distance_mm(local) < 0) inside.push_back(&label);
    });
    if (static_cast<double>(inside.size()) * voxel_mm3 < kMinBody_mm3) continue;
    for (std::uint8_t* label : inside) *label = own;
    labels.index.push_back(index);
  }
  return labels;
}

LabelMask posterior_labels(const Scene& scene, const CtVolume& like, const std::vector<int>& body_index) {
  LabelMask mask = blank_labels(like);
  const Grid grid = grid_of(like);
  for (int index = 0; index < kNLevels; ++index) {
    const Vertebra& vertebra = scene.spine.vertebrae[index];
    const auto found = std::find(body_index.begin(), body_index.end(), index);
    const auto own = static_cast<std::uint8_t>(found == body_index.end() ? 253 : found - body_index.begin() + 1);
    for (const BonePart& part : vertebra.parts)
      for_voxels_in(grid, mask, part.box(), [&](const Point_mm& point, std::uint8_t& label) {
        if (label == 0 && part.distance_mm(point) < 0 && posterior_distance_mm(vertebra, point) < 0 &&
            vertebra.body.distance_mm(vertebra.frame.to_local(point)) >= 0)
          label = posterior_label(vertebra, point, own);
      });
    if (vertebra.is_sacral)
      for_voxels_in(grid, mask, vertebra.body_box, [&](const Point_mm& point, std::uint8_t& label) {
        const Point_mm local = vertebra.frame.to_local(point);
        if (vertebra.body.may_contain(local, 0) && vertebra.body.distance_mm(local) < 0) label = 255;
      });
  }
  for (const BonePart& part : scene.spine.pelvis)
    for_voxels_in(grid, mask, part.box(), [&](const Point_mm& point, std::uint8_t& label) {
      if (label == 0 && part.distance_mm(point) < 0) label = 254;
    });
  return mask;
}

}  // namespace cemscope::imaging::phantom
