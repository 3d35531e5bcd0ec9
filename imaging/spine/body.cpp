#include "imaging/spine/body.h"

#include "imaging/parallel.h"
#include "imaging/spine/body_box.h"
#include "imaging/spine/face_evidence.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr double kEdgeBias_mm = 0.45;  // the steepest mean fall lies this far outside a thin shell, whose middle the inner 1.5 mm seek
constexpr double kStep_mm = 0.5;       // label step of all surfaces
constexpr int kEndplateHalf = 16;      // labels on each side of the first guess: 8 mm
constexpr double kWallMin_mm = 8, kWallMax_mm = 34;
constexpr float kEndplateStiffness = 0.22f, kWallStiffness = 0.25f,
                kRearStiffness = 0.3f;  // per label; chosen on the shared cohort's label maps

constexpr double kBowlCost_hu = 2;            // per mm of a pressed-in endplate; 60 HU is the least edge, so that noise digs none
constexpr double kTreated_ml = 0.3;           // dense volume above which a body says nothing of what is usual
constexpr double kHiddenSigma_mm = 1.5;       // where cement hides the usual place, an edge farther off is another thing's
constexpr double kCementBeyondCost_hu = 150;  // for all of it; an endplate's mean edge falls by 100-250 HU
constexpr float kShownDrop_hu = 60.f;         // an osteoporotic body's mean density above soft tissue

/// -1.8 .. +0.3: the cost of an edge that falls by `drop` HU towards the outside.
float edge_cost(float drop, double weight) { return -static_cast<float>(weight) * std::clamp(drop / 100.f, -0.3f, 1.8f); }

/// Whether bone shows an edge there that a reader would follow.
bool shows_edge(const EdgeLine& edges, double at) { return edges.weight(at) > 0 && edges.drop(at) > kShownDrop_hu; }

Eigen::Vector3d disc_point(const StraightSpine& spine, const Disc& d, double a, double l) {
  return spine.frame.to_image(d.s + (a - d.a0) * d.tilt_ap + l * d.tilt_lr, a, l);
}

Direction disc_normal(const StraightSpine& spine, const Disc& d) {
  const Direction front = disc_point(spine, d, d.a0 + 12, 0) - disc_point(spine, d, d.a0 - 12, 0);
  const Direction across = disc_point(spine, d, d.a0, 10) - disc_point(spine, d, d.a0, -10);
  return front.cross(across).normalized() * (front.cross(across).dot(spine.frame.superior[static_cast<int>(d.s)]) > 0 ? 1 : -1);
}

/// Axes from the two discs' normals (a plane at the scan's end has no say), origin half-way between them in the middle of the body.
BodyFrame frame_between(const StraightSpine& spine, const SpineProfiles& profiles, const Disc& lower, const Disc& upper) {
  const double s_mid = (lower.s + upper.s) / 2;
  const int q = std::clamp(static_cast<int>(std::lround(s_mid)), 0, spine.length() - 1);
  BodyFrame f;
  Direction up = spine.frame.superior[q] * 0.5;
  if (!lower.at_scan_end) up += disc_normal(spine, lower);
  if (!upper.at_scan_end) up += disc_normal(spine, upper);
  f.superior = up.normalized();
  f.left = (spine.frame.left[q] - spine.frame.left[q].dot(f.superior) * f.superior).normalized();
  f.anterior = f.left.cross(f.superior);
  const double a = profiles.posterior_wall[q] + 16;
  const Point_mm below = disc_point(spine, lower, a, 0), above = disc_point(spine, upper, a, 0);
  f.origin = (below + above) / 2;
  return f;
}

LocalPlane local_plane(const StraightSpine& spine, const BodyFrame& frame, const Disc& d) {
  const auto p = frame.to_local(disc_point(spine, d, d.a0 - 12, 0)), q = frame.to_local(disc_point(spine, d, d.a0 + 12, 0)),
             r = frame.to_local(disc_point(spine, d, d.a0, 10));
  Eigen::Matrix3d m;
  m << 1, p[0], p[1], 1, q[0], q[1], 1, r[0], r[1];
  const Eigen::Vector3d c = m.colPivHouseholderQr().solve(Eigen::Vector3d(p[2], q[2], r[2]));
  return {c[0], c[1], c[2]};
}

