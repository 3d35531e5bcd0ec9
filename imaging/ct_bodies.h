#pragma once

#include <string>
#include <vector>

#include "imaging/body_place.h"
#include "imaging/grid.h"
#include "imaging/spine/body.h"
#include "imaging/spine/midline.h"

namespace cemscope::imaging {

/// Image millimetres -> LPS.
struct ToPatient {
  const HuImage& image;
  [[nodiscard]] Direction vector(const Direction& d) const;
  [[nodiscard]] Point_mm point(const Point_mm& p) const;
};

/// The frame of pictures and reports: the body's axes turned into the midline's plane.
VertebralFrame patient_frame(const spine::VertebralBody& body, const spine::Midline& midline, const ToPatient& to);

/// Place and endplate signs of every body, in the order given (from below upwards). Planes are least squares over the middle of the
/// endplates (columns within 0.7 of the half-width and half-depth); densities are of columns 3 mm and more inside the walls. O(bodies x
/// box).
std::vector<CtBody> describe_bodies(const VolumeView& view, const std::vector<spine::VertebralBody>& bodies,
                                    const std::vector<spine::Midline>& midlines, const std::vector<std::string>& levels,
                                    const ToPatient& to);

}  // namespace cemscope::imaging
