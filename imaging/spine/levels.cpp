#include "imaging/spine/levels.h"

#include <algorithm>
#include <array>

namespace cemscope::imaging::spine {
namespace {

constexpr std::array<const char*, 25> kLevels{"C1", "C2", "C3", "C4", "C5", "C6",  "C7",  "T1",  "T2", "T3", "T4", "T5", "T6",
                                              "T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1"};

int index_of(const std::string& level) {
  const auto it = std::find(kLevels.begin(), kLevels.end(), level);
  return it == kLevels.end() ? -1 : static_cast<int>(it - kLevels.begin());
}

}  // namespace

std::string level_below(const std::string& level, int steps) {
  const int from = index_of(level), to = from + steps;
  return from < 0 || to < 0 || to >= static_cast<int>(kLevels.size()) ? "" : kLevels[to];
}

std::vector<std::string> name_levels(int n_bodies, const std::vector<int>& treated, const std::vector<std::string>& names) {
  std::vector<std::string> out(n_bodies);
  if (names.empty() || names.size() != treated.size()) return out;
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return index_of(a) > index_of(b); });  // lowest first
  for (const auto& name : sorted)
    if (index_of(name) < 0) return out;
  // The treated bodies take their names one to one; others are counted from the lowest treated one only where the counts agree.
  bool consistent = true;
  for (std::size_t t = 0; t < treated.size(); ++t)
    consistent = consistent && index_of(sorted[0]) - index_of(sorted[t]) == treated[t] - treated[0];
  for (std::size_t t = 0; t < treated.size(); ++t) out[treated[t]] = sorted[t];
  if (consistent)
    for (int b = 0; b < n_bodies; ++b) out[b] = level_below(sorted[0], treated[0] - b);
  return out;
}

}  // namespace cemscope::imaging::spine