/// First guess of the posterior wall's v for every row of w, from the profile along the course.
std::vector<double> rear_profile(const StraightSpine& spine, const SpineProfiles& profiles, const BodyFrame& frame) {
  std::vector<double> rear(VertebralBody::kRearRows, kNoVote);
  for (int s = 0; s < spine.length(); ++s) {
    const auto q = frame.to_local(spine.frame.to_image(s, profiles.posterior_wall[s], 0));
    const int row = static_cast<int>(std::lround(q[2] / 2)) + VertebralBody::kHalfRearRows;
    if (row >= 0 && row < VertebralBody::kRearRows) rear[row] = q[1];
  }
  return interpolate_gaps(std::move(rear), -16);
}

/// The posterior wall as a surface over u and w within 4 mm of the profile: bone in front, canal behind. Where pedicles or cement hide it
/// the neighbourhood decides.
void fit_rear(const BodyBox& box, const std::vector<double>& profile, VertebralBody& body) {
  constexpr int kHalf = 8;
  Grid<float> cost(VertebralBody::kRearColumns, VertebralBody::kRearRows, 2 * kHalf + 1);
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x) {
      const EdgeLine edges = box.backward_line(2 * (x - VertebralBody::kHalfRearColumns), 2 * (y - VertebralBody::kHalfRearRows));
      for (int z = 0; z < cost.nz; ++z) {
        const double d = (z - kHalf) * kStep_mm, v = profile[y] + d;
        cost.at(x, y, z) = 0.02f * static_cast<float>(d * d) + edge_cost(edges.drop(v), 0.8 * edges.weight(v));
      }
    }
  const Surface s = fit_surface(cost, kRearStiffness, Lattice::open);
  body.rear.resize(s.label.size());
  std::vector<std::uint8_t> seen(s.label.size());
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x) {
      const std::size_t q = static_cast<std::size_t>(y) * cost.nx + x;
      body.rear[q] = profile[y] + (s.at(x, y) - kHalf) * kStep_mm;
      const EdgeLine edges = box.backward_line(2 * (x - VertebralBody::kHalfRearColumns), 2 * (y - VertebralBody::kHalfRearRows));
      seen[q] = shows_edge(edges, body.rear[q]);
    }
  body.rear_way = way_to_seen(seen, cost.nx, 2, 2, Lattice::open);
}

double footprint_weight(double u, double v) {
  const double r = std::hypot(u / 19.0, v / 15.0);
  return std::clamp(2.0 - 1.25 * r, 0.0, 1.0);
}

/// Edge lines up or down every column of the endplates' lattice, u fastest.
using EndplateLines = std::vector<EdgeLine>;

EndplateLines endplate_lines(const BodyBox& box, int sense) {
  EndplateLines lines;
  for (int y = 0; y < VertebralBody::kColumns; ++y)
    for (int x = 0; x < VertebralBody::kColumns; ++x)
      lines.push_back(box.vertical_line(2 * (x - VertebralBody::kHalfColumns), 2 * (y - VertebralBody::kHalfColumns), sense));
  return lines;
}

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

double mean_drop(const EndplateLines& lines, const EndplateShape& shape) {
  double sum = 0, weight = 0;
  for (int v = -12; v <= 12; v += 4)
    for (int u = -16; u <= 16; u += 4) {
      const double w = shape.at(u, v);
      const EdgeLine& line = lines[EndplateShape::node(u, v)];
      const double share = footprint_weight(u, v) * line.weight(w);
      if (share > 0) sum += share * std::clamp(line.drop(w), -50.f, 250.f), weight += share;
    }
  return weight > 0 ? sum / weight : -1e9;
}

