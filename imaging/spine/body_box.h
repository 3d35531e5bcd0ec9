#pragma once

#include <vector>

#include "imaging/grid.h"

namespace cemscope::imaging::spine {

struct BodyFrame;

/// Flags of cement or metal: what blooms about it, itself; and of places that the scan does not show.
enum Dense : std::uint8_t { kBlooms = 1, kCementOrMetal = 2, kMissing = 4 };

/// How the density falls along a line, every 0.5 mm, and what the fall is worth as evidence of bone's edge.
class EdgeLine {
 public:
  static constexpr double kStep_mm = 0.5;

  /// `hu` and `dense` (Dense values) at first, first + 0.5 ... along the outward sense of the line when `sense` is +1, against it when -1.
  EdgeLine(double first, const std::vector<float>& hu, const std::vector<std::uint8_t>& dense, int sense);

  /// Mean density of the 1.5 mm inside the place less that of the 2 mm outside, HU; places beyond the line are moved to its ends.
  [[nodiscard]] float drop(double at) const {
    const double a = std::clamp((at - first_) / kStep_mm, 0.0, static_cast<double>(drops_.size()) - 1.001);
    const auto q = static_cast<std::size_t>(a);
    const float f = static_cast<float>(a - static_cast<double>(q));
    return drops_[q] * (1 - f) + drops_[q + 1] * f;
  }
  /// Cement or metal on the line within 24 mm outside the place, mm. Nearer only, and a face deep inside would cost nothing.
  [[nodiscard]] double dense_beyond(double at) const { return beyond_[nearest(at)]; }
  /// 1 where bone makes the edge, 0 where cement or metal lies at it or in the 1.5 mm inside: their edge says nothing of bone's. 0, too,
  /// where the scan ends within what the fall is measured over.
  [[nodiscard]] double weight(double at) const { return weights_[nearest(at)]; }

 private:
  /// The place on the line; places beyond it are moved to its ends.
  [[nodiscard]] std::size_t nearest(double at) const {
    return static_cast<std::size_t>(std::clamp<long>(std::lround((at - first_) / kStep_mm), 0, static_cast<long>(weights_.size()) - 1));
  }
  double first_;
  std::vector<float> drops_, weights_, beyond_;
};

/// A body's surroundings resampled to 1 mm in its frame: u in [-36, 36], v in [-26, 34], w in [-32, 32] mm. Densities are limited to
/// [0, 450] HU; where cement or metal (> 850 HU) lies within 1.5 mm, dense trabecular bone stands in.
class BodyBox {
 public:
  BodyBox() = default;
  BodyBox(const VolumeView& volume, const BodyFrame& frame);

  [[nodiscard]] bool is_dense(double u, double v, double w) const { return (dense_near(u, v, w) & (kBlooms | kCementOrMetal)) != 0; }
  [[nodiscard]] float at(double u, double v, double w) const;  ///< trilinear; clamped to the box

  /// Along w at a column; outward is up for sense +1, down for -1.
  [[nodiscard]] EdgeLine vertical_line(int u, int v, int sense) const;
  /// Along v at (u, w); outward is towards the canal.
  [[nodiscard]] EdgeLine backward_line(int u, int w) const;
  /// Along place(r) for r in [from, to]; outward is along growing r.
  template <typename Place>
  [[nodiscard]] EdgeLine curved_line(double from, double to, Place place) const {
    std::vector<float> hu;
    std::vector<std::uint8_t> dense;
    const double first = from - kReach_mm;
    for (double r = first; r <= to + kReach_mm; r += EdgeLine::kStep_mm) {
      const auto q = place(r);
      hu.push_back(at(q[0], q[1], q[2])), dense.push_back(dense_near(q[0], q[1], q[2]));
    }
    return {first, hu, dense, +1};
  }

 private:
  static constexpr int kU = 36, kBack = 26, kFront = 34, kW = 32;
  static constexpr double kReach_mm = 2.0;
  [[nodiscard]] std::uint8_t dense_near(double u, double v, double w) const;
  Grid<float> hu_;
  Grid<std::uint8_t> dense_;  ///< Dense values
};

}  // namespace cemscope::imaging::spine
