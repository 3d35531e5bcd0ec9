#include "imaging/phantom/spine_curve.h"

namespace cemscope::imaging::phantom {
namespace {

SpineSection section_of(const Vertebra& vertebra, int index) {
  SpineSection section;
  section.level = index;
  section.body = vertebra.frame.centre_mm;
  section.canal = vertebra.frame.to_patient({0, vertebra.canal.centre_y_mm, 0});
  section.turn_rad = std::atan2(vertebra.frame.axes(1, 0), vertebra.frame.axes(0, 0));
  section.half_width_mm = vertebra.body.half_width_mm;
  section.half_depth_mm = vertebra.body.half_depth_mm;
  section.canal_half_width_mm = vertebra.canal.half_width_mm;
  section.canal_half_depth_mm = vertebra.canal.half_depth_mm;
  section.spinous_length_mm = vertebra.size.spinous_length_mm;
  return section;
}

double blend(double a, double b, double share) { return a + share * (b - a); }

// Body and canal centres lie at different heights when the vertebra is tilted, so each has its own share.
Point_mm on_segment(const Point_mm& upper, const Point_mm& lower, double z_mm) {
  const double share = (upper.z() - z_mm) / std::max(upper.z() - lower.z(), 1.0);
  return upper + share * (lower - upper);
}

}  // namespace

SpineCurve::SpineCurve(const Spine& spine) {
  for (std::size_t index = 0; index < spine.vertebrae.size(); ++index)
    sections_.push_back(section_of(spine.vertebrae[index], static_cast<int>(index)));
}

SpineSection SpineCurve::at(double z_mm) const {
  std::size_t body = 0, canal = 0;
  while (body + 2 < sections_.size() && sections_[body + 1].body.z() > z_mm) ++body;
  while (canal + 2 < sections_.size() && sections_[canal + 1].canal.z() > z_mm) ++canal;
  const SpineSection &upper = sections_[body], &lower = sections_[body + 1];
  const double share = std::clamp((upper.body.z() - z_mm) / std::max(upper.body.z() - lower.body.z(), 1.0), -1.0, 2.0);
  SpineSection section;
  section.level = blend(upper.level, lower.level, share);
  section.body = on_segment(upper.body, lower.body, z_mm);
  section.canal = on_segment(sections_[canal].canal, sections_[canal + 1].canal, z_mm);
  section.turn_rad = blend(upper.turn_rad, lower.turn_rad, share);
  section.half_width_mm = blend(upper.half_width_mm, lower.half_width_mm, share);
  section.half_depth_mm = blend(upper.half_depth_mm, lower.half_depth_mm, share);
  section.canal_half_width_mm = blend(upper.canal_half_width_mm, lower.canal_half_width_mm, share);
  section.canal_half_depth_mm = blend(upper.canal_half_depth_mm, lower.canal_half_depth_mm, share);
  section.spinous_length_mm = blend(upper.spinous_length_mm, lower.spinous_length_mm, share);
  return section;
}

}  // namespace cemscope::imaging::phantom
