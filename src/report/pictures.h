#pragma once

#include <string>

#include "imaging/ct_reading.h"

namespace cemscope::report {

/// File names inside cases/<case id>/.
inline constexpr const char* kOverviewPicture = "overview.png";
std::string vertebra_picture_name(int ordinal);  ///< 1 -> "vertebra_1.png"

/// Words of a picture that do not come from the reading. Patient identifiers are never drawn, so give none.
struct PictureText {
  std::string ordinal;  ///< e.g. "treated vertebra 1 of 2"; may be empty
  std::string footer;   ///< e.g. "cemscope 0.1.0 - definitions 1"; may be empty
};

/// One treated vertebra as a PNG (the bytes of the file): axial, sagittal and coronal slices in the vertebra's own frame through the
/// largest section of its cement, one more panel per leak zone through that zone's largest section, cement outlined by zone,
/// wall of the body, midline, scale, orientation letters and the findings in words. Radiological convention: the patient's left is on
/// the viewer's right; in sagittal panels anterior is on the left. Grey values: `window_grey`. Labels are read through their own ITK
/// geometry, so that any crop and orientation works. Deterministic for given fonts. No display is needed.
/// Throws std::runtime_error only when memory for the picture cannot be had. About 40 ms on one core at 1280 x 700 pixels.
std::string render_vertebra(const imaging::CtVolume& volume, const imaging::CtReading& reading, const imaging::TreatedVertebra& vertebra,
                            const PictureText& text);

/// The whole scan as a PNG: a sagittal reformat that follows the spinal canal from side to side and a coronal one that follows the
/// vertebral bodies from front to back, with all bodies outlined, cement of every depth projected by zone and levels named where
/// known. A scan without cement is shown with the words "No cement found"; one without a spine as its middle slices.
std::string render_overview(const imaging::CtVolume& volume, const imaging::CtReading& reading, const PictureText& text);

}  // namespace cemscope::report