/// Dense millimetres (cement, metal and what blooms about them) in the columns that mean_drop looks at, between two endplates' limits.
class DenseColumns {
 public:
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

/// The shape near `guess` (offset +-5 mm, tilts +-12 and +-8 degrees, bowls to 10.5 mm) with the steepest mean edge inside the footprint
/// and most of the cement on the body's side: leaks are the smaller part of a deposit.
EndplateShape refine_shape(const EndplateLines& lines, const EndplateShape& guess, const DenseColumns& dense) {
  EndplateShape best = guess;
  double best_score = -1e9;
  for (double depth = 0; depth <= 10.6; depth += 1.5)
    for (double dv = -0.21; dv <= 0.22; dv += 0.07)
      for (double du = -0.14; du <= 0.15; du += 0.07)
        for (double dc = -5; dc <= 5; dc += 1) {
          EndplateShape shape = guess;
          shape.plane = {guess.plane.c + dc, guess.plane.cu + du, guess.plane.cv + dv}, shape.depth_mm = depth;
          const double score = mean_drop(lines, shape) - 1.2 * std::abs(dc) - 20 * (std::abs(du) + std::abs(dv)) - kBowlCost_hu * depth -
                               kCementBeyondCost_hu * dense.share_beyond(shape);
          if (score > best_score) best_score = score, best = shape;
        }
  return best;
}

/// Whether cement or metal leaves no evidence within a millimetre of `w`.
bool is_hidden(const EdgeLine& edges, double w) {
  for (double d = -1; d <= 1; d += EdgeLine::kStep_mm)
    if (edges.weight(w + d) > 0) return false;
  return true;
}

/// What an edge so far from a hidden place is worth.
double trust(double off_mm) { return std::exp(-0.5 * std::pow(off_mm / kHiddenSigma_mm, 2)); }

/// `limit`: the disc's middle, beyond which no endplate lies.
std::vector<double> fit_endplate(const EndplateLines& lines, const EndplateShape& guess, const LocalPlane& limit) {
  constexpr int n = VertebralBody::kColumns;
  Grid<float> cost(n, n, 2 * kEndplateHalf + 1);
  auto mm = [](int x) { return 2 * (x - VertebralBody::kHalfColumns); };
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const int u = mm(x), v = mm(y);
      const double footprint = footprint_weight(u, v);
      const EdgeLine& edges = lines[static_cast<std::size_t>(y) * n + x];
      const bool hidden = guess.relief && is_hidden(edges, guess.at(u, v));
      for (int z = 0; z < cost.nz; ++z) {
        const double deviation = (z - kEndplateHalf) * kStep_mm, w = guess.at(u, v) + deviation;
        float c = 0.004f * static_cast<float>(std::pow(std::abs(deviation), 1.5));
        if (guess.sense * (w - limit.at(u, v)) > 0) c += 2;
        const double share = hidden ? footprint * trust(deviation) : footprint;
        if (footprint > 0) c += static_cast<float>(share) * edge_cost(edges.drop(w), edges.weight(w));
        cost.at(x, y, z) = c;
      }
    }
  const Surface surface = fit_surface(cost, kEndplateStiffness, Lattice::open);
  std::vector<double> heights(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) heights[y * n + x] = guess.at(mm(x), mm(y)) + (surface.at(x, y) - kEndplateHalf) * kStep_mm;
  return heights;
}

/// The way to where an endplate shows, within the outline that the fit looks at.
std::vector<float> endplate_way(const EndplateLines& lines, const std::vector<double>& heights) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<std::uint8_t> seen(heights.size());
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const std::size_t q = static_cast<std::size_t>(y) * n + x;
      const double u = (x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm,
                   v = (y - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm;
      seen[q] = footprint_weight(u, v) > 0.2 && shows_edge(lines[q], heights[q]);
    }
  return way_to_seen(seen, n, VertebralBody::kColumn_mm, VertebralBody::kColumn_mm, Lattice::open);
}

