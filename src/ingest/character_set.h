#pragma once

#include <string>
#include <string_view>

namespace cemscope::ingest {

/// A DICOM text value as UTF-8. `character_set` is SpecificCharacterSet as it stands in the file ("ISO 2022 IR 13\ISO 2022 IR 87",
/// "GB18030", "" ...). Without a declared set, bytes beyond ASCII are taken as UTF-8 when well-formed, else as GB18030 when they
/// come in pairs of such bytes. What cannot be decoded becomes U+FFFD. Converters are cached per thread. PS3.5 section 6.1,
/// PS3.3 C.12.1.1.2.
std::string decode_text(std::string_view bytes, std::string_view character_set);

}  // namespace cemscope::ingest
