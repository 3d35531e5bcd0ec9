#include "imaging/phantom/scanner.h"

#include <numbers>

#include "imaging/phantom/bone_painter.h"
#include "imaging/phantom/slice_filters.h"
#include "imaging/phantom/streaks.h"

namespace cemscope::imaging::phantom {
namespace {

constexpr double kSoftTissueStep_mm = 1.3, kThinPlane_mm = 0.65;

double level_height(const Scene& scene, const std::string& level, double fraction) {
  const Vertebra& vertebra = scene.spine.vertebrae[level_index(level)];
  const double z = vertebra.body.lower.at(0, 0) + fraction * vertebra.body.height_mm(0, 0);
  return vertebra.frame.to_patient({0, 0, z}).z();
}

DensityPlane soft_tissue_canvas(const AxialField& field) {
  DensityPlane canvas;
  canvas.step_mm = kSoftTissueStep_mm;
  canvas.x0_mm = field.origin_mm.x() - 1, canvas.y0_mm = field.origin_mm.y() - 1;
  canvas.columns = static_cast<int>((field.columns * field.pixel_mm + 2) / kSoftTissueStep_mm) + 3;
  canvas.rows = static_cast<int>((field.rows * field.pixel_mm + 2) / kSoftTissueStep_mm) + 3;
  canvas.hu.resize(static_cast<std::size_t>(canvas.columns) * canvas.rows);
  return canvas;
}

void upsample(const DensityPlane& canvas, ImagePlane& plane) {
  std::vector<int> left(plane.columns);
  std::vector<float> share(plane.columns);
  for (int i = 0; i < plane.columns; ++i) {
    const double u = (plane.at(i, 0).x() - canvas.x0_mm) / canvas.step_mm;
    left[i] = static_cast<int>(u), share[i] = static_cast<float>(u - left[i]);
  }
  for (int j = 0; j < plane.rows; ++j) {
    const double v = (plane.at(0, j).y() - canvas.y0_mm) / canvas.step_mm;
    const int row = static_cast<int>(v);
    const auto below = static_cast<float>(v - row);
    const float *upper = &canvas.hu[static_cast<std::size_t>(row) * canvas.columns], *lower = upper + canvas.columns;
    for (int i = 0; i < plane.columns; ++i) {
      const int n = left[i];
      const float top = upper[n] + share[i] * (upper[n + 1] - upper[n]), bottom = lower[n] + share[i] * (lower[n + 1] - lower[n]);
      plane.value(i, j) = top + below * (bottom - top);
    }
  }
}

class Renderer {
 public:
  Renderer(const Scene& scene, const AxialField& field) : scene_(scene), trunk_(soft_tissue_canvas(field)) {
    paint_trunk(trunk_, scene.tissue, scene.texture);
    canvas_ = trunk_;
    plane_.pixel_mm = field.pixel_mm, plane_.columns = field.columns, plane_.rows = field.rows;
    const double tilt = field.gantry_tilt_deg * std::numbers::pi / 180;
    plane_.row_step = field.pixel_mm * Direction(0, std::cos(tilt), std::sin(tilt));
    plane_.hu.resize(static_cast<std::size_t>(field.columns) * field.rows);
  }

  const std::vector<float>& render(const Point_mm& origin, double thickness_mm) {
    plane_.origin_mm = origin, plane_.thickness_mm = thickness_mm;
    canvas_.hu = trunk_.hu;
    canvas_.z_mm = origin.z() + 0.5 * plane_.row_step.z() * plane_.rows;
    paint_soft_tissue(canvas_, scene_.tissue, scene_.texture);
    upsample(canvas_, plane_);
    paint_discs(plane_, scene_);
    paint_vertebrae(plane_, scene_);
    paint_calcifications(plane_, scene_);
    paint_cement(plane_, scene_);
    paint_metal(plane_, scene_);
    return plane_.hu;
  }

