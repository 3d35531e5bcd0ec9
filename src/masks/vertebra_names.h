#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imaging/spine/verse_numbers.h"

namespace cemscope::masks {

using imaging::spine::kL1;
using imaging::spine::kSacrum;
using imaging::spine::kT12;
using imaging::spine::kT13;
using imaging::spine::level_of_number;
using imaging::spine::rank_of_number;

/// The VerSe number of a level ("C1" ... "L6", "T13", "S1", "sacrum"; any case, "TH" for T); empty for other text.
std::optional<int> vertebra_number(std::string_view level);

/// The vertebra that a label's name means, when it means a vertebra or its body and nothing else: "vertebrae_L1", "L1 vertebral body",
/// "lumbar vertebra 1", "T12". Empty for "Cement L1 body", "L1-L2 disc", "rib_left_1".
std::optional<int> vertebra_of_text(std::string_view text);

}  // namespace cemscope::masks
