#pragma once

#include "imaging/phantom/phantom.h"
#include "imaging/phantom/scene.h"

namespace cemscope::imaging::phantom {

/// An empty label image on the grid of `like`.
LabelMask blank_labels(const CtVolume& like);

/// Zone labels where cement fills at least half a voxel: the zone with the largest share.
LabelMask cement_labels(const Scene& scene, const CtVolume& like);

/// Labels 1..n of the bodies of T6-L5 that lie in the volume, numbered from the top, with the spine index of each label.
struct BodyLabels {
  LabelMask mask;
  std::vector<int> index;
};
BodyLabels body_labels(const Scene& scene, const CtVolume& like);

/// Posterior elements with their body's label (253 where the body is outside the field), ribs and pelvis 254, sacrum 255.
LabelMask posterior_labels(const Scene& scene, const CtVolume& like, const std::vector<int>& body_index);

}  // namespace cemscope::imaging::phantom
