#include "imaging/spine/body.h"

#include "imaging/parallel.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr float kLow = -80.f, kHigh = 450.f;   // cement counts as bone
constexpr float kDense = 850.f;
constexpr float kStandIn = 230.f;              // dense trabecular bone in cement's place
constexpr double kDenseWeight = 0.2;           // an edge of cement is weak evidence of the body's edge
constexpr double kInside_mm = 1.5, kOutside_mm = 2.0;  // the edge is the shell's outer face: a short look inside, a longer one outside
constexpr double kStep_mm = 0.5;               // label step of all surfaces
constexpr int kEndplateHalf = 16;              // labels on each side of the first guess: 8 mm
constexpr double kWallMin_mm = 8, kWallMax_mm = 34;
constexpr float kEndplateStiffness = 0.22f, kWallStiffness = 0.25f, kRearStiffness = 0.3f;  // per label; chosen on the shared cohort's label maps

/// The body's surroundings resampled to 1 mm in its frame; x = u, y = v, z = w.
struct Box {
  static constexpr int kU = 36, kBack = 26, kFront = 34, kW = 32;
  Grid<float> hu;           // limited to [-80, 450]
  Grid<std::uint8_t> dense; // 1: cement or metal within 1 mm
  /// Trilinear in v and u is skipped: nearest column, linear along w.
  [[nodiscard]] float at(double u, double v, double w) const {
    const int x = std::clamp(static_cast<int>(std::lround(u)) + kU, 0, hu.nx - 1), y = std::clamp(static_cast<int>(std::lround(v)) + kBack, 0, hu.ny - 1);
    const double t = std::clamp(w + kW, 0.0, hu.nz - 1.001);
    const int z = static_cast<int>(t);
    const float f = static_cast<float>(t - z);
    return hu.at(x, y, z) * (1 - f) + hu.at(x, y, z + 1) * f;
  }
  [[nodiscard]] float smooth_at(double u, double v, double w) const {
    const double a = std::clamp(u + kU, 0.0, hu.nx - 1.001), b = std::clamp(v + kBack, 0.0, hu.ny - 1.001), c = std::clamp(w + kW, 0.0, hu.nz - 1.001);
    const int x = static_cast<int>(a), y = static_cast<int>(b), z = static_cast<int>(c);
    const float fx = static_cast<float>(a - x), fy = static_cast<float>(b - y), fz = static_cast<float>(c - z);
    auto line = [&](int yy, int zz) { return hu.at(x, yy, zz) * (1 - fx) + hu.at(x + 1, yy, zz) * fx; };
    auto plane = [&](int zz) { return line(y, zz) * (1 - fy) + line(y + 1, zz) * fy; };
    return plane(z) * (1 - fz) + plane(z + 1) * fz;
  }
  [[nodiscard]] bool is_dense(double u, double v, double w) const {
    const int x = std::clamp(static_cast<int>(std::lround(u)) + kU, 0, hu.nx - 1), y = std::clamp(static_cast<int>(std::lround(v)) + kBack, 0, hu.ny - 1),
              z = std::clamp(static_cast<int>(std::lround(w)) + kW, 0, hu.nz - 1);
    return dense.at(x, y, z) != 0;
  }
};

Box resample_box(const VolumeView& volume, const BodyFrame& frame) {
  Box box;
  const int nx = 2 * Box::kU + 1, ny = Box::kBack + Box::kFront + 1, nz = 2 * Box::kW + 1;
  box.hu = Grid<float>(nx, ny, nz);
  box.dense = Grid<std::uint8_t>(nx, ny, nz);
  for (int z = 0; z < nz; ++z)
    for (int y = 0; y < ny; ++y) {
      Point_mm p = frame.to_image({-Box::kU, static_cast<double>(y - Box::kBack), static_cast<double>(z - Box::kW)});
      for (int x = 0; x < nx; ++x, p += frame.left) {
        const float hu = volume.sample(p);
        box.hu.at(x, y, z) = std::clamp(hu, kLow, kHigh);
        if (hu <= kDense) continue;
        for (int dz = -1; dz <= 1; ++dz)
          for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx)
              if (box.dense.contains(x + dx, y + dy, z + dz)) box.dense.at(x + dx, y + dy, z + dz) = 1;
      }
    }
  for (std::size_t q = 0; q < box.hu.values.size(); ++q)
    if (box.dense.values[q]) box.hu.values[q] = std::min(box.hu.values[q], kStandIn);
  return box;
}

