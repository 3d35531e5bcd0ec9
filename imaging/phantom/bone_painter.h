#pragma once

#include "imaging/phantom/image_plane.h"
#include "imaging/phantom/scene.h"

namespace cemscope::imaging::phantom {

/// Paint the parts of the scene over a plane, each with partial volume at its edges.
void paint_discs(ImagePlane& plane, const Scene& scene);
void paint_vertebrae(ImagePlane& plane, const Scene& scene);
void paint_calcifications(ImagePlane& plane, const Scene& scene);
void paint_cement(ImagePlane& plane, const Scene& scene);
void paint_metal(ImagePlane& plane, const Scene& scene);

}  // namespace cemscope::imaging::phantom
