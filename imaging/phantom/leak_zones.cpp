#include "imaging/phantom/leak_zones.h"

namespace cemscope::imaging::phantom {

LeakZones::LeakZones(const Spine& spine, int index) : vertebra_(spine.vertebrae[index]) {
  for (const int other : {index - 1, index + 1})
    if (other >= 0 && other < kNLevels) neighbours_.push_back(&spine.vertebrae[other]);
}

double LeakZones::other_bone_mm(const Point_mm& local) const {
  const Point_mm point = vertebra_.frame.to_patient(local);
  double distance = posterior_distance_mm(vertebra_, point);
  for (const Vertebra* neighbour : neighbours_) {
    const Point_mm there = neighbour->frame.to_local(point);
    if (neighbour->body.may_contain(there, 2.0)) distance = std::min(distance, neighbour->body.distance_mm(there));
    distance = std::min(distance, posterior_distance_mm(*neighbour, point));
  }
  return distance;
}

bool LeakZones::in_own_arch(const Point_mm& local) const { return posterior_distance_mm(vertebra_, vertebra_.frame.to_patient(local)) < 0; }

std::optional<CementZone> LeakZones::at(const Point_mm& local) const {
  const BodyPosition position = vertebra_.body.locate(local);
  if (position.distance_mm < 0) return CementZone::body;
  if (other_bone_mm(local) < 0.4) return std::nullopt;
  const CanalSection& canal = vertebra_.canal;
  const double wall_y = vertebra_.body.half_depth_mm, aside = std::abs(local.x()), back = local.y() - canal.centre_y_mm;
  if (position.lateral_mm < 0) return CementZone::disc;
  if (local.y() > wall_y - 3.0 && aside < canal.half_width_mm && back < canal.half_depth_mm)
    return canal.distance_mm(local) < 0 || back < 0 ? std::optional(CementZone::canal) : std::nullopt;
  if (local.y() > wall_y - 2.0) {
    const bool beside = aside < canal.half_width_mm + 11.0 && back < 0.6 * canal.half_depth_mm;
    return beside ? std::optional(CementZone::foramen) : std::nullopt;
  }
  return CementZone::paravertebral;
}

}  // namespace cemscope::imaging::phantom
