#include "imaging/phantom/mr_phantom.h"

#include <algorithm>
#include <cmath>

#include "imaging/phantom/mr_tissue.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::MrPlace;
using phantom::MrScene;
using phantom::MrTissue;

constexpr int kSubSlices = 3;

/// Signals over that of muscle, without coil gain. Of spin echo sequences at 1.5 T, as read off clinical series.
struct SignalTable {
  double fat, marrow, fluid, cord, disc, bowel, skin;
  double water;  ///< of s = 1 fluid in tissue
};

SignalTable signals_of(const PhantomMrParameters& p, phantom::Random& random) {
  const double f = p.fluid_signal;
  switch (p.scan.sequence) {
    case MrSequence::t1: return {3.0, random.uniform(1.5, 2.1), 0.55, 0.95, 0.9, 1.2, 1.5, 0.6};
    case MrSequence::t2: return {4.3, random.uniform(2.0, 2.8), 1.25 * f, 2.0, random.uniform(0.9, 3.0), 3.0, 1.5, 1.25 * f};
    default: break;
  }
  return {p.fat_signal, random.uniform(0.5, 0.95), f, 0.42 * f, random.uniform(0.7, 2.6), 1.6, 1.3, f};
}

constexpr double kUnsuppressedFat = 4.3;

class Renderer {
 public:
  Renderer(const MrScene& scene, const PhantomMrParameters& parameters, const SignalTable& signals)
      : scene_(scene), p_(parameters), signals_(signals) {}

  [[nodiscard]] double failure_at(double z_mm) const {
    const PhantomMrScan& scan = p_.scan;
    const double from_end = scan.failure == SuppressionFailure::upper_end ? top_mm - z_mm : z_mm - bottom_mm;
    switch (scan.failure) {
      case SuppressionFailure::none: return 0;
      case SuppressionFailure::everywhere: return scan.failure_strength;
      default: return scan.failure_strength / (1 + std::exp((from_end - scan.failure_reach_mm) / 8.0));
    }
  }

  [[nodiscard]] double signal(const MrPlace& place, double failure) const {
    const double fat = signals_.fat + failure * (kUnsuppressedFat - signals_.fat);
    const double marrow = signals_.marrow + failure * (0.6 * kUnsuppressedFat - signals_.marrow);
    double value = 0;
    switch (place.tissue) {
      case MrTissue::air: return 0;
      case MrTissue::skin: return signals_.skin;
      case MrTissue::fat: value = fat * (1 + 0.10 * place.grain); break;
      case MrTissue::muscle: value = (1 - place.fat_share) * (1 + 0.06 * place.grain) + place.fat_share * fat; break;
      case MrTissue::fascia: return 0.35;
      case MrTissue::cortex: return 0.25;
      case MrTissue::marrow: value = marrow * (1 + 0.06 * place.grain); break;
      case MrTissue::fluid: return signals_.fluid + place.fat_share * 0.5 * (signals_.cord - signals_.fluid);
      case MrTissue::cord: return signals_.cord;
      case MrTissue::disc: return signals_.disc * (1 + 0.25 * place.grain);
      case MrTissue::annulus: return 0.5;
      case MrTissue::vessel: return 0.25;
      case MrTissue::organ: return 1.2;
      case MrTissue::bowel: return signals_.bowel * (1 + 0.35 * place.grain);
    }
    // Water replaces the tissue: at s the signal is s of the way from muscle to fluid, whatever lay there.
    const double wet = 1 + place.water_s * (signals_.water - 1), share = std::clamp(place.water_s / 0.25, 0.0, 1.0);
    return value + share * (wet - value);
  }

  [[nodiscard]] double gain(double depth_mm, double z_mm) const {
    const PhantomCoil& coil = p_.scan.coil;
    const auto surface = [&](double depth) { return 1 + coil.surface_gain * std::exp(-std::max(0.0, depth) / coil.decay_mm); };
    const double middle = 0.5 * (top_mm + bottom_mm), u = 2 * (z_mm - middle) / (top_mm - bottom_mm);
    const double ripple = 1 + coil.element_ripple * std::cos(7.1 * u + 1.3), ends = 1 - coil.end_falloff * std::pow(std::abs(u), 3);
    return surface(depth_mm) / surface(40) * ripple * ends;
  }

