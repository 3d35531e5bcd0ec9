#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cemscope::masks {

/// Vertebrae by VerSe's numbers (Sekuboyina et al. 2021, doi:10.1016/j.media.2021.102166): 1-7 C1-C7, 8-19 T1-T12, 20-24 L1-L5, 25 L6,
/// 28 T13; the sacrum is 26 as in SPINEPS.
inline constexpr int kT12 = 19, kL1 = 20, kSacrum = 26, kT13 = 28;

/// The number of a level ("C1" ... "L6", "T13", "S1", "sacrum"; any case, "TH" for T); empty for other text.
std::optional<int> vertebra_number(std::string_view level);

/// The level of a number, "S" for the sacrum; empty for other numbers.
std::string level_of_number(int number);

/// Its place from the top: T13 between T12 and L1.
double rank_of_number(int number);

/// The vertebra that a label's name means, when it means a vertebra or its body and nothing else: "vertebrae_L1", "L1 vertebral body",
/// "lumbar vertebra 1", "T12". Empty for "Cement L1 body", "L1-L2 disc", "rib_left_1".
std::optional<int> vertebra_of_text(std::string_view text);

}  // namespace cemscope::masks