std::vector<double> plane_heights(const LocalPlane& plane) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<double> heights(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x)
      heights[y * n + x] = plane.at((x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm,
                                    (y - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm);
  return heights;
}

double band_height(const VertebralBody& body, double u, double v, int band) {
  const double t = (band + 0.7) / (VertebralBody::kBands + 0.4);
  return body.lower_at(u, v) * (1 - t) + body.upper_at(u, v) * t;
}

int n_wall_labels() { return static_cast<int>((kWallMax_mm - kWallMin_mm) / kStep_mm) + 1; }

/// What the densities say of a wall at each angle, height and distance: edge costs, zero behind the rear wall.
Grid<float> wall_evidence(const BodyBox& box, const VertebralBody& body) {
  Grid<float> cost(VertebralBody::kAngles, VertebralBody::kBands, n_wall_labels());
  for (int band = 0; band < cost.ny; ++band)
    for (int x = 0; x < cost.nx; ++x) {
      const double angle = 2 * M_PI * x / VertebralBody::kAngles, cu = std::cos(angle), cv = std::sin(angle);
      auto on_ray = [&](double r) { return Eigen::Vector3d(r * cu, r * cv, band_height(body, 0.8 * r * cu, 0.8 * r * cv, band)); };
      const EdgeLine edges = box.curved_line(kWallMin_mm, kWallMax_mm, on_ray);
      for (int z = 0; z < cost.nz; ++z) {
        const double r = kWallMin_mm + z * kStep_mm;
        const auto q = on_ray(r);
        if (q[1] > body.rear_at(q[0], q[2]) + 1) cost.at(x, band, z) = edge_cost(edges.drop(r), edges.weight(r));
      }
    }
  return cost;
}

/// Whether cement or metal leaves no evidence within a millimetre of `r`.
bool is_hidden(const Grid<float>& evidence, int x, int band, double r) {
  const int label = static_cast<int>(std::lround((r - kWallMin_mm) / kStep_mm));
  for (int z = std::max(0, label - 2); z <= std::min(evidence.nz - 1, label + 2); ++z)
    if (evidence.at(x, band, z) != 0) return false;
  return true;
}

/// Walls by angle and height. `prior` (mm, per angle and height; empty in the first pass) draws them with a quadratic spring.
std::vector<double> fit_walls(const Grid<float>& evidence, const std::vector<double>& prior) {
  constexpr double kFree = 0.003, kDrawn = 0.02, kDrawnHidden = 0.08, kFree_mm = 19;
  Grid<float> cost = evidence;
  for (int band = 0; band < cost.ny; ++band)
    for (int x = 0; x < cost.nx; ++x) {
      const double usual = prior.empty() ? kFree_mm : prior[static_cast<std::size_t>(band) * cost.nx + x];
      const bool hidden = !prior.empty() && is_hidden(evidence, x, band, usual);
      for (int z = 0; z < cost.nz; ++z) {
        const double beyond = kWallMin_mm + z * kStep_mm - usual;
        float& c = cost.at(x, band, z);
        if (hidden) c *= static_cast<float>(trust(beyond));
        c += static_cast<float>((prior.empty() ? kFree : hidden ? kDrawnHidden : kDrawn) * beyond * beyond);
      }
    }
  Surface s = fit_surface(cost, kWallStiffness, Lattice::cyclic_x);
  for (double& r : s.label) r = kWallMin_mm + r * kStep_mm;
  return s.label;
}

/// The way to where the wall shows: nodes whose evidence at their distance is an edge of kShownDrop_hu or more.
std::vector<float> wall_way(const Grid<float>& evidence, const VertebralBody& body) {
  std::vector<std::uint8_t> seen(body.wall.size());
  for (int band = 0; band < evidence.ny; ++band)
    for (int x = 0; x < evidence.nx; ++x) {
      const std::size_t q = static_cast<std::size_t>(band) * evidence.nx + x;
      const int label = std::clamp(static_cast<int>(std::lround((body.wall[q] - kWallMin_mm) / kStep_mm)), 0, evidence.nz - 1);
      seen[q] = evidence.at(x, band, label) < -kShownDrop_hu / 100;
    }
  constexpr double kUsualRadius_mm = 19;
  const double height = body.upper_at(0, 0) - body.lower_at(0, 0);
  return way_to_seen(seen, evidence.nx, 2 * M_PI * kUsualRadius_mm / VertebralBody::kAngles, height / (VertebralBody::kBands + 0.4),
                     Lattice::cyclic_x);
}

int mirrored(int angle) { return (VertebralBody::kAngles / 2 - angle + VertebralBody::kAngles) % VertebralBody::kAngles; }

/// Median of the walls of all bodies within two of `self`, left and right averaged, at every angle and height: the usual contour here.
std::vector<double> usual_contour(const std::vector<VertebralBody>& bodies, std::size_t self) {
  std::vector<double> contour(static_cast<std::size_t>(VertebralBody::kAngles) * VertebralBody::kBands);
  for (int band = 0; band < VertebralBody::kBands; ++band)
    for (int x = 0; x < VertebralBody::kAngles; ++x) {
      std::vector<double> radii;
      for (std::size_t b = self >= 2 ? self - 2 : 0; b < std::min(bodies.size(), self + 3); ++b)
        if (bodies[b].dense_ml < kTreated_ml || bodies.size() == 1)
          for (int y : {x, mirrored(x)}) radii.push_back(bodies[b].wall[band * VertebralBody::kAngles + y]);
      contour[band * VertebralBody::kAngles + x] = quantile(std::move(radii), 0.5, 19);
    }
  return contour;
}

/// `contour` brought onto the body: scaled about its axis and shifted so that it fits the walls that show, by Huber's least squares. The
/// neighbours' contour is theirs in size and lies about their own axes.
void align(std::vector<double>& contour, const VertebralBody& body) {
  constexpr double kHuber_mm = 1.0, kWeightOfNone = 20;  // nodes' worth of weight on "as it is"
  Eigen::Vector3d x(1, 0, 0);
  for (int round = 0; round < 6; ++round) {
    Eigen::Matrix3d normal = Eigen::Vector3d(kWeightOfNone * 400, kWeightOfNone, kWeightOfNone).asDiagonal();
    Eigen::Vector3d right(kWeightOfNone * 400, 0, 0);
    for (std::size_t q = 0; q < contour.size(); ++q) {
      if (body.wall_way[q] > 0) continue;
      const double angle = 2 * M_PI * static_cast<double>(q % VertebralBody::kAngles) / VertebralBody::kAngles;
      const Eigen::Vector3d row(contour[q], std::cos(angle), std::sin(angle));
      const double off = std::abs(row.dot(x) - body.wall[q]), weight = off > kHuber_mm ? kHuber_mm / off : 1;
      normal += weight * row * row.transpose(), right += weight * body.wall[q] * row;
    }
    x = normal.ldlt().solve(right);
  }
  for (std::size_t q = 0; q < contour.size(); ++q) {
    const double angle = 2 * M_PI * static_cast<double>(q % VertebralBody::kAngles) / VertebralBody::kAngles;
    contour[q] = x.dot(Eigen::Vector3d(contour[q], std::cos(angle), std::sin(angle)));
  }
}

/// One endplate of a body and what its second fit needs again.
struct EndplateDraft {
  LocalPlane middle, plane;  ///< the disc's middle, the plane that was found
  EndplateLines lines;       ///< empty at the end of the scan
};

struct Draft {
  VertebralBody body;
  BodyBox box;
  EndplateDraft upper, lower;
};

EndplateDraft draft_endplate(const BodyBox& box, const LocalPlane& middle, const Disc& disc, int sense) {
  EndplateDraft e{middle, middle, {}};
  e.plane.c -= sense * disc.width_mm / 2;
  if (!disc.at_scan_end) e.lines = endplate_lines(box, sense);
  return e;
}

/// Fits `heights` and their `way` with the relief that is usual here (null at first). A plane at the end of the scan stays.
void fit(EndplateDraft& e, int sense, const std::vector<double>* relief, const DenseColumns& dense, std::vector<double>& heights,
         std::vector<float>& way) {
  if (e.lines.empty()) {
    heights = plane_heights(e.middle), way.assign(heights.size(), kUnseen_mm);
    return;
  }
  const EndplateShape shape = refine_shape(e.lines, {e.plane, static_cast<double>(sense), 0, relief}, dense);
  e.plane = shape.plane;
  heights = fit_endplate(e.lines, shape, e.middle);
  way = endplate_way(e.lines, heights);
}

Draft first_fit(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles, const Disc& lower, const Disc& upper) {
  Draft draft;
  auto& body = draft.body;
  body.frame = frame_between(spine, profiles, lower, upper);
  body.s_lower = lower.s, body.s_upper = upper.s;
  body.cut_below = lower.at_scan_end, body.cut_above = upper.at_scan_end;
  draft.box = BodyBox(volume, body.frame);
  fit_rear(draft.box, rear_profile(spine, profiles, body.frame), body);
  draft.upper = draft_endplate(draft.box, local_plane(spine, body.frame, upper), upper, +1);
  draft.lower = draft_endplate(draft.box, local_plane(spine, body.frame, lower), lower, -1);
  const DenseColumns dense(draft.box, draft.lower.middle, draft.upper.middle);
  fit(draft.upper, +1, nullptr, dense, body.upper, body.upper_way);
  fit(draft.lower, -1, nullptr, dense, body.lower, body.lower_way);
  const Grid<float> walls = wall_evidence(draft.box, body);
  body.wall = fit_walls(walls, {});
  body.wall_way = wall_way(walls, body);
  body.dense_ml = dense_inside_ml(draft.box, body);
  return draft;
}

}  // namespace

