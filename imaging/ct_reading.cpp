#include "imaging/ct_reading.h"

#include "imaging/cement/candidates.h"
#include "imaging/cement/vertebra_findings.h"
#include "imaging/ct_bodies.h"
#include "imaging/error.h"
#include "imaging/parallel.h"
#include "imaging/spine/level_count.h"
#include "imaging/spine/levels.h"
#include "imaging/spine/mask_bodies.h"
#include "imaging/spine/redraw.h"
#include "imaging/spine/smoothing.h"
#include "imaging/spine/verse_numbers.h"

namespace cemscope::imaging {
namespace {

using cement::Deposits;
using spine::Midline;
using spine::VertebralBody;

constexpr double kCourseMargin_mm = 20;      // beyond the convincing canal, so that bodies at the scan's ends are whole
constexpr std::int16_t kClippedBelowCement = 1100;  // a scan that saturates here cannot show cement

struct Spine {
  spine::CanalCourse course;
  std::vector<VertebralBody> bodies;
  std::vector<std::string> mask_levels;  ///< of the bodies when a mask gave them, else empty
  spine::LevelCount count;               ///< of the bodies when no mask gave them
  std::vector<Midline> midlines;
};

/// The bodies of the mask, else of the densities.
Spine read_spine(const VolumeView& view, const spine::MaskLabels& mask, int n_threads) {
  Spine s;
  spine::CanalParameters canal;
  canal.n_threads = n_threads;
  s.course = spine::trace_canal(view, canal);
  if (!s.course.found()) return s;
  const auto straight = spine::straighten(view, spine::prolong(s.course, view, kCourseMargin_mm), n_threads);
  const auto profiles = spine::measure_profiles(straight);
  if (!mask.empty()) {
    auto masked = spine::fit_to_mask(view, mask, straight, profiles, n_threads);
    s.bodies = std::move(masked.bodies);
    for (int number : masked.numbers) s.mask_levels.push_back(spine::level_of_number(number));
  }
  if (s.bodies.empty()) {
    const auto discs = spine::find_discs(straight, profiles, n_threads);
    if (discs.size() > 1) s.bodies = spine::fit_bodies(view, straight, profiles, discs, n_threads);
    spine::redraw_whole(view, s.bodies, n_threads);
    s.count = spine::count_levels(view, s.course, straight, s.bodies);
  }
  s.midlines = spine::find_midlines(view, s.bodies, n_threads);
  return s;
}

/// Median height of the unfractured, whole, untreated bodies nearest to `self` (up to two on each side); 0 when there is none.
double reference_height(const Spine& s, std::size_t self) {
  std::vector<double> heights;
  auto add = [&](std::size_t b) {
    const auto& body = s.bodies[b];
    if (body.cut_above || body.cut_below || body.dense_ml > 0.1) return false;
    const auto h = cement::measure_heights(body, s.midlines[b]);
    const double tall = std::max({h.anterior_mm, h.middle_mm, h.posterior_mm});
    if (tall < 12 || h.least_mm() < 0.7 * tall) return false;
    heights.push_back((h.anterior_mm + h.middle_mm + h.posterior_mm) / 3);
    return true;
  };
  for (std::size_t b = self; b-- > 0;)
    if (add(b)) break;
  for (std::size_t b = self + 1; b < s.bodies.size(); ++b)
    if (add(b)) break;
  if (heights.empty()) return 0;
  return heights.size() == 1 ? heights[0] : (heights[0] + heights[1]) / 2;
}

/// Median density of an eroded ellipse in the middle third of a whole, cement-free body; empty when it is none.
std::optional<double> trabecular_hu(const VolumeView& view, const VertebralBody& body) {
  if (body.cut_above || body.cut_below || body.dense_ml > 0.02) return {};
  std::vector<double> hu;
  for (double w = -4; w <= 4; w += 1)
    for (double v = -6; v <= 10; v += 1)
      for (double u = -12; u <= 12; u += 1) {
        const Eigen::Vector3d q(u, v, w);
        if (std::hypot(u / 12, (v - 2) / 8) > 1 || body.excess(q).largest() > -4) continue;
        hu.push_back(view.sample(body.frame.to_image(q)));
      }
  if (hu.size() < 300) return {};
  double sum = 0;
  for (double h : hu) sum += h;
  return sum / static_cast<double>(hu.size());
}

void measure_density(const VolumeView& view, const Spine& s, const std::vector<std::string>& levels, CtReading& out) {
  const std::vector<std::string> order{"L1", "L2", "T12", "L3", "L4"};
  for (const auto& wanted : order)
    for (std::size_t b = 0; b < s.bodies.size(); ++b)
      if (levels[b] == wanted)
        if (const auto hu = trabecular_hu(view, s.bodies[b])) {
          out.hu_l1 = hu, out.hu_l1_level = wanted;
          return;
        }
}

/// Index-space offset and size of the labels, and the geometry of the crop.
LabelImage::Pointer crop_like(const HuImage& image, const Region& r) {
  auto out = LabelImage::New();
  LabelImage::SizeType size;
  HuImage::IndexType first;
  for (int d = 0; d < 3; ++d) size[d] = r.size[d], first[d] = r.start[d];
  HuImage::PointType origin;
  image.TransformIndexToPhysicalPoint(first, origin);
  out->SetRegions(size);
  out->SetSpacing(image.GetSpacing());
  out->SetDirection(image.GetDirection());
  out->SetOrigin(origin);
  out->Allocate(true);
  return out;
}

/// Fills one row of a body. Bodies are star-shaped and rows short: every fourth voxel is tested, and the gaps where the answer changes.
template <typename Inside>
void paint_row(std::uint8_t* row, int from, int to, std::uint8_t label, Inside inside) {
  constexpr int kStride = 4;
  bool before = false;
  for (int i = from; i <= to; i += kStride) {
    const bool now = inside(i);
    for (int g = std::max(from, i - kStride + 1); g < i; ++g)
      if (before && now) row[g] = label;
      else if (before != now && inside(g)) row[g] = label;
    if (now) row[i] = label;
    before = now;
  }
}

struct IndexBox { std::array<int, 3> lo{}, hi{}; };

/// The box of `r` that holds the body: a cylinder of its radius between its highest and lowest point.
IndexBox box_of(const VolumeView& view, const Region& r, const VertebralBody& body) {
  IndexBox box;
  for (int d = 0; d < 3; ++d) {
    const double up = body.frame.superior[d], across = body.radius * std::sqrt(std::max(0.0, 1 - up * up));
    const double centre = body.frame.origin[d], low = std::min(up * body.top, up * body.bottom), high = std::max(up * body.top, up * body.bottom);
    box.lo[d] = std::max(0, static_cast<int>((centre + low - across) / view.spacing_mm[d]) - r.start[d]);
    box.hi[d] = std::min(r.size[d] - 1, static_cast<int>((centre + high + across) / view.spacing_mm[d]) + 1 - r.start[d]);
  }
  return box;
}

void paint_bodies(const VolumeView& view, const Region& r, const std::vector<VertebralBody>& bodies, int n_threads, LabelImage& labels) {
  std::uint8_t* p = labels.GetBufferPointer();
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    const auto& body = bodies[b];
    const IndexBox box = box_of(view, r, body);
    parallel_for(box.hi[2] - box.lo[2] + 1, n_threads, [&](int slice) {
      const int k = box.lo[2] + slice;
      for (int j = box.lo[1]; j <= box.hi[1]; ++j)
        paint_row(p + (static_cast<std::size_t>(k) * r.size[1] + j) * r.size[0], box.lo[0], box.hi[0], static_cast<std::uint8_t>(bodies.size() - b), [&](int i) {
          const auto q = body.frame.to_local({(r.start[0] + i) * view.spacing_mm[0], (r.start[1] + j) * view.spacing_mm[1], (r.start[2] + k) * view.spacing_mm[2]});
          return body.contains(q);
        });
    });
  }
}

/// Copies labels of the deposit's region into the image's (which holds it).
void paint_labels(const Grid<std::uint8_t>& from_labels, const Region& from, const Region& to, LabelImage& labels) {
  std::uint8_t* p = labels.GetBufferPointer();
  for (int k = 0; k < from_labels.nz; ++k)
    for (int j = 0; j < from_labels.ny; ++j) {
      const std::size_t row = (static_cast<std::size_t>(k + from.start[2] - to.start[2]) * to.size[1] + (j + from.start[1] - to.start[1])) * to.size[0];
      std::copy_n(&from_labels.values[from_labels.index(0, j, k)], from_labels.nx, p + row + (from.start[0] - to.start[0]));
    }
}

/// The deposits' voxels with their body's label in CtReading::bodies.
Grid<std::uint8_t> label_owners(Grid<std::uint8_t> owner, std::size_t n_bodies) {
  for (auto& label : owner.values)
    if (label != 0) label = static_cast<std::uint8_t>(n_bodies + 1 - label);
  return owner;
}

cement::Evidence gather(const VolumeView& view, const Spine& s, const Deposits& found, const cement::Deposit& deposit, const CtParameters& parameters,
                        Grid<std::uint8_t>& zones) {
  const std::size_t b = static_cast<std::size_t>(deposit.body);
  const auto& body = s.bodies[b];
  cement::Evidence e;
  e.deposit = deposit;
  e.leakage = cement::measure_leakage(view, found.map, body, deposit, cement::measure_canal_width(view, body, s.course.bone_hu), parameters.leakage, zones);
  e.distribution = cement::measure_distribution(view, found.map, zones, body, s.midlines[b], deposit, parameters.distribution);
  e.heights = cement::measure_heights(body, s.midlines[b]);
  e.reference_height_mm = reference_height(s, b);
  e.midline_spread_mm = s.midlines[b].spread_mm;
  e.slice_mm = std::max({view.spacing_mm[0], view.spacing_mm[1], view.spacing_mm[2]});
  e.body_cut = body.cut_above || body.cut_below;
  return e;
}

struct NamedLevels {
  std::vector<std::string> names;  ///< per body, empty where unknown
  LevelSource source = LevelSource::none;
};

/// The clinical table's names where they fit, else the mask's, else those counted from sacrum or ribs.
NamedLevels name_bodies(const Spine& s, const std::vector<int>& treated, const CtHints& hints, std::vector<std::string>& warnings) {
  auto clinical = spine::name_levels(static_cast<int>(s.bodies.size()), treated, hints.treated_levels);
  const bool fits = !treated.empty() && std::none_of(treated.begin(), treated.end(), [&](int b) { return clinical[b].empty(); });
  if (!fits && !s.mask_levels.empty()) return {s.mask_levels, LevelSource::mask};
  if (s.count.anchors_disagree) warnings.emplace_back("level_count_ambiguous");
  const auto& counted = s.count.levels;
  if (!fits) return {counted.empty() ? clinical : counted, LevelSource::counted};
  if (std::any_of(treated.begin(), treated.end(), [&](int b) { return !counted.empty() && !counted[b].empty() && counted[b] != clinical[b]; }))
    warnings.emplace_back("treated_levels_differ_from_count");
  return {clinical, LevelSource::clinical};
}

void read_treated(const VolumeView& view, const HuImage& image, const Spine& s, const CtHints& hints, const CtParameters& parameters, CtReading& out) {
  const Deposits found = cement::find_cement(view, s.bodies, out.saturation_hu, parameters.cement);
  out.region = cement::spine_region(view, s.bodies);
  Grid<std::uint8_t> zones(found.map.owner.nx, found.map.owner.ny, found.map.owner.nz);
  std::vector<int> treated;
  for (const auto& d : found.deposits) treated.push_back(d.body);
  const auto [levels, level_source] = name_bodies(s, treated, hints, out.warnings);
  const ToPatient to{image};
  for (auto d = found.deposits.rbegin(); d != found.deposits.rend(); ++d) {
    TreatedVertebra v;
    const auto& body = s.bodies[d->body];
    const auto evidence = gather(view, s, found, *d, parameters, zones);
    v.measurement = cement::state_findings(evidence, parameters);
    v.bands = cement::band_evidence(evidence, v.measurement.midline_crossed);
    v.outlying = evidence.leakage.parts;
    v.frame = patient_frame(body, s.midlines[d->body], to);
    v.measurement.centre_mm = v.frame.centre_mm;
    v.measurement.level = levels[d->body];
    v.measurement.level_source = levels[d->body].empty() ? LevelSource::none : level_source;
    v.body_label = static_cast<std::uint8_t>(s.bodies.size() - d->body);
    out.treated.push_back(std::move(v));
  }
  if (!hints.treated_levels.empty() && hints.treated_levels.size() != found.deposits.size()) out.warnings.push_back("treated_levels_disagree");
  out.cement.image = crop_like(image, out.region);
  paint_labels(zones, found.map.region, out.region, *out.cement.image);
  out.owners.image = crop_like(image, out.region);
  paint_labels(label_owners(found.map.owner, s.bodies.size()), found.map.region, out.region, *out.owners.image);
  out.bodies.image = crop_like(image, out.region);
  paint_bodies(view, out.region, s.bodies, parameters.n_threads, *out.bodies.image);
  measure_density(view, s, levels, out);
  const auto described = describe_bodies(view, s.bodies, s.midlines, levels, to);
  out.ct_bodies.assign(described.rbegin(), described.rend());
}

Finding presence(const CtReading& out, const CtVolume& volume, const VolumeView& view) {
  if (!out.treated.empty()) return {Answer::yes, out.treated.front().measurement.confidence, ""};
  if (out.n_bodies == 0) return {Answer::not_assessable, 0, "no_spine_found"};
  if (volume.saturation_hu < kClippedBelowCement) return {Answer::not_assessable, 0, "values_clipped_below_cement"};
  if (cement::holds_cement_like_density(view, volume.saturation_hu)) return {Answer::not_assessable, 0, "dense_material_off_the_bodies"};
  return {Answer::no, 0.9, ""};
}

}  // namespace

CtReading read_ct(const CtVolume& input, const CtHints& hints, const CtParameters& parameters) {
  if (input.image.IsNull()) throw Error(ErrorKind::inconsistent, "the CT volume has no image");
  const CtVolume volume = reorient_to_lps(input);
  const VolumeView view = view_of(volume);
  CtReading out;
  out.saturation_hu = volume.saturation_hu;
  const auto mask = hints.vertebra_mask.image ? spine::labels_on(*volume.image, *hints.vertebra_mask.image) : spine::MaskLabels{};
  const Spine s = read_spine(view, mask, parameters.n_threads);
  if (hints.vertebra_mask.image && s.mask_levels.empty() && s.course.found()) out.warnings.push_back("mask_refused");
  out.n_bodies = static_cast<int>(s.bodies.size());
  const ToPatient to{*volume.image};
  for (auto p = s.course.centre_mm.rbegin(); p != s.course.centre_mm.rend(); ++p) out.canal_course_mm.push_back(to.point(*p));
  if (out.n_bodies > 0) read_treated(view, *volume.image, s, hints, parameters, out);
  out.cement_present = presence(out, volume, view);
  return out;
}

}  // namespace cemscope::imaging