/// Mean of the samples at offsets [from, to] (0.5 mm apart) from (q) along `d`.
struct EdgeProbe {
  const Box& box;
  [[nodiscard]] float drop(const Eigen::Vector3d& q, const Eigen::Vector3d& outward, double inside_mm, double outside_mm) const {
    float in = 0, out = 0;
    int n_in = 0, n_out = 0;
    for (double t = 0.5; t <= inside_mm; t += 0.5, ++n_in) in += box.smooth_at(q[0] - t * outward[0], q[1] - t * outward[1], q[2] - t * outward[2]);
    for (double t = 0.5; t <= outside_mm; t += 0.5, ++n_out) out += box.smooth_at(q[0] + t * outward[0], q[1] + t * outward[1], q[2] + t * outward[2]);
    return in / static_cast<float>(n_in) - out / static_cast<float>(n_out);
  }
  /// Full where the edge at `q` is bone's, kDenseWeight where its inner side or itself is cement.
  [[nodiscard]] double weight(const Eigen::Vector3d& q, const Eigen::Vector3d& outward) const {
    for (double t : {0.0, 1.0, 2.0})
      if (box.is_dense(q[0] - t * outward[0], q[1] - t * outward[1], q[2] - t * outward[2])) return kDenseWeight;
    return 1.0;
  }
};

/// -1 .. +0.3: the cost of an edge that falls by `drop` HU towards the outside.
float edge_cost(float drop, double weight) { return -static_cast<float>(weight) * std::clamp(drop / 100.f, -0.3f, 1.8f); }

