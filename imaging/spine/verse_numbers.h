#pragma once

#include <string>

namespace cemscope::imaging::spine {

/// Vertebrae by VerSe's numbers (Sekuboyina et al. 2021, doi:10.1016/j.media.2021.102166): 1-7 C1-C7, 8-19 T1-T12, 20-24 L1-L5, 25 L6,
/// 28 T13; the sacrum is 26 as in SPINEPS.
inline constexpr int kT12 = 19, kL1 = 20, kSacrum = 26, kT13 = 28;

/// The level of a number, "S" for the sacrum; empty for other numbers.
std::string level_of_number(int number);

/// Its place from the top: T13 between T12 and L1.
double rank_of_number(int number);

/// Whether the number means a vertebra with a body and discs of its own: none of the sacrum, the coccyx and what is no vertebra.
bool is_free_vertebra(int number);

}  // namespace cemscope::imaging::spine
