#pragma once

#include <string>

#include "imaging/followup/comparison.h"
#include "src/report/pictures.h"

namespace cemscope::report {

/// File name inside cases/<case id>/.
inline constexpr const char* kFollowupPicture = "followup.png";

/// Two time points as a PNG: a row for each body seen at both, with the height that lost most before and after as bars (mm of the earlier
/// one), the loss in per cent and mm, and what that means; treated and adjacent bodies are marked. Deterministic for given fonts.
std::string render_followup(const imaging::followup::TimePoint& baseline, const imaging::followup::TimePoint& followup,
                            const imaging::followup::Comparison& comparison, const PictureText& text);

}  // namespace cemscope::report
