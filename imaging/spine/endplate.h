#pragma once

#include "imaging/spine/body.h"
#include "imaging/spine/body_box.h"

namespace cemscope::imaging::spine {

/// Edge lines up or down every column of the endplates' lattice, u fastest.
using EndplateLines = std::vector<EdgeLine>;

/// Heights over a lattice node at which an endplate is looked for: a plane, the usual relief of its neighbours, and a bowl pressed inwards.
struct EndplateShape {
  LocalPlane plane;
  double sense = 1;                             ///< +1 for the upper endplate, -1 for the lower
  double depth_mm = 0;                          ///< of the bowl's middle
  const std::vector<double>* relief = nullptr;  ///< outwards, mm, per node

  [[nodiscard]] double at(int u, int v) const {
    constexpr double kHalfWidth_mm = 17, kHalfDepth_mm = 14;
    const double bowl = std::max(0.0, 1 - std::pow(u / kHalfWidth_mm, 2) - std::pow(v / kHalfDepth_mm, 2));
    return plane.at(u, v) + sense * ((relief ? (*relief)[node(u, v)] : 0.0) - depth_mm * bowl);
  }
  static std::size_t node(int u, int v) {
    return static_cast<std::size_t>(v / 2 + VertebralBody::kHalfColumns) * VertebralBody::kColumns + u / 2 + VertebralBody::kHalfColumns;
  }
};

/// Dense millimetres (cement, metal and what blooms about them) in the columns that mean_drop looks at, between two endplates' limits.
class DenseColumns {
 public:
  DenseColumns() = default;
  /// `outer`: the middles of the two discs; beyond them lie the neighbours' deposits.
  DenseColumns(const BodyBox& box, const LocalPlane& lowest, const LocalPlane& highest) {
    for (int v = -12; v <= 12; v += 4)
      for (int u = -16; u <= 16; u += 4) {
        auto& places = columns_.emplace_back();
        for (int w = static_cast<int>(std::ceil(lowest.at(u, v))); w <= highest.at(u, v); ++w)
          if (box.is_dense(u, v, w)) places.push_back(w);
        total_ += static_cast<double>(places.size());
      }
  }
  /// The share of them beyond `shape`.
  [[nodiscard]] double share_beyond(const EndplateShape& shape) const {
    if (total_ < kFewDense_mm) return 0;
    double beyond = 0;
    auto column = columns_.begin();
    for (int v = -12; v <= 12; v += 4)
      for (int u = -16; u <= 16; u += 4, ++column) {
        const double w = shape.at(u, v);
        for (int place : *column) beyond += shape.sense * (place - w) > 0;
      }
    return beyond / total_;
  }

 private:
  static constexpr double kFewDense_mm = 20;
  std::vector<std::vector<int>> columns_;
  double total_ = 0;
};

/// One endplate of a body and what its second fit needs again.
struct EndplateDraft {
  LocalPlane middle, border, plane;  ///< the disc's middle, where the disc ends, the plane that was found
  EndplateLines lines;               ///< empty at the end of the scan
};

/// The endplate at a disc (`middle`: its plane in the body's frame), `sense` +1 for the body's upper one, -1 for the lower.
EndplateDraft draft_endplate(const BodyBox& box, const LocalPlane& middle, const Disc& disc, int sense);

/// What an edge over each node of the lattice says, 0-1.
using Footprint = std::vector<double>;

/// Where most bodies have their endplates: for the first fit, when the body's own outline is not known yet.
Footprint usual_footprint();

/// Heights of a plane over the endplates' lattice.
std::vector<double> plane_heights(const LocalPlane& plane);

/// Fits `heights` and their `way` (way_to_seen) with the relief that is usual here (null at first): first a plane and a bowl, then a
/// least-cost surface round them. A plane at the end of the scan stays. O(lattice x 33 labels + 4,600 shapes x 63 columns).
void fit_endplate(EndplateDraft& endplate, int sense, const std::vector<double>* relief, const Footprint& footprint,
                  const DenseColumns& dense, std::vector<double>& heights, std::vector<float>& way);

}  // namespace cemscope::imaging::spine