double dense_inside_ml(const BodyBox& box, const VertebralBody& body) {
  int n = 0;
  for (int w = -25; w <= 25; ++w)
    for (int v = -20; v <= 24; ++v)
      for (int u = -28; u <= 28; ++u)
        if (box.is_dense(u, v, w) && body.excess(Eigen::Vector3d(u, v, w)).largest() < -1.5) ++n;
  return n / 1000.0;
}

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

namespace {

/// Draws every face in by `mm`.
void draw_in(VertebralBody& body, double mm) {
  if (!body.cut_above)
    for (double& w : body.upper) w -= mm;
  if (!body.cut_below)
    for (double& w : body.lower) w += mm;
  for (double& r : body.wall) r -= mm;
  for (double& v : body.rear) v += mm;
}

/// Median height of the endplates within two of `self` above the planes of their rims, outwards, mm: the usual relief here. Bodies with
/// cement have no say, nor have planes at the end of the scan.
std::vector<double> usual_relief(const std::vector<Draft>& drafts, std::size_t self, EndplateDraft Draft::*side,
                                 std::vector<double> VertebralBody::*heights, int sense) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<double> relief(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      std::vector<double> votes;
      for (std::size_t b = self >= 2 ? self - 2 : 0; b < std::min(drafts.size(), self + 3); ++b) {
        if (drafts[b].body.dense_ml >= kTreated_ml || (drafts[b].*side).lines.empty()) continue;
        const double rim = (drafts[b].*side).plane.at(2 * (x - VertebralBody::kHalfColumns), 2 * (y - VertebralBody::kHalfColumns));
        votes.push_back(sense * ((drafts[b].body.*heights)[static_cast<std::size_t>(y) * n + x] - rim));
      }
      relief[static_cast<std::size_t>(y) * n + x] = quantile(std::move(votes), 0.5);
    }
  return relief;
}