  double top_mm = 1, bottom_mm = 0;

 private:
  const MrScene& scene_;
  const PhantomMrParameters& p_;
  SignalTable signals_;
};

void blur_lines(float* data, int n, std::ptrdiff_t stride, int n_lines, std::ptrdiff_t line_stride, double sigma) {
  const int reach = std::max(1, static_cast<int>(std::ceil(3 * sigma)));
  std::vector<float> kernel(2 * reach + 1), line(n);
  float sum = 0;
  for (int i = -reach; i <= reach; ++i) sum += kernel[i + reach] = static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma)));
  for (int l = 0; l < n_lines; ++l) {
    float* start = data + l * line_stride;
    for (int i = 0; i < n; ++i) line[i] = start[i * stride];
    for (int i = 0; i < n; ++i) {
      float value = 0;
      for (int k = -reach; k <= reach; ++k) value += kernel[k + reach] * line[std::clamp(i + k, 0, n - 1)];
      start[i * stride] = value / sum;
    }
  }
}

void add_rician_noise(float* pixels, std::size_t n, double sd, phantom::Random& random) {
  for (std::size_t i = 0; i < n; ++i) {
    const double real = pixels[i] + random.normal(0, sd), imaginary = random.normal(0, sd);
    pixels[i] = static_cast<float>(std::hypot(real, imaginary));
  }
}

SignalImage::Pointer blank_image(const PhantomMrScan& scan, const Point_mm& origin) {
  auto image = SignalImage::New();
  image->SetRegions(SignalImage::SizeType{static_cast<itk::SizeValueType>(scan.columns), static_cast<itk::SizeValueType>(scan.rows),
                                          static_cast<itk::SizeValueType>(scan.n_slices)});
  SignalImage::DirectionType direction;
  direction.Fill(0);
  direction[1][0] = 1, direction[2][1] = -1, direction[0][2] = 1;  // columns to posterior, rows to inferior, slices to the left
  const double spacing[3] = {scan.pixel_mm, scan.pixel_mm, scan.spacing_mm};
  image->SetDirection(direction);
  image->SetSpacing(spacing);
  SignalImage::PointType corner;
  for (int d = 0; d < 3; ++d) corner[d] = origin[d];
  image->SetOrigin(corner);
  image->Allocate();
  return image;
}

void fill_bodies(PhantomMrTruth& truth, const MrScene& scene, double top_mm, double bottom_mm) {
  for (const auto& vertebra : scene.spine().vertebrae) {
    if (vertebra.is_sacral || vertebra.body_box.high.z() > top_mm || vertebra.body_box.low.z() < bottom_mm) continue;
    truth.body_levels.push_back(vertebra.level);
    truth.body_centres_mm.push_back(vertebra.frame.centre_mm);
    truth.heights_mm.push_back(vertebra.body.height_mm(0, 0));
  }
}

struct Extent {
  double length_mm, thickness_mm, width_mm, s;
};

// How far an extent is beyond the limits of DEFINITIONS: 1 at the limit, more inside.
double margin_of(const Extent& e, double slice_mm) {
  const double strip = std::min(e.length_mm / 20, e.thickness_mm / 2);
  return std::min({std::max(strip, e.length_mm * e.thickness_mm / 150), e.s / 0.4, e.width_mm / slice_mm});
}

void fill_injury(PhantomMrTruth& truth, const PhantomMrParameters& p, const MrScene& scene) {
  double best = 0, top = -1e9, bottom = 1e9;
  const auto take = [&](const PhantomFluidStrip& strip, double thickness, double width) {
    const double margin = margin_of({strip.length_mm, thickness, width, strip.s}, p.scan.spacing_mm);
    best = std::max(best, margin);
    if (margin < 1) return;
    const double middle = scene.spine().vertebrae[phantom::level_index(strip.level)].frame.centre_mm.z() + strip.shift_mm;
    top = std::max(top, middle + 0.5 * strip.length_mm), bottom = std::min(bottom, middle - 0.5 * strip.length_mm);
  };
  for (const auto& strip : p.injuries) take(strip, strip.thickness_mm, strip.half_width_mm);
  for (const auto& strip : p.interspinous) take(strip, 12, 2 * p.scan.spacing_mm);
  truth.length_mm = std::max(0.0, top - bottom);
  truth.soft_tissue_injury = best >= 1;
  truth.is_borderline = best > 0.75 && best < 1.25;
}

}  // namespace

