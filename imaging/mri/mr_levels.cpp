#include "imaging/mri/mr_levels.h"

#include <algorithm>
#include <optional>

#include "imaging/spine/levels.h"

namespace cemscope::imaging {
namespace {

// Steps from the first treated level to each of them; empty when a name is none.
std::optional<std::vector<int>> steps_of(const std::vector<std::string>& treated) {
  constexpr int kLongestSpine = 24;
  std::vector<int> steps;
  for (const auto& name : treated) {
    int n = 0;
    while (n < kLongestSpine && spine::level_below(treated.front(), n) != name) ++n;
    if (n == kLongestSpine) return std::nullopt;
    steps.push_back(n);
  }
  return steps;
}

// The body that is the first treated level, when all treated levels fall on bodies with oedema for one body only.
std::optional<int> first_treated_body(const MrReading& reading, const std::vector<std::string>& treated) {
  if (treated.empty() || reading.acute_bodies.empty()) return std::nullopt;
  const auto steps = steps_of(treated);
  if (!steps) return std::nullopt;
  std::optional<int> found;
  for (const int first : reading.acute_bodies) {
    const bool fits = std::all_of(steps->begin(), steps->end(), [&](int step) {
      return std::find(reading.acute_bodies.begin(), reading.acute_bodies.end(), first + step) != reading.acute_bodies.end();
    });
    if (!fits) continue;
    if (found) return std::nullopt;
    found = first;
  }
  return found;
}

std::vector<std::string> names_from(const std::string& level, int body, int n_bodies) {
  std::vector<std::string> names;
  for (int n = 0; n < n_bodies; ++n) names.push_back(spine::level_below(level, n - body));
  return names;
}

}  // namespace

MrLevels name_mr_levels(const MrReading& reading, const std::vector<std::string>& treated) {
  const int n_bodies = static_cast<int>(reading.bodies.size());
  if (const auto body = first_treated_body(reading, treated)) return {names_from(treated.front(), *body, n_bodies), "clinical"};
  if (reading.first_sacral < n_bodies) return {names_from("S1", reading.first_sacral, n_bodies), "counted"};
  return {std::vector<std::string>(static_cast<std::size_t>(n_bodies)), "none"};
}

}  // namespace cemscope::imaging
