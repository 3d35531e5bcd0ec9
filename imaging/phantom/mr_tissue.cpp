#include "imaging/phantom/mr_tissue.h"

#include <algorithm>
#include <cmath>

#include "imaging/phantom/mr_lesions.h"

namespace cemscope::imaging::phantom {
namespace {

double length(double x, double y) { return std::sqrt(x * x + y * y); }  // std::hypot guards against overflow, at a price

constexpr double kSkin_mm = 2.0, kFascia_mm = 0.9, kCortex_mm = 0.8, kFoldHalf_mm = 4;

PhantomParameters spine_parameters(const PhantomMrParameters& mr) {
  PhantomParameters parameters;
  parameters.seed = mr.seed, parameters.anatomy = mr.anatomy, parameters.fractures = mr.fractures;
  return parameters;
}

// Soft ends, so that a strip fades over about 2 mm in length and over a third of its thickness.
double ramp(double inside_mm, double edge_mm) { return std::clamp(0.5 + inside_mm / edge_mm, 0.0, 1.0); }

MrPlace tissue(MrTissue tissue) {
  MrPlace place;
  place.tissue = tissue;
  return place;
}

}  // namespace

MrScene::MrScene(const PhantomMrParameters& parameters)
    : parameters_(parameters), texture_(parameters.seed), spine_(make_spine(spine_parameters(parameters), texture_)), curve_(spine_) {
  for (const Vertebra& vertebra : spine_.vertebrae) {
    double tip = -1e9, z = 0;
    for (const BonePart& part : vertebra.parts)
      if (part.kind() == PartKind::spinous && part.box().high.y() > tip)
        tip = part.box().high.y(), z = 0.5 * (part.box().low.z() + part.box().high.z());
    tips_.emplace_back(z, tip);
  }
  std::sort(tips_.begin(), tips_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  injuries_ = placed(parameters.injuries);
  interspinous_ = placed(parameters.interspinous);
  subcutaneous_ = placed(parameters.subcutaneous);
}

std::vector<MrScene::Strip> MrScene::placed(const std::vector<PhantomFluidStrip>& forms) const {
  std::vector<Strip> strips;
  for (const auto& form : forms) strips.push_back({form, spine_.vertebrae[level_index(form.level)].frame.centre_mm.z() + form.shift_mm});
  return strips;
}

// The supraspinous ligament bridges the tips: the mean of the tips within 25 mm and the farthest of them.
MrScene::Level MrScene::level_at(double z_mm) const {
  Level level;
  level.section = curve_.at(z_mm);
  double sum = 0, weights = 0;
  for (const auto& [z, y] : tips_) {
    const double u = (z - z_mm) / 22.0, weight = std::exp(-0.5 * u * u) + 1e-9;
    sum += weight * y, weights += weight;
  }
  level.tip_y_mm = sum / weights + 2.0;
  const double lumbar = std::clamp((level.section.level - 4.0) / 4.0, 0.0, 1.0),
               sacral = std::clamp((level.section.level - 10.5) / 2.5, 0.0, 1.0);
  level.bulge_mm = (2.0 + 6.0 * lumbar) * (1 - 0.6 * sacral);
  level.fat_mm = parameters_.anatomy.subcutaneous_fat_mm * (0.7 + 0.25 * lumbar + 0.35 * sacral);
  const double from_fold = (z_mm - spine_.vertebrae[level_index("L3")].frame.centre_mm.z()) / kFoldHalf_mm;
  level.fold_mm = parameters_.findings.skin_fold_mm * std::exp(-from_fold * from_fold);
  for (std::size_t n = 0; n < spine_.vertebrae.size(); ++n) {
    const Vertebra& vertebra = spine_.vertebrae[n];
    const double low = std::min(vertebra.body_box.low.z(), vertebra.parts_box.low.z()),
                 high = std::max(vertebra.body_box.high.z(), vertebra.parts_box.high.z());
    if (z_mm > low - 1 && z_mm < high + 1) level.vertebrae.push_back(static_cast<int>(n));
  }
  return level;
}

double MrScene::fascia_y_mm(const Level& level, double x_mm) const {
  const double dx = x_mm - level.section.canal.x(), u = dx / 14.0, v = dx / 60.0;
  return level.tip_y_mm + level.bulge_mm * (1 - std::exp(-u * u)) - 10.0 * v * v;
}

double MrScene::skin_y_mm(const Level& level, double x_mm) const {
  const double dx = x_mm - level.section.canal.x(), u = dx / 18.0, v = dx / 70.0;
  return level.tip_y_mm + 0.7 * level.bulge_mm + level.fat_mm * (0.85 + 0.15 * (1 - std::exp(-u * u))) - 12.0 * v * v -
         std::min(level.fold_mm, 0.6 * level.fat_mm);
}

double MrScene::strip_s(const std::vector<Strip>& strips, double dx, double z, double depth_mm) const {
  double s = 0;
  for (const auto& [form, centre] : strips) {
    const double u = std::abs(dx - form.centre_x_mm) / form.half_width_mm;
    if (u >= 1) continue;
    const double length = ramp(0.5 * form.length_mm - std::abs(z - centre), 2.0);
    const double wave = 1.0 + 0.15 * texture_.at(0, z / 9.0, 0.37 * form.length_mm);
    const double thickness = form.thickness_mm * wave * std::sqrt(1 - u * u * u * u);
    const double across = ramp(std::min(depth_mm - form.gap_mm, form.gap_mm + thickness - depth_mm), 0.8);
    s = std::max(s, form.s * length * across);
  }
  return s;
}

MrPlace MrScene::body_at(const Vertebra& vertebra, const Point_mm& local, double distance_mm) const {
  MrPlace place = tissue(distance_mm > -kCortex_mm ? MrTissue::cortex : MrTissue::marrow);
  place.grain = texture_.at(vertebra.frame.to_patient(local), 2.5);
  if (place.tissue == MrTissue::cortex) return place;
  add_lesions(place, parameters_, vertebra, local, texture_);
  return place;
}

MrPlace MrScene::bone_at(const Point_mm& point, const Level& level, bool& found) const {
  found = true;
  for (const int index : level.vertebrae) {
    const Vertebra& vertebra = spine_.vertebrae[index];
    const Point_mm local = vertebra.frame.to_local(point);
    if (vertebra.body.may_contain(local, 0)) {
      const double distance = vertebra.body.distance_mm(local);
      if (distance < 0) return body_at(vertebra, local, distance);
    }
    const Box& box = vertebra.parts_box;
    if ((point.array() < box.low.array()).any() || (point.array() > box.high.array()).any()) continue;
    const double distance = posterior_distance_mm(vertebra, point);
    if (distance < 0) return tissue(distance > -0.7 * kCortex_mm ? MrTissue::cortex : MrTissue::marrow);
  }
  found = false;
  return {};
}

// Streaks, the septum between multifidus and longissimus, and the multifidus of old people, which is fat next to the midline.
double MrScene::muscle_fat_at(const Point_mm& point, double beside_mm) const {
  const double fat = parameters_.muscle_fat_fraction, streak = texture_.at(point.x() / 2.5, point.y() / 2.0, point.z() / 14.0);
  double share = std::clamp(fat * 0.6 + (streak - 1.6 + 2.2 * fat) * 0.8, fat * 0.5, 1.0);
  const double septum = std::abs(beside_mm - 24 - 2 * texture_.at(0, point.z() / 15, 3.3));
  if (septum < 0.8) share = std::max(share, 0.8);
  const double atrophy = parameters_.findings.muscle_atrophy * std::exp(-beside_mm * beside_mm / (22.0 * 22.0)) * (1 + 0.3 * streak);
  return std::min(1.0, std::max(share, atrophy));
}

// Skin, fat, fascia and the muscles between fascia and transverse processes.
MrPlace MrScene::back_at(const Point_mm& point, const Level& level, double fascia_y) const {
  const double dx = point.x() - level.section.canal.x(), depth = fascia_y - point.y();  // > 0 in front of the fascia
  if (depth < 0) {
    const double skin = skin_y_mm(level, point.x());
    if (point.y() > skin) return tissue(MrTissue::air);
    if (point.y() > skin - kSkin_mm) return tissue(MrTissue::skin);
    MrPlace fat = tissue(MrTissue::fat);
    fat.grain = texture_.at(point.x() / 6.0, point.y() / 2.5, point.z() / 7.0);
    fat.water_s = strip_s(subcutaneous_, dx, point.z(), -depth);
    return fat;
  }
  const double injury = std::max(strip_s(injuries_, dx, point.z(), depth - kFascia_mm), 0.0);
  if (depth < kFascia_mm) return tissue(MrTissue::fascia);
  MrPlace place = tissue(MrTissue::muscle);
  place.grain = texture_.at(point.x() / 3.0, point.y() / 3.0, point.z() / 9.0);
  place.water_s = injury;
  const double canal_back = level.section.canal.y() + level.section.canal_half_depth_mm;
  if (std::abs(dx) < 3.5 && point.y() > canal_back + 2) {
    place.fat_share = 0.5;
    const double between = point.y() - canal_back;
    if (parameters_.findings.has_veins && is_interspinous_vein(point, dx, between)) place.water_s = 0.9;
    for (const auto& [form, centre] : interspinous_)
      if (between > 8 && depth > 3)
        place.water_s = std::max(place.water_s, form.s * ramp(0.5 * form.length_mm - std::abs(point.z() - centre), 2.0));
    return place;
  }
  place.fat_share = muscle_fat_at(point, std::abs(dx));
  if (parameters_.findings.has_facet_fluid && std::abs(std::abs(dx) - level.section.canal_half_width_mm - 4) < 1.2 &&
      std::abs(point.y() - canal_back + 1) < 4.5 && disc_share(level.section.level) > 0.3)
    place = tissue(MrTissue::fluid);
  return place;
}

MrPlace MrScene::front_at(const Point_mm& point, const Level& level) const {
  const SpineSection& section = level.section;
  const double dx = point.x() - section.body.x(), dy = point.y() - section.body.y();
  const double edge_x = section.half_width_mm, edge_y = section.half_depth_mm;
  for (const int index : level.vertebrae) {
    const Vertebra& vertebra = spine_.vertebrae[index];
    const Point_mm local = vertebra.frame.to_local(point);
    const double u = local.x() / (vertebra.body.half_width_mm + 1), v = local.y() / (vertebra.body.half_depth_mm + 1), r = u * u + v * v;
    if (r < 1 && std::abs(local.z()) < 30) {
      MrPlace disc = tissue(r < 0.45 ? MrTissue::disc : MrTissue::annulus);
      disc.grain = texture_.at(0, vertebra.frame.centre_mm.z() / 40, 1.7);
      return disc;
    }
  }
  const double ring = dx * dx / (edge_x * edge_x) + dy * dy / (edge_y * edge_y);
  if (ring < 1) {  // between bodies whose own discs do not reach
    MrPlace disc = tissue(MrTissue::annulus);
    return disc;
  }
  if (ring < 1.15 && dy < 0) return tissue(MrTissue::fascia);  // anterior longitudinal ligament
  const double lumbar = std::clamp((section.level - 6.0) / 4.0, 0.0, 1.0);
  const double psoas = length((std::abs(dx) - edge_x - 14 * lumbar) / (6 + 13 * lumbar), (dy + 2) / (10 + 14 * lumbar));
  if (psoas < 1) {
    MrPlace muscle = tissue(MrTissue::muscle);
    muscle.grain = texture_.at(point, 4.0);
    return muscle;
  }
  const double aorta = length(dx - 10, dy + edge_y + 13), cava = length(dx + 14, dy + edge_y + 12);
  if (section.level < 10.4 && (aorta < 9 || cava < 8)) return tissue(MrTissue::vessel);
  if (dy < -edge_y - 24) {
    MrPlace bowel = tissue(MrTissue::bowel);
    bowel.grain = texture_.at(point, 9.0);
    return bowel;
  }
  MrPlace fat = tissue(MrTissue::fat);
  fat.grain = texture_.at(point, 5.0);
  return fat;
}

// Screws in both pedicles: signal is displaced from round them to a rim.
std::optional<MrPlace> MrScene::metal_at(const Point_mm& point, const Level& level) const {
  for (const int index : level.vertebrae) {
    const Vertebra& vertebra = spine_.vertebrae[index];
    const auto& metal = parameters_.findings.metal_levels;
    if (std::find(metal.begin(), metal.end(), vertebra.level) == metal.end()) continue;
    const double r = metal_distance(vertebra, vertebra.frame.to_local(point));
    if (r < 1) return tissue(MrTissue::air);
    if (r > 1.25) continue;
    MrPlace rim = tissue(MrTissue::muscle);
    rim.water_s = 1.0;
    return rim;
  }
  return std::nullopt;
}

bool MrScene::moves(const Point_mm& point, const Level& level, const MrPlace& place) const {
  switch (parameters_.scan.artefacts.motion) {
    case PhantomMotion::none: return false;
    case PhantomMotion::whole: return true;
    case PhantomMotion::breathing: return point.y() < level.section.body.y() - level.section.half_depth_mm - 10;
    case PhantomMotion::pulsation: return place.tissue == MrTissue::fluid || place.tissue == MrTissue::vessel;
  }
  return false;
}

MrPlace MrScene::at(const Point_mm& point, const Level& level) const {
  auto place = still_at(point, level);
  if (const auto metal = metal_at(point, level); metal && place.tissue != MrTissue::air) place = *metal;
  place.is_moving = moves(point, level, place);
  return place;
}

MrPlace MrScene::still_at(const Point_mm& point, const Level& level) const {
  const SpineSection& section = level.section;
  const double fascia_y = fascia_y_mm(level, point.x());
  if (point.y() > fascia_y) return back_at(point, level, fascia_y);
  bool found = false;
  const MrPlace bone = bone_at(point, level, found);
  if (found) return bone;
  const double cx = point.x() - section.canal.x(), cy = point.y() - section.canal.y();
  const double sac = section.level > 12.5 ? std::max(0.0, 1.0 - 0.7 * (section.level - 12.5)) : 1.0;
  const double squeezed = 1 - 0.8 * parameters_.findings.stenosis * disc_share(section.level);
  const double rim = length(cx / section.canal_half_width_mm, cy / section.canal_half_depth_mm);
  if (rim < 1.1) {
    const double thecal = length(cx / std::max(0.1, squeezed * sac * (section.canal_half_width_mm - 2.2)),
                                 (cy + 0.6) / std::max(0.1, squeezed * sac * (section.canal_half_depth_mm - 1.6)));
    if (thecal > 1) return tissue(cy > 0 ? MrTissue::fat : MrTissue::fascia);
    const double cord = section.level < 7 ? 1.0 : std::max(0.0, 1.0 - 1.2 * (section.level - 7.0));
    if (cord > 0 && length(cx / (4.8 * cord), cy / (3.6 * cord)) < 1) return tissue(MrTissue::cord);
    MrPlace fluid = tissue(MrTissue::fluid);
    if (section.level > 7 && cy > 0)
      fluid.fat_share = std::clamp(0.5 + 0.6 * texture_.at(point.x() / 1.5, point.y() / 1.5, point.z() / 20), 0.0, 1.0);  // roots
    return fluid;
  }
  if (point.y() > section.canal.y() - 3) return back_at(point, level, fascia_y);
  return front_at(point, level);
}

}  // namespace cemscope::imaging::phantom