struct LocalDisc { LocalPlane plane; double half_width; };

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
std::vector<double> fit_rear(const EdgeProbe& probe, const std::vector<double>& profile) {
  constexpr int kHalf = 8;
  Grid<float> cost(VertebralBody::kRearColumns, VertebralBody::kRearRows, 2 * kHalf + 1);
  for (int y = 0; y < cost.ny; ++y)
    for (int x = 0; x < cost.nx; ++x)
      for (int z = 0; z < cost.nz; ++z) {
        const double u = 2.0 * (x - VertebralBody::kHalfRearColumns), w = 2.0 * (y - VertebralBody::kHalfRearRows), d = (z - kHalf) * kStep_mm;
        const Eigen::Vector3d q(u, profile[y] + d, w);
        cost.at(x, y, z) = 0.02f * static_cast<float>(d * d) + edge_cost(probe.drop(q, {0, -1, 0}, kInside_mm, kOutside_mm), 0.8 * probe.weight(q, {0, -1, 0}));
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

/// The plane near `guess` (offset +-5 mm, tilts +-12 and +-8 degrees) with the steepest mean edge inside the footprint.
LocalPlane refine_plane(const EdgeProbe& probe, const LocalPlane& guess, double sense) {
  LocalPlane best = guess;
  double best_score = -1e9;
  for (double dv = -0.21; dv <= 0.22; dv += 0.07)
    for (double du = -0.14; du <= 0.15; du += 0.07)
      for (double dc = -5; dc <= 5; dc += 1) {
        const LocalPlane plane{guess.c + dc, guess.cu + du, guess.cv + dv};
        double sum = 0, weight = 0;
        for (double v = -12; v <= 12; v += 4)
          for (double u = -16; u <= 16; u += 4) {
            const Eigen::Vector3d q(u, v, plane.at(u, v));
            const double w = footprint_weight(u, v) * probe.weight(q, {0, 0, sense});
            if (w > 0) sum += w * std::clamp(probe.drop(q, {0, 0, sense}, 1.5, 2.0), -50.f, 250.f), weight += w;
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

std::vector<double> fit_endplate(const EdgeProbe& probe, const EndplateTask& task) {
  constexpr int n = VertebralBody::kColumns;
  Grid<float> cost(n, n, 2 * kEndplateHalf + 1);
  auto mm = [](int x) { return (x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm; };
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x)
      for (int z = 0; z < cost.nz; ++z) {
        const double u = mm(x), v = mm(y), deviation = (z - kEndplateHalf) * kStep_mm, w = task.guess.at(u, v) + deviation;
        const Eigen::Vector3d q(u, v, w);
        float c = 0.004f * static_cast<float>(std::pow(std::abs(deviation), 1.5));
        if (task.sense * (w - task.limit.at(u, v)) > 0) c += 2;
        if (const double f = footprint_weight(u, v); f > 0)
          c += static_cast<float>(f) * edge_cost(probe.drop(q, {0, 0, task.sense}, kInside_mm, kOutside_mm), probe.weight(q, {0, 0, task.sense}));
        cost.at(x, y, z) = c;
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

/// Walls by angle and height. `prior` (mm, per angle; empty in the first pass) draws the contour with a quadratic spring.
std::vector<double> fit_walls(const EdgeProbe& probe, const VertebralBody& body, const std::vector<double>& prior) {
  const int n_labels = static_cast<int>((kWallMax_mm - kWallMin_mm) / kStep_mm) + 1;
  Grid<float> cost(VertebralBody::kAngles, VertebralBody::kBands, n_labels);
  for (int band = 0; band < cost.ny; ++band)
    for (int x = 0; x < cost.nx; ++x) {
      const double angle = 2 * M_PI * x / VertebralBody::kAngles, cu = std::cos(angle), cv = std::sin(angle);
      for (int z = 0; z < n_labels; ++z) {
        const double r = kWallMin_mm + z * kStep_mm, u = r * cu, v = r * cv, w = band_height(body, 0.8 * u, 0.8 * v, band);
        const Eigen::Vector3d q(u, v, w);
        float c = prior.empty() ? 0.003f * static_cast<float>(std::pow(r - 19, 2)) : 0.02f * static_cast<float>(std::pow(r - prior[x], 2));
        if (v > body.rear_at(u, w) + 1) c += edge_cost(probe.drop(q, {cu, cv, 0}, kInside_mm, kOutside_mm), probe.weight(q, {cu, cv, 0}));
        cost.at(x, band, z) = c;
      }
    }
  Surface s = fit_surface(cost, kWallStiffness, Lattice::cyclic_x);
  for (double& r : s.label) r = kWallMin_mm + r * kStep_mm;
  return s.label;
}

/// Median over the bands of all bodies within two of `self`, left and right averaged: the usual contour here.
std::vector<double> usual_contour(const std::vector<VertebralBody>& bodies, std::size_t self) {
  std::vector<double> contour(VertebralBody::kAngles);
  for (int x = 0; x < VertebralBody::kAngles; ++x) {
    const int mirror = (VertebralBody::kAngles / 2 - x + VertebralBody::kAngles) % VertebralBody::kAngles;
    std::vector<double> radii;
    for (std::size_t b = self >= 2 ? self - 2 : 0; b < std::min(bodies.size(), self + 3); ++b)
      if (bodies[b].dense_ml < 0.3 || bodies.size() == 1)
        for (int band = 0; band < VertebralBody::kBands; ++band)
          for (int y : {x, mirror}) radii.push_back(bodies[b].wall[band * VertebralBody::kAngles + y]);
    contour[x] = quantile(std::move(radii), 0.5, 19);
  }
  return contour;
}

double dense_inside_ml(const Box& box, const VertebralBody& body) {
  int n = 0;
  for (int w = -25; w <= 25; ++w)
    for (int v = -20; v <= 24; ++v)
      for (int u = -28; u <= 28; ++u)
        if (box.is_dense(u, v, w) && body.excess(Eigen::Vector3d(u, v, w)).largest() < -1.5) ++n;
  return n / 1000.0;
}

VertebralBody first_fit(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles, const Disc& lower, const Disc& upper, Box& box) {
  VertebralBody body;
  body.frame = frame_between(spine, profiles, lower, upper);
  body.s_lower = lower.s, body.s_upper = upper.s;
  body.cut_below = lower.at_scan_end, body.cut_above = upper.at_scan_end;
  box = resample_box(volume, body.frame);
  const EdgeProbe probe{box};
  body.rear = fit_rear(probe, rear_profile(spine, profiles, body.frame));
  auto endplate = [&](const Disc& disc, double sense) {
    const LocalPlane middle = local_plane(spine, body.frame, disc);
    if (disc.at_scan_end) return plane_heights(middle);
    LocalPlane guess = middle;
    guess.c -= sense * disc.width_mm / 2;
    return fit_endplate(probe, {refine_plane(probe, guess, sense), middle, sense});
  };
  body.upper = endplate(upper, +1);
  body.lower = endplate(lower, -1);
  body.wall = fit_walls(probe, body, {});
  body.dense_ml = dense_inside_ml(box, body);
  return body;
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
  double angle = std::atan2(v, u) / (2 * M_PI) * kAngles;
  if (angle < 0) angle += kAngles;
  const int x = static_cast<int>(angle) % kAngles, x1 = (x + 1) % kAngles, b = static_cast<int>(band);
  const double fx = angle - std::floor(angle), fb = band - b;
  auto row = [&](int r) { return wall[r * kAngles + x] * (1 - fx) + wall[r * kAngles + x1] * fx; };
  return row(b) * (1 - fb) + row(b + 1) * fb;
}

Excess VertebralBody::excess(const Eigen::Vector3d& q) const {
  const double r = std::hypot(q[0], q[1]), rear_v = rear_at(q[0], q[2]);
  Excess e{q[2] - upper_at(q[0], q[1]), lower_at(q[0], q[1]) - q[2], r - wall_at(q[0], q[1], q[2]), rear_v - q[1]};
  // Towards the canal the rear wall is the face; the polar wall has no edge there.
  if (q[1] < -2 && std::abs(q[0] * rear_v / q[1]) < 2.0 * kHalfRearColumns - 1) e.wall = std::min(e.wall, e.behind);
  return e;
}

std::vector<VertebralBody> fit_bodies(const VolumeView& volume, const StraightSpine& spine, const SpineProfiles& profiles,
                                      const std::vector<Disc>& discs, int n_threads) {
  const int n = discs.empty() ? 0 : static_cast<int>(discs.size()) - 1;
  std::vector<VertebralBody> bodies(n);
  std::vector<Box> boxes(n);
  parallel_for(n, n_threads, [&](int b) { bodies[b] = first_fit(volume, spine, profiles, discs[b], discs[b + 1], boxes[b]); });
  const std::vector<VertebralBody> first = bodies;
  parallel_for(n, n_threads, [&](int b) {
    bodies[b].wall = fit_walls(EdgeProbe{boxes[b]}, bodies[b], usual_contour(first, b));
    bodies[b].set_bounds();
    bodies[b].dense_ml = dense_inside_ml(boxes[b], bodies[b]);
  });
  return bodies;
}

}  // namespace cemscope::imaging::spine
