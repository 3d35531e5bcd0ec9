#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cemscope::cohort {

struct DecodedText {
  std::string utf8;
  std::string encoding;  ///< "UTF-8", "UTF-16" or "GB18030"
};

/// Text of a table as spreadsheets save it, in UTF-8 without byte order mark. A byte order mark decides; without one it is UTF-8 when that
/// is valid, else GB18030 (what a Chinese Excel saves). Empty when none of them fits.
std::optional<DecodedText> decode_text(std::string_view bytes);

}  // namespace cemscope::cohort
