#include "imaging/phantom/mr_phantom.h"

#include <algorithm>
#include <cmath>

#include "imaging/phantom/mr_artefacts.h"
#include "imaging/phantom/mr_tissue.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::MrPlace;
using phantom::MrScene;
using phantom::MrTissue;

constexpr int kSubSlices = 3;
constexpr float kStored = 120;  // units of signal of muscle 40 mm below the skin

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
constexpr double kFrontBand = 0.15,
                 kFrontBandFrom_mm = 12;  // signal left by the saturation band, and where it begins in front of the bodies

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

  // What a water image shows where water and fat were taken for each other.
  [[nodiscard]] static double fat_signal(const MrPlace& place) {
    constexpr double kWaterLeft = 0.1;
    const double fat = 0.7 * kUnsuppressedFat * (1 + 0.10 * place.grain);
    switch (place.tissue) {
      case MrTissue::air: return 0;
      case MrTissue::fat: return (1 - 0.8 * place.water_s) * fat;
      case MrTissue::muscle: return std::max(kWaterLeft, place.fat_share * fat);
      case MrTissue::marrow: return (1 - 0.8 * place.water_s) * 0.6 * fat;
      default: return kWaterLeft;
    }
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
    pixels[i] = static_cast<float>(std::sqrt(real * real + imaginary * imaginary));
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

// The first voxel's centre: the centre level in the middle of the rows, the back's skin near the last column.
Point_mm corner_of(const MrScene& scene, const phantom::Vertebra& centre, const PhantomMrScan& scan, phantom::Random& random) {
  const auto middle = scene.level_at(centre.frame.centre_mm.z());
  const double height = (scan.rows - 1) * scan.pixel_mm, width = (scan.columns - 1) * scan.pixel_mm;
  const double drawn = random.uniform(12, 40), margin = scan.skin_margin_mm >= 0 ? scan.skin_margin_mm : drawn;
  const double back = scene.skin_y_mm(middle, middle.section.canal.x()) + margin;
  return {middle.section.canal.x() + scan.off_midline_mm - 0.5 * (scan.n_slices - 1) * scan.spacing_mm, back - width,
          centre.frame.centre_mm.z() + 0.5 * height};
}

/// What is looked up once per row, those that fold in among them.
class Levels {
 public:
  Levels(const MrScene& scene, const Point_mm& origin, const PhantomMrScan& scan) : n_extra_(phantom::wrap_of(scan).rows_at_ends) {
    for (int j = -n_extra_; j < scan.rows + n_extra_; ++j) levels_.push_back(scene.level_at(origin.z() - j * scan.pixel_mm));
  }
  [[nodiscard]] const MrScene::Level& at(int row) const { return levels_[static_cast<std::size_t>(row + n_extra_)]; }
  [[nodiscard]] int n_extra() const { return n_extra_; }

 private:
  int n_extra_;
  std::vector<MrScene::Level> levels_;
};

phantom::MrSlice draw_slice(const MrScene& scene, const Renderer& renderer, const Levels& levels, const PhantomMrParameters& p,
                            const Point_mm& corner, int number) {
  const PhantomMrScan& scan = p.scan;
  phantom::MrSlice slice(scan.columns, scan.rows);
  const bool is_swapped = number < scan.artefacts.n_swapped_slices;
  for (int sub = 0; sub < kSubSlices; ++sub) {
    const double x = corner.x() + ((sub + 0.5) / kSubSlices - 0.5) * scan.thickness_mm;
    for (int j = -levels.n_extra(); j < scan.rows + levels.n_extra(); ++j) {
      const auto& level = levels.at(j);
      const double z = corner.z() - j * scan.pixel_mm, failure = renderer.failure_at(z), skin = scene.skin_y_mm(level, x);
      const double band = level.section.body.y() - level.section.half_depth_mm - kFrontBandFrom_mm;
      for (int i = -phantom::wrap_of(scan).columns_in_front; i < scan.columns; ++i) {
        const Point_mm point(x, corner.y() + i * scan.pixel_mm, z);
        if (point.y() > skin) break;
        const auto place = scene.at(point, level);
        double signal = is_swapped ? Renderer::fat_signal(place) : renderer.signal(place, failure);
        if (scan.has_front_band && point.y() < band) signal *= kFrontBand;
        slice.add(i, j, place.is_moving, static_cast<float>(signal * renderer.gain(skin - point.y(), z) / kSubSlices));
      }
    }
  }
  return slice;
}

std::vector<float> finished(const phantom::MrSlice& slice, const PhantomMrScan& scan, phantom::Random& random) {
  auto image = with_ghosts(slice, scan.artefacts);
  blur_lines(image.data(), scan.columns, 1, scan.rows, scan.columns, 0.5);
  blur_lines(image.data(), scan.rows, scan.columns, scan.columns, 1, 0.5);
  add_rician_noise(image.data(), image.size(), scan.noise_fraction, random);
  return image;
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
  const Point_mm origin = corner_of(scene, centre, scan, random);
  renderer.top_mm = origin.z(), renderer.bottom_mm = origin.z() - (scan.rows - 1) * scan.pixel_mm;
  PhantomMrExam exam;
  exam.volume.image = blank_image(scan, origin);
  float* pixels = exam.volume.image->GetBufferPointer();
  const Levels levels(scene, origin, scan);
  for (int k = 0; k < scan.n_slices; ++k) {
    const auto slice = finished(draw_slice(scene, renderer, levels, p, origin + Point_mm(k * scan.spacing_mm, 0, 0), k), scan, random);
    std::transform(slice.begin(), slice.end(), pixels + slice.size() * k, [](float signal) { return kStored * signal; });
  }
  fill_bodies(exam.truth, scene, renderer.top_mm, renderer.bottom_mm);
  fill_injury(exam.truth, p, scene);
  for (const auto& oedema : p.oedema) exam.truth.acute_levels.push_back(oedema.level);
  exam.truth.suppression_failed = renderer.failure_at(centre.frame.centre_mm.z()) > 0.3;
  return exam;
}

}  // namespace cemscope::imaging
