#include "imaging/ct_bodies.h"

#include "imaging/cement/distribution.h"

namespace cemscope::imaging {
namespace {

using spine::Midline;
using spine::VertebralBody;

constexpr double kPlate = 0.7;       // of half-width and half-depth: an endplate without its rim
constexpr double kInside_mm = 3;     // off the shell
constexpr double kRearReach_mm = 6;  // the rear wall's slope is told over twice this

double degrees(double radians) { return radians * 180 / M_PI; }

/// The body's own coordinates (left, anterior, superior) of a place in the reported frame.
struct Columns {
  const VertebralBody& body;
  const BodyPlace& place;
  const Midline& midline;
  double centre_v, mid_w;

  [[nodiscard]] Eigen::Vector3d at(double left_mm, double posterior_mm) const {
    const double v = centre_v - posterior_mm;
    return {midline.at(v) + left_mm, v, mid_w};
  }
};

template <typename Height>
FramePlane fit_plane(const Columns& columns, const Height& height) {
  const auto& f = columns.place.frame;
  Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
  Eigen::Vector3d right = Eigen::Vector3d::Zero();
  for (double a = -1; a <= 1; a += 0.25)
    for (double b = -1; b <= 1; b += 0.25) {
      if (std::hypot(a, b) > 1) continue;
      const double left = kPlate * a * f.half_width_mm, posterior = kPlate * b * f.half_depth_mm;
      const auto q = columns.at(left, posterior);
      const Eigen::Vector3d row(1, left, posterior);
      normal += row * row.transpose();
      right += row * (height(q[0], q[1]) - columns.mid_w);
    }
  const Eigen::Vector3d c = normal.ldlt().solve(right);
  return {c[0], c[1], c[2]};
}

/// mm to posterior per mm upwards.
double rear_slope(const VertebralBody& body, double mid_w) {
  double sum = 0;
  for (const double u : {-6.0, 0.0, 6.0}) sum += body.rear_at(u, mid_w - kRearReach_mm) - body.rear_at(u, mid_w + kRearReach_mm);
  return sum / 3 / (2 * kRearReach_mm);
}

struct Layer {
  double low, high;  ///< relative heights
};

double mean_hu(const VolumeView& view, const VertebralBody& body, const Columns& columns, const Layer& layer) {
  const auto& f = columns.place.frame;
  double sum = 0;
  int n = 0;
  for (double posterior = -0.7 * f.half_depth_mm; posterior <= 0.4 * f.half_depth_mm; posterior += 1.5)
    for (double left = -0.7 * f.half_width_mm; left <= 0.7 * f.half_width_mm; left += 1.5) {
      const auto q = columns.at(left, posterior);
      const double low = body.lower_at(q[0], q[1]), high = body.upper_at(q[0], q[1]);
      for (double w = low + layer.low * (high - low); w <= low + layer.high * (high - low); w += 1) {
        const auto excess = body.excess({q[0], q[1], w});
        if (std::max(excess.wall, excess.behind) > -kInside_mm) continue;
        sum += view.sample(body.frame.to_image({q[0], q[1], w}), -200, 900);
        ++n;
      }
    }
  return n > 0 ? sum / n : 0.0;
}

CtBody describe(const VolumeView& view, const VertebralBody& body, const Midline& midline, const std::string& level, const ToPatient& to) {
  CtBody out;
  out.place.level = level;
  out.place.frame = patient_frame(body, midline, to);
  out.dense_ml = body.dense_ml, out.is_cut = body.cut_above || body.cut_below;
  const double mid_w = (body.upper_at(0, 0) + body.lower_at(0, 0)) / 2;
  const double centre_v = (body.wall_at(0, 10, mid_w) + body.rear_at(0, mid_w)) / 2;
  const Columns columns{body, out.place, midline, centre_v, mid_w};
  out.place.upper = fit_plane(columns, [&](double u, double v) { return body.upper_at(u, v); });
  out.place.lower = fit_plane(columns, [&](double u, double v) { return body.lower_at(u, v); });
  const auto sunken = cement::measure_sunken(body, midline);
  out.upper.sunken_mm = sunken.upper_mm, out.lower.sunken_mm = sunken.lower_mm;
  // A rear wall that leans back by `slope` wants endplates whose front stands higher by as much.
  const double depth = 2 * out.place.frame.half_depth_mm, square = -rear_slope(body, mid_w);
  out.upper.front_drop_mm = (out.place.upper.per_posterior - square) * depth;
  out.lower.front_drop_mm = -(out.place.lower.per_posterior - square) * depth;
  out.upper.layer_hu = mean_hu(view, body, columns, {0.68, 0.83});
  out.middle_hu = mean_hu(view, body, columns, {0.4, 0.6});
  out.lower.layer_hu = mean_hu(view, body, columns, {0.17, 0.32});
  return out;
}

}  // namespace

Direction ToPatient::vector(const Direction& d) const {
  const auto& m = image.GetDirection();
  return {m[0][0] * d[0] + m[0][1] * d[1] + m[0][2] * d[2], m[1][0] * d[0] + m[1][1] * d[1] + m[1][2] * d[2],
          m[2][0] * d[0] + m[2][1] * d[1] + m[2][2] * d[2]};
}

Point_mm ToPatient::point(const Point_mm& p) const {
  const auto& o = image.GetOrigin();
  return vector(p) + Point_mm(o[0], o[1], o[2]);
}

VertebralFrame patient_frame(const VertebralBody& body, const Midline& midline, const ToPatient& to) {
  VertebralFrame f;
  const double mid_w = (body.upper_at(0, 0) + body.lower_at(0, 0)) / 2;
  const double front_v = body.wall_at(0, 10, mid_w), rear_v = body.rear_at(0, mid_w), v = (front_v + rear_v) / 2;
  const Point_mm centre = body.frame.to_image({midline.at(v), v, mid_w});
  const Direction left = (body.frame.left - midline.slope * body.frame.anterior).normalized();
  f.centre_mm = to.point(centre);
  f.left = to.vector(left), f.superior = to.vector(body.frame.superior), f.posterior = f.superior.cross(f.left);
  f.half_width_mm = (body.wall_at(20, 0, mid_w) + body.wall_at(-20, 0, mid_w)) / 2;
  f.half_depth_mm = (front_v - rear_v) / 2;
  f.half_height_mm = (body.upper_at(0, 0) - body.lower_at(0, 0)) / 2;
  f.axial_rotation_deg = degrees(std::atan2(f.left[1], f.left[0]));
  f.sagittal_tilt_deg = degrees(std::atan2(f.superior[1], f.superior[2]));
  f.coronal_tilt_deg = degrees(std::atan2(f.superior[0], f.superior[2]));
  return f;
}

std::vector<CtBody> describe_bodies(const VolumeView& view, const std::vector<VertebralBody>& bodies, const std::vector<Midline>& midlines,
                                    const std::vector<std::string>& levels, const ToPatient& to) {
  std::vector<CtBody> out;
  for (std::size_t b = 0; b < bodies.size(); ++b) out.push_back(describe(view, bodies[b], midlines[b], levels[b], to));
  return out;
}

}  // namespace cemscope::imaging
