#include "imaging/spine/body.h"

#include "imaging/parallel.h"
#include "imaging/spine/body_box.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr double kEdgeBias_mm = 0.45;           // the steepest mean fall lies this far outside a thin shell, whose middle the inner 1.5 mm seek
constexpr double kStep_mm = 0.5;               // label step of all surfaces
constexpr int kEndplateHalf = 16;              // labels on each side of the first guess: 8 mm
constexpr double kWallMin_mm = 8, kWallMax_mm = 34;
constexpr float kEndplateStiffness = 0.22f, kWallStiffness = 0.25f, kRearStiffness = 0.3f;  // per label; chosen on the shared cohort's label maps

/// -1.8 .. +0.3: the cost of an edge that falls by `drop` HU towards the outside.
float edge_cost(float drop, double weight) { return -static_cast<float>(weight) * std::clamp(drop / 100.f, -0.3f, 1.8f); }

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
std::vector<double> fit_rear(const BodyBox& box, const std::vector<double>& profile) {
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
  Surface s = fit_surface(cost, kRearStiffness, Lattice::open);
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x) s.label[static_cast<std::size_t>(y) * cost.nx + x] = profile[y] + (s.at(x, y) - kHalf) * kStep_mm;
  return s.label;
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

const EdgeLine& line_at(const EndplateLines& lines, int u, int v) {
  return lines[(v / 2 + VertebralBody::kHalfColumns) * VertebralBody::kColumns + u / 2 + VertebralBody::kHalfColumns];
}

/// The plane near `guess` (offset +-5 mm, tilts +-12 and +-8 degrees) with the steepest mean edge inside the footprint.
LocalPlane refine_plane(const EndplateLines& lines, const LocalPlane& guess) {
  LocalPlane best = guess;
  double best_score = -1e9;
  for (double dv = -0.21; dv <= 0.22; dv += 0.07)
    for (double du = -0.14; du <= 0.15; du += 0.07)
      for (double dc = -5; dc <= 5; dc += 1) {
        const LocalPlane plane{guess.c + dc, guess.cu + du, guess.cv + dv};
        double sum = 0, weight = 0;
        for (int v = -12; v <= 12; v += 4)
          for (int u = -16; u <= 16; u += 4) {
            const double w = plane.at(u, v), share = footprint_weight(u, v) * line_at(lines, u, v).weight(w);
            if (share > 0) sum += share * std::clamp(line_at(lines, u, v).drop(w), -50.f, 250.f), weight += share;
          }
        const double score = sum / std::max(weight, 1e-6) - 1.2 * std::abs(dc) - 20 * (std::abs(du) + std::abs(dv));
        if (weight > 0 && score > best_score) best_score = score, best = plane;
      }
  return best;
}

/// What one endplate is looked for with: `sense` +1 for the upper one, -1 for the lower, `limit` the disc's middle.
struct EndplateTask {
  LocalPlane guess, limit;
  double sense = 1;
};

std::vector<double> fit_endplate(const EndplateLines& lines, const EndplateTask& task) {
  constexpr int n = VertebralBody::kColumns;
  Grid<float> cost(n, n, 2 * kEndplateHalf + 1);
  auto mm = [](int x) { return (x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm; };
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const double u = mm(x), v = mm(y), footprint = footprint_weight(u, v);
      const EdgeLine& edges = lines[static_cast<std::size_t>(y) * n + x];
      for (int z = 0; z < cost.nz; ++z) {
        const double deviation = (z - kEndplateHalf) * kStep_mm, w = task.guess.at(u, v) + deviation;
        float c = 0.004f * static_cast<float>(std::pow(std::abs(deviation), 1.5));
        if (task.sense * (w - task.limit.at(u, v)) > 0) c += 2;
        if (footprint > 0) c += static_cast<float>(footprint) * edge_cost(edges.drop(w), edges.weight(w));
        cost.at(x, y, z) = c;
      }
    }
  const Surface surface = fit_surface(cost, kEndplateStiffness, Lattice::open);
  std::vector<double> heights(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) heights[y * n + x] = task.guess.at(mm(x), mm(y)) + (surface.at(x, y) - kEndplateHalf) * kStep_mm;
  return heights;
}