 private:
  const Scene& scene_;
  DensityPlane trunk_, canvas_;
  ImagePlane plane_;
};

// Share of a thin plane at height `offset_mm` from the slice's middle that a slice of this thickness sees.
double profile_weight(double offset_mm, double plane_mm, double thickness_mm) {
  const double low = std::max(offset_mm - 0.5 * plane_mm, -0.5 * thickness_mm),
               high = std::min(offset_mm + 0.5 * plane_mm, 0.5 * thickness_mm);
  return std::max(0.0, high - low) / thickness_mm;
}

std::vector<float> average_planes(const Scene& scene, const AxialField& field) {
  const std::size_t n_pixels = static_cast<std::size_t>(field.columns) * field.rows;
  std::vector<float> slices(n_pixels * field.slices, 0.0F);
  const int n_sub = std::max(1, static_cast<int>(std::ceil(field.spacing_mm / kThinPlane_mm)));
  const double step = field.spacing_mm / n_sub, half = 0.5 * field.thickness_mm;
  const int margin = static_cast<int>(std::ceil(half / step));
  Renderer renderer(scene, field);
  for (int n = -margin; n <= (field.slices - 1) * n_sub + margin; ++n) {
    const double z = n * step;
    const std::vector<float>& plane = renderer.render(field.origin_mm + Point_mm(0, 0, z), step);
    const int first = std::max(0, static_cast<int>(std::floor((z - half) / field.spacing_mm))),
              last = std::min(field.slices - 1, static_cast<int>(std::ceil((z + half) / field.spacing_mm)));
    for (int slice = first; slice <= last; ++slice) {
      const auto weight = static_cast<float>(profile_weight(z - slice * field.spacing_mm, step, field.thickness_mm));
      if (weight <= 0) continue;
      float* target = &slices[n_pixels * slice];
      for (std::size_t pixel = 0; pixel < n_pixels; ++pixel) target[pixel] += weight * plane[pixel];
    }
  }
  return slices;
}

// Beyond the reconstruction circle a scanner stores padding.
void pad_outside_circle(const Slice& slice) {
  const double radius = 0.5 * std::max(slice.columns, slice.rows);
  for (int j = 0; j < slice.rows; ++j)
    for (int i = 0; i < slice.columns; ++i) {
      const double x = i + 0.5 - 0.5 * slice.columns, y = j + 0.5 - 0.5 * slice.rows;
      if (x * x + y * y > radius * radius) slice.hu[static_cast<std::size_t>(j) * slice.columns + i] = -1024;
    }
}

void store(const Slice& slice, std::int16_t saturation_hu, std::int16_t* target) {
  const std::size_t n_pixels = static_cast<std::size_t>(slice.columns) * slice.rows;
  for (std::size_t n = 0; n < n_pixels; ++n)
    target[n] = static_cast<std::int16_t>(std::lround(std::clamp(slice.hu[n], -1024.0F, static_cast<float>(saturation_hu))));
}

}  // namespace

AxialField field_of(const Scene& scene) {
  const PhantomScan& scan = scene.parameters.scan;
  const double top = level_height(scene, scan.top_level, scan.top_fraction),
               bottom = level_height(scene, scan.bottom_level, scan.bottom_fraction);
  const SpineSection middle = scene.tissue.curve.at(0.5 * (top + bottom));
  AxialField field;
  field.pixel_mm = scan.pixel_mm, field.spacing_mm = scan.slice_spacing_mm, field.thickness_mm = scan.slice_thickness_mm;
  field.gantry_tilt_deg = scan.gantry_tilt_deg;
  field.columns = scan.columns, field.rows = scan.rows;
  field.slices = std::max(1, static_cast<int>((top - bottom) / scan.slice_spacing_mm) + 1);
  // A tilted field is raised or lowered so that the spine, not the field's edge, is covered from bottom to top.
  const double spine_row_mm = 0.5 * (scan.rows - 1) * scan.pixel_mm - scan.field_offset_y_mm;
  const double tilt_rise_mm = spine_row_mm * std::sin(scan.gantry_tilt_deg * std::numbers::pi / 180);
  field.origin_mm = Point_mm(middle.body.x() + scan.field_offset_x_mm - 0.5 * (scan.columns - 1) * scan.pixel_mm,
                             middle.body.y() + scan.field_offset_y_mm - 0.5 * (scan.rows - 1) * scan.pixel_mm, bottom - tilt_rise_mm);
  return field;
}

std::vector<std::int16_t> scan_axial(const Scene& scene, const AxialField& field) {
  const PhantomScan& scan = scene.parameters.scan;
  const std::size_t n_pixels = static_cast<std::size_t>(field.columns) * field.rows;
  std::vector<float> slices = average_planes(scene, field);
  std::vector<std::int16_t> stored(slices.size());
  Random streak_noise(scene.parameters.seed, "streaks"), quantum_noise(scene.parameters.seed, "noise");
  for (int n = 0; n < field.slices; ++n) {
    const Slice slice{field.columns, field.rows, field.pixel_mm, &slices[n_pixels * n]};
    add_streaks(slice, scan.streak_scale, streak_noise);
    apply_point_spread(slice, scan.kernel, scan.psf_fwhm_mm);
    add_noise(slice, scan.kernel, scan.noise_hu, quantum_noise);
    if (scan.has_circular_field) pad_outside_circle(slice);
    store(slice, scan.saturation_hu, &stored[n_pixels * n]);
  }
  return stored;
}

}  // namespace cemscope::imaging::phantom
