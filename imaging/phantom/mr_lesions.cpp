#include "imaging/phantom/mr_lesions.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::phantom {
namespace {

bool holds(const std::vector<std::string>& levels, const std::string& level) {
  return std::find(levels.begin(), levels.end(), level) != levels.end();
}

double oedema_s(const PhantomMrParameters& p, const Vertebra& vertebra, const Point_mm& local, double grain, double texture) {
  double s = 0;
  for (const auto& oedema : p.oedema) {
    if (oedema.level != vertebra.level) continue;
    const double above_lower = vertebra.body.locate(local).height_fraction;
    const double height = oedema.under == PhantomEndplate::upper ? above_lower : 1 - above_lower, share = oedema.share + 0.08 * texture;
    s = oedema.s * (1 + 0.12 * grain) * std::clamp((height - (1 - share)) / 0.12 + 1, 0.0, 1.0);
  }
  return s;
}

double below_upper_mm(const Vertebra& vertebra, const Point_mm& local) { return vertebra.body.upper.at(local.x(), local.y()) - local.z(); }
double above_lower_mm(const Vertebra& vertebra, const Point_mm& local) { return local.z() - vertebra.body.lower.at(local.x(), local.y()); }

bool is_in_cleft(const PhantomFluidCleft& cleft, const Vertebra& vertebra, const Point_mm& local) {
  constexpr double kUnderEndplate_mm = 2;
  const double u = local.x() / (cleft.width_share * vertebra.body.half_width_mm),
               v = local.y() / (cleft.width_share * vertebra.body.half_depth_mm), r = u * u + v * v;
  if (r >= 1) return false;
  const double half = 0.5 * cleft.height_mm * std::sqrt(1 - r * r);
  return std::abs(below_upper_mm(vertebra, local) - kUnderEndplate_mm - 0.5 * cleft.height_mm) < half;
}

// Bright bands on both sides of a worn disc, deepest in front.
double modic_s(const PhantomMrParameters& p, const Vertebra& vertebra, const Point_mm& local, double texture) {
  constexpr double kDepth_mm = 5.5, kEdge_mm = 1.5, kSignal = 0.5;
  const double depth = kDepth_mm - 0.12 * local.y() + 1.2 * texture;
  const auto band = [&](double from_endplate) { return kSignal * std::clamp((depth - from_endplate) / kEdge_mm, 0.0, 1.0); };
  double s = 0;
  for (const auto& level : p.findings.modic_levels) {
    if (level == vertebra.level) s = std::max(s, band(above_lower_mm(vertebra, local)));
    if (level_index(level) + 1 == level_index(vertebra.level)) s = std::max(s, band(below_upper_mm(vertebra, local)));
  }
  return s;
}

void add_schmorl_node(MrPlace& place, const Vertebra& vertebra, const Point_mm& local) {
  constexpr double kRadius_mm = 4.5, kRim_mm = 2, kSignal = 0.5;
  const double r = std::hypot(local.x() + 3, local.y() - 2, below_upper_mm(vertebra, local));
  if (r < kRadius_mm)
    place = {MrTissue::disc};
  else if (r < kRadius_mm + kRim_mm)
    place.water_s = std::max(place.water_s, kSignal);
}

// Enters from the back at half height and forks.
bool is_basivertebral_vein(const Vertebra& vertebra, const Point_mm& local) {
  const double from_back = vertebra.body.half_depth_mm - local.y(), z = local.z() - 0.5 * (vertebra.body.min_z_mm + vertebra.body.max_z_mm);
  return from_back < 11 && std::abs(z) < 2.2 - 0.1 * from_back && std::abs(local.x()) < 2 + 0.3 * from_back;
}

bool is_in_cement(const Vertebra& vertebra, const Point_mm& local) {
  const double side = 0.45 * vertebra.body.half_width_mm;
  return std::hypot((std::abs(local.x()) - side) / 9.0, (local.y() + 2) / 10.0, local.z() / 6.5) < 1;
}

}  // namespace

void add_lesions(MrPlace& place, const PhantomMrParameters& p, const Vertebra& vertebra, const Point_mm& local,
                 const NoiseTexture& texture) {
  const auto& findings = p.findings;
  const double coarse = texture.at(local, 6.0);
  place.water_s = std::max(oedema_s(p, vertebra, local, place.grain, coarse), modic_s(p, vertebra, local, coarse));
  for (const auto& spot : findings.haemangiomas)
    if (spot.level == vertebra.level && (local - Point_mm(spot.left_mm, spot.back_mm, spot.up_mm)).norm() < spot.radius_mm)
      place.water_s = std::max(place.water_s, spot.s);
  if (findings.has_veins && is_basivertebral_vein(vertebra, local)) place.water_s = std::max(place.water_s, 0.8);
  if (holds(findings.schmorl_levels, vertebra.level)) add_schmorl_node(place, vertebra, local);
  for (const auto& cleft : findings.clefts)
    if (cleft.level == vertebra.level && is_in_cleft(cleft, vertebra, local)) place.water_s = 1.0;
  if (holds(findings.cement_levels, vertebra.level) && is_in_cement(vertebra, local)) place = {MrTissue::air};
}

bool is_interspinous_vein(const Point_mm& point, double beside_mm, double behind_mm) {
  constexpr double kRadius_mm = 1.1, kEvery_mm = 17;
  const double course = 2.0 * std::sin(0.3 * behind_mm);
  const double from_course = std::remainder(point.z() - course, kEvery_mm);
  return std::hypot(from_course, beside_mm - 1.0) < kRadius_mm;
}

double metal_distance(const Vertebra& vertebra, const Point_mm& local) {
  const double side = 0.55 * vertebra.body.half_width_mm;
  return std::hypot((std::abs(local.x()) - side) / 8.0, (local.y() - 0.8 * vertebra.body.half_depth_mm) / 28.0, (local.z() - 1) / 9.0);
}

double disc_share(double level) {
  const double from_disc = level - std::floor(level) - 0.5;
  return std::exp(-from_disc * from_disc / (0.15 * 0.15));
}

}  // namespace cemscope::imaging::phantom