std::vector<double> plane_heights(const LocalPlane& plane) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<double> heights(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x)
      heights[y * n + x] = plane.at((x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm, (y - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm);
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

/// Walls by angle and height. `prior` (mm, per angle; empty in the first pass) draws the contour with a quadratic spring.
std::vector<double> fit_walls(const Grid<float>& evidence, const std::vector<double>& prior) {
  constexpr double kFree = 0.003, kDrawn = 0.02;
  Grid<float> cost = evidence;
  for (int z = 0; z < cost.nz; ++z)
    for (int band = 0; band < cost.ny; ++band)
      for (int x = 0; x < cost.nx; ++x) {
        const double beyond = kWallMin_mm + z * kStep_mm - (prior.empty() ? 19 : prior[x]);
        cost.at(x, band, z) += static_cast<float>((prior.empty() ? kFree : kDrawn) * beyond * beyond);
      }
  Surface s = fit_surface(cost, kWallStiffness, Lattice::cyclic_x);
  for (double& r : s.label) r = kWallMin_mm + r * kStep_mm;
  return s.label;
}

int mirrored(int angle) { return (VertebralBody::kAngles / 2 - angle + VertebralBody::kAngles) % VertebralBody::kAngles; }

/// Median over the bands of all bodies within two of `self`, left and right averaged: the usual contour here.
std::vector<double> usual_contour(const std::vector<VertebralBody>& bodies, std::size_t self) {
  std::vector<double> contour(VertebralBody::kAngles);
  for (int x = 0; x < VertebralBody::kAngles; ++x) {
    const int mirror = mirrored(x);
    std::vector<double> radii;
    for (std::size_t b = self >= 2 ? self - 2 : 0; b < std::min(bodies.size(), self + 3); ++b)
      if (bodies[b].dense_ml < 0.3 || bodies.size() == 1)
        for (int band = 0; band < VertebralBody::kBands; ++band)
          for (int y : {x, mirror}) radii.push_back(bodies[b].wall[band * VertebralBody::kAngles + y]);
    contour[x] = quantile(std::move(radii), 0.5, 19);
  }
  return contour;
}

double dense_inside_ml(const BodyBox& box, const VertebralBody& body) {
  int n = 0;
  for (int w = -25; w <= 25; ++w)
    for (int v = -20; v <= 24; ++v)
      for (int u = -28; u <= 28; ++u)
        if (box.is_dense(u, v, w) && body.excess(Eigen::Vector3d(u, v, w)).largest() < -1.5) ++n;
  return n / 1000.0;
}

/// A body and what its second fit needs again.
struct Draft {
  VertebralBody body;
  BodyBox box;
  Grid<float> walls;
};

Draft first_fit(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles, const Disc& lower, const Disc& upper) {
  Draft draft;
  auto& body = draft.body;
  body.frame = frame_between(spine, profiles, lower, upper);
  body.s_lower = lower.s, body.s_upper = upper.s;
  body.cut_below = lower.at_scan_end, body.cut_above = upper.at_scan_end;
  draft.box = BodyBox(volume, body.frame);
  body.rear = fit_rear(draft.box, rear_profile(spine, profiles, body.frame));
  auto endplate = [&](const Disc& disc, int sense) {
    const LocalPlane middle = local_plane(spine, body.frame, disc);
    if (disc.at_scan_end) return plane_heights(middle);
    LocalPlane guess = middle;
    guess.c -= sense * disc.width_mm / 2;
    const auto lines = endplate_lines(draft.box, sense);
    return fit_endplate(lines, {refine_plane(lines, guess), middle, static_cast<double>(sense)});
  };
  body.upper = endplate(upper, +1);
  body.lower = endplate(lower, -1);
  draft.walls = wall_evidence(draft.box, body);
  body.wall = fit_walls(draft.walls, {});
  body.dense_ml = dense_inside_ml(draft.box, body);
  return draft;
}

}  // namespace

double VertebralBody::on_lattice(const std::vector<double>& heights, double u, double v) {
  const double a = std::clamp(u / kColumn_mm + kHalfColumns, 0.0, kColumns - 1.001), b = std::clamp(v / kColumn_mm + kHalfColumns, 0.0, kColumns - 1.001);
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
  const double a = std::clamp(u / 2 + kHalfRearColumns, 0.0, kRearColumns - 1.001), b = std::clamp(w / 2 + kHalfRearRows, 0.0, kRearRows - 1.001);
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

}  // namespace

std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<Disc>& discs, int n_threads) {
  const int n = discs.empty() ? 0 : static_cast<int>(discs.size()) - 1;
  std::vector<Draft> drafts(n);
  parallel_for(n, n_threads, [&](int b) { drafts[b] = first_fit(volume, spine, profiles, discs[b], discs[b + 1]); });
  std::vector<VertebralBody> first, bodies;
  for (const auto& draft : drafts) first.push_back(draft.body);
  bodies = first;
  parallel_for(n, n_threads, [&](int b) {
    bodies[b].wall = fit_walls(drafts[b].walls, usual_contour(first, b));
    draw_in(bodies[b], kEdgeBias_mm);
    bodies[b].set_bounds();
    bodies[b].dense_ml = dense_inside_ml(drafts[b].box, bodies[b]);
  });
  return bodies;
}

}  // namespace cemscope::imaging::spine
