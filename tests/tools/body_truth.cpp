#include "tests/tools/body_truth.h"

#include <memory>

#include "imaging/phantom/mr_tissue.h"

namespace cemscope::tools {

using namespace cemscope::imaging;

NamedAt names_of(const PhantomMrParameters& parameters) {
  auto scene = std::make_shared<const phantom::MrScene>(parameters);
  return [scene](const Point_mm& point) {
    bool is_sacral = false;
    for (const auto& vertebra : scene->spine().vertebrae) {
      const Point_mm local = vertebra.frame.to_local(point);
      if (vertebra.body.may_contain(local, 0) && vertebra.body.distance_mm(local) < 0)
        return vertebra.is_sacral && is_sacral ? Named::unsure : Named::body;
      is_sacral = vertebra.is_sacral;  // S1 is a body like others
    }
    using phantom::MrTissue;
    const auto tissue = scene->at(point, scene->level_at(point.z())).tissue;
    return tissue == MrTissue::disc || tissue == MrTissue::annulus ? Named::disc : Named::other;
  };
}

NamedAt names_of(const MrVolume& volume, const std::vector<std::uint8_t>& named) {
  return [&volume, &named](const Point_mm& point) {
    SignalImage::PointType place;
    for (unsigned d = 0; d < 3; ++d) place[d] = point[d];
    SignalImage::IndexType at;
    const auto& image = *volume.image;
    if (!image.TransformPhysicalPointToIndex(place, at)) return Named::other;
    const auto name = named[static_cast<std::size_t>(image.ComputeOffset(at))];
    return name == 0 ? Named::other : name == ScannedMr::kDisc ? Named::disc : Named::body;
  };
}

}  // namespace cemscope::tools