/// Fits the endplates and walls again with what is usual in the neighbourhood, and draws all faces in to the shell's middle.
VertebralBody second_fit(const std::vector<Draft>& drafts, const std::vector<VertebralBody>& first, std::size_t b, EdgeKind edges) {
  VertebralBody body = first[b];
  EndplateDraft upper = drafts[b].upper, lower = drafts[b].lower;
  const auto above = usual_relief(drafts, b, &Draft::upper, &VertebralBody::upper, +1),
             below = usual_relief(drafts, b, &Draft::lower, &VertebralBody::lower, -1);
  const DenseColumns dense(drafts[b].box, lower.middle, upper.middle);
  fit(upper, +1, &above, dense, body.upper, body.upper_way);
  fit(lower, -1, &below, dense, body.lower, body.lower_way);
  const Grid<float> walls = wall_evidence(drafts[b].box, body);
  auto contour = usual_contour(first, b);
  align(contour, first[b]);
  body.wall = fit_walls(walls, contour);
  body.wall_way = wall_way(walls, body);
  if (edges == EdgeKind::shell) draw_in(body, kEdgeBias_mm);
  body.set_bounds();
  body.dense_ml = dense_inside_ml(drafts[b].box, body);
  return body;
}

}  // namespace

std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<Disc>& discs, int n_threads) {
  std::vector<DiscPair> bounds;
  for (std::size_t d = 1; d < discs.size(); ++d) bounds.push_back({discs[d - 1], discs[d]});
  return fit_bodies(volume, spine, profiles, bounds, EdgeKind::shell, n_threads);
}

std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<DiscPair>& bounds, EdgeKind edges, int n_threads) {
  const int n = static_cast<int>(bounds.size());
  std::vector<Draft> drafts(n);
  parallel_for(n, n_threads, [&](int b) { drafts[b] = first_fit(volume, spine, profiles, bounds[b].lower, bounds[b].upper); });
  std::vector<VertebralBody> first, bodies(n);
  for (const auto& draft : drafts) first.push_back(draft.body);
  parallel_for(n, n_threads, [&](int b) { bodies[b] = second_fit(drafts, first, static_cast<std::size_t>(b), edges); });
  return bodies;
}

}  // namespace cemscope::imaging::spine
