#pragma once

#include <string>
#include <string_view>

namespace cemscope::ingest {

/// The SNOMED CT code of a vertebra by its level, "C1" ... "L5" (PS3.16, CID 7603); empty for any other name.
std::string vertebra_code(std::string_view level);

/// The level of a SNOMED CT code of a vertebra; empty for any other code.
std::string level_of_vertebra_code(std::string_view code);

}  // namespace cemscope::ingest
