#pragma once

#include <string>
#include <vector>

namespace cemscope::imaging::spine {

/// The name `steps` levels below (positive) or above (negative) `level` ("C1".."C7", "T1".."T12", "L1".."L5", "S1"); empty when that leaves the
/// spine or `level` is no such name.
std::string level_below(const std::string& level, int steps);

/// Names n_bodies levels (index 0 lowest) from the treated ones, when the clinical table names as many as were found and the names fit the
/// bodies' order and spacing; else all empty. `treated` holds body indices, ascending; `names` runs from the top downwards.
std::vector<std::string> name_levels(int n_bodies, const std::vector<int>& treated, const std::vector<std::string>& names);

}  // namespace cemscope::imaging::spine
