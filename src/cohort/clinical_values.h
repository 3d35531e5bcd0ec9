#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cemscope::cohort {

/// A number with a decimal point (or a decimal comma), nothing else around it; independent of the locale.
std::optional<double> number_of(const std::string& text);

/// yes/no, y/n, true/false, 1/0 in any case, and the Chinese words for yes and no.
std::optional<bool> yes_no_of(const std::string& text);

/// Whether a cell says that nothing was recorded: empty, NA, N/A, ".", "-", "?".
bool says_not_given(const std::string& text);

/// "L1;L2" or "L1, L2" from top to bottom, each once; empty when one of them is no vertebra's name.
std::optional<std::vector<std::string>> levels_of(const std::string& text);

}  // namespace cemscope::cohort