std::string to_string(MrSequence sequence) {
  switch (sequence) {
    case MrSequence::t1: return "t1";
    case MrSequence::t2: return "t2";
    case MrSequence::t2_fs: return "t2_fs";
    case MrSequence::stir: return "stir";
  }
  return "";
}

PhantomMrExam make_mr_phantom(const PhantomMrParameters& p) {
  const MrScene scene(p);
  phantom::Random random(p.seed, "mr signals " + to_string(p.scan.sequence));
  const PhantomMrScan& scan = p.scan;
  Renderer renderer(scene, p, signals_of(p, random));
  const auto& centre = scene.spine().vertebrae[phantom::level_index(scan.centre_level)];
  const auto middle = scene.level_at(centre.frame.centre_mm.z());
  const double height = (scan.rows - 1) * scan.pixel_mm, width = (scan.columns - 1) * scan.pixel_mm;
  const double back = scene.skin_y_mm(middle, middle.section.canal.x()) + random.uniform(12, 40);
  const Point_mm origin(middle.section.canal.x() - 0.5 * (scan.n_slices - 1) * scan.spacing_mm, back - width,
                        centre.frame.centre_mm.z() + 0.5 * height);
  renderer.top_mm = origin.z(), renderer.bottom_mm = origin.z() - height;
  PhantomMrExam exam;
  exam.volume.image = blank_image(scan, origin);
  float* pixels = exam.volume.image->GetBufferPointer();
  const std::size_t slice_size = static_cast<std::size_t>(scan.columns) * scan.rows;
  std::vector<MrScene::Level> levels;
  for (int j = 0; j < scan.rows; ++j) levels.push_back(scene.level_at(origin.z() - j * scan.pixel_mm));
  for (int k = 0; k < scan.n_slices; ++k) {
    float* slice = pixels + slice_size * k;
    std::fill(slice, slice + slice_size, 0.0F);
    for (int sub = 0; sub < kSubSlices; ++sub) {
      const double x = origin.x() + k * scan.spacing_mm + ((sub + 0.5) / kSubSlices - 0.5) * scan.thickness_mm;
      for (int j = 0; j < scan.rows; ++j) {
        const double z = origin.z() - j * scan.pixel_mm, failure = renderer.failure_at(z), skin = scene.skin_y_mm(levels[j], x);
        for (int i = 0; i < scan.columns; ++i) {
          const Point_mm point(x, origin.y() + i * scan.pixel_mm, z);
          if (point.y() > skin) break;
          const double signal = renderer.signal(scene.at(point, levels[j]), failure);
          slice[static_cast<std::size_t>(j) * scan.columns + i] +=
              static_cast<float>(signal * renderer.gain(skin - point.y(), z) / kSubSlices);
        }
      }
    }
    blur_lines(slice, scan.columns, 1, scan.rows, scan.columns, 0.5);
    blur_lines(slice, scan.rows, scan.columns, scan.columns, 1, 0.5);
    add_rician_noise(slice, slice_size, scan.noise_fraction, random);
  }
  for (std::size_t n = 0; n < slice_size * scan.n_slices; ++n) pixels[n] *= 120.0F;
  fill_bodies(exam.truth, scene, renderer.top_mm, renderer.bottom_mm);
  fill_injury(exam.truth, p, scene);
  for (const auto& oedema : p.oedema) exam.truth.acute_levels.push_back(oedema.level);
  exam.truth.suppression_failed = renderer.failure_at(centre.frame.centre_mm.z()) > 0.3;
  return exam;
}

}  // namespace cemscope::imaging
