#pragma once

#include <string>

#include "imaging/mri/mr_levels.h"
#include "imaging/mri/mr_reading.h"
#include "src/report/pictures.h"

namespace cemscope::report {

/// File name inside cases/<case id>/.
inline constexpr const char* kMrPicture = "mr.png";

/// The MR as a PNG: the slice through the canal with the bodies (those with oedema in red, named where known) and the slice with the
/// largest injury (without one, 8 mm beside the midline), each with the fascia, the injury and other fluid outlined; grey by s of
/// DEFINITIONS after shading correction, with its scale; the findings in words below. Deterministic for given fonts.
std::string render_mr(const imaging::MrReading& reading, const imaging::MrLevels& levels, const PictureText& text);

}  // namespace cemscope::report
