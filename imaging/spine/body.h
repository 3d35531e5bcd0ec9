#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "imaging/grid.h"
#include "imaging/spine/discs.h"
#include "imaging/spine/surface.h"

namespace cemscope::imaging::spine {

/// A vertebra's own coordinates in mm: u to the patient's left, v anterior, w superior, origin in the middle of the body.
struct BodyFrame {
  Point_mm origin{0, 0, 0};
  Direction left{1, 0, 0}, anterior{0, -1, 0}, superior{0, 0, 1};
  [[nodiscard]] Eigen::Vector3d to_local(const Point_mm& p) const {
    const Direction d = p - origin;
    return {d.dot(left), d.dot(anterior), d.dot(superior)};
  }
  [[nodiscard]] Point_mm to_image(const Eigen::Vector3d& q) const { return origin + q[0] * left + q[1] * anterior + q[2] * superior; }
};

/// w = c + cu u + cv v.
struct LocalPlane {
  double c = 0, cu = 0, cv = 0;
  [[nodiscard]] double at(double u, double v) const { return c + cu * u + cv * v; }
};

/// How far a point lies outside each face of a vertebral body, mm; negative inside.
struct Excess {
  double above = 0, below = 0, wall = 0, behind = 0;
  [[nodiscard]] double largest() const { return std::max(std::max(above, below), std::max(wall, behind)); }
};

/// One vertebral body as four smooth faces in its own frame. Lattices: endplates every kColumn_mm in u and v, the wall every
/// 360 / kAngles degrees at kBands relative heights, the rear wall every 2 mm of u (|u| <= 14) and w.
struct VertebralBody {
  static constexpr int kHalfColumns = 15, kColumns = 2 * kHalfColumns + 1;
  static constexpr double kColumn_mm = 2.0;
  static constexpr int kAngles = 72, kBands = 7;
  BodyFrame frame;
  std::vector<double> upper, lower;  ///< w, kColumns x kColumns, u fastest
  std::vector<double> wall;          ///< r, kAngles x kBands, angle fastest; angle 0 = left, 90 degrees = anterior
  std::vector<double> rear;          ///< v of the posterior wall, kRearColumns (u) x kRearRows (w), every 2 mm, u fastest
  static constexpr int kHalfRearColumns = 7, kRearColumns = 2 * kHalfRearColumns + 1, kHalfRearRows = 16, kRearRows = 2 * kHalfRearRows + 1;
  /// Of every node of the four lattices: the way along the face to where bone shows its edge, mm (way_to_seen).
  std::vector<float> upper_way, lower_way, wall_way, rear_way;
  Grid<float> outline_odds;  ///< outline_log_odds of its block, where it was drawn anew by them and holds cement; else empty
  double s_lower = 0, s_upper = 0;            ///< the discs' places on the course
  bool cut_below = false, cut_above = false;  ///< the scan ends inside it
  double dense_ml = 0;                        ///< volume above 850 HU inside

  static constexpr double kTreated_ml = 0.3;
  [[nodiscard]] bool holds_cement() const { return dense_ml >= kTreated_ml; }
  [[nodiscard]] double upper_at(double u, double v) const { return on_lattice(upper, u, v); }
  [[nodiscard]] double lower_at(double u, double v) const { return on_lattice(lower, u, v); }
  [[nodiscard]] double rear_at(double u, double w) const;
  [[nodiscard]] double wall_at(double u, double v, double w) const;
  [[nodiscard]] Excess excess(const Eigen::Vector3d& q) const;
  /// The way to where bone shows the face that `excess` passes farthest, at q, mm.
  [[nodiscard]] double way_to_seen_at(const Eigen::Vector3d& q, const Excess& excess) const;
  /// 0 at the lower endplate, 1 at the upper one, along the body's axis; not limited.
  [[nodiscard]] double relative_height(const Eigen::Vector3d& q) const {
    const double low = lower_at(q[0], q[1]);
    return (q[2] - low) / std::max(1.0, upper_at(q[0], q[1]) - low);
  }
  /// Whether the point lies inside, by `depth_mm` or more; quick for points far off. Valid once set_bounds was called.
  [[nodiscard]] bool contains(const Eigen::Vector3d& q, double depth_mm = 0) const {
    return q[2] <= top && q[2] >= bottom && q[0] * q[0] + q[1] * q[1] <= radius * radius && excess(q).largest() <= -depth_mm;
  }
  void set_bounds();
  double top = 32, bottom = -32, radius = 36;  ///< no part of the body lies beyond these, mm
  [[nodiscard]] static double on_lattice(const std::vector<double>& heights, double u, double v);
};

/// The bodies between neighbouring discs, from below upwards. Endplates and walls are least-cost surfaces (fit_surface) over density
/// gradients in the body's own resampled box; where cement hides the edge it weighs nothing and the neighbourhood decides.
/// Second pass: endplates start from their neighbours' usual relief and walls are drawn towards their usual contour, brought onto the
/// walls that show. Complexity: O(bodies x box).
std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<Disc>& discs, int n_threads = 1);

/// The discs below and above one body.
struct DiscPair {
  Disc lower, upper;
};

/// What the faces are drawn from: densities, where a face is the middle of a shell, or a mask painted as densities, whose edge it is.
enum class EdgeKind { shell, mask };
std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<DiscPair>& bounds, EdgeKind edges, int n_threads = 1);

class BodyBox;
/// Cement, metal and the like (BodyBox::is_dense) deeper inside the body than 1.5 mm, mL.
double dense_inside_ml(const BodyBox& box, const VertebralBody& body);

}  // namespace cemscope::imaging::spine
