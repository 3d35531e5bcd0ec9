#pragma once

#include <string>
#include <string_view>

namespace cemscope::ingest {

/// A text made safe for a file name: [A-Za-z0-9._-], 1 to 64 characters, never "." or "..", not starting with '.' or '-'.
/// Unaltered when it is so already; otherwise it ends in '-' and 8 hexadecimal digits of a hash of the original, so that different
/// originals stay different. Example: "../../x" becomes "_.._x-<hash>".
std::string safe_file_name(std::string_view text);

/// safe_file_name with a hash suffix in any case: for two people under one PatientID, `distinction` is what tells them apart.
std::string distinguished_file_name(std::string_view text, std::string_view distinction);

}  // namespace cemscope::ingest
