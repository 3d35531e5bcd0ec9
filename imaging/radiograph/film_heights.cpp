#include "imaging/radiograph/film_heights.h"

#include <algorithm>
#include <cstdint>

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kLeastPlain = 0.5;      // heights that end less plainly are 7 % off and more
constexpr double kLeastOfTallest = 0.8;  // of an unfractured body's heights, the least over the greatest

std::optional<std::array<double, 3>> plain_heights(const ShadowHeights& body) {
  std::array<double, 3> mm{};
  for (std::size_t n = 0; n < body.size(); ++n) {
    if (!body[n] || body[n]->plainness < kLeastPlain) return std::nullopt;
    mm[n] = body[n]->mm;
  }
  return mm;
}

/// Mean height of the body as a reference; none of a fractured one.
std::optional<double> whole_height(const ShadowHeights& body) {
  const auto mm = plain_heights(body);
  if (!mm) return std::nullopt;
  const auto [least, most] = std::minmax_element(mm->begin(), mm->end());
  if (*least < kLeastOfTallest * *most) return std::nullopt;
  return ((*mm)[0] + (*mm)[1] + (*mm)[2]) / 3;
}

}  // namespace

std::optional<FilmHeights> film_heights(const std::vector<ShadowHeights>& heights, const std::vector<std::uint8_t>& is_treated,
                                        std::size_t body) {
  const auto mm = plain_heights(heights[body]);
  if (!mm) return std::nullopt;
  std::vector<double> beside;
  const auto add = [&](std::size_t n) {
    const auto height = is_treated[n] ? std::nullopt : whole_height(heights[n]);
    if (height) beside.push_back(*height);
    return height.has_value();
  };
  for (std::size_t n = body; n-- > 0;)
    if (add(n)) break;
  for (std::size_t n = body + 1; n < heights.size(); ++n)
    if (add(n)) break;
  FilmHeights out{*mm, {}};
  if (beside.empty()) return out;
  const double reference = (beside.front() + beside.back()) / 2;
  out.compression = std::clamp((1 - *std::min_element(mm->begin(), mm->end()) / reference) / kShownOfLoss, 0.0, 1.0);
  return out;
}

}  // namespace cemscope::imaging::radiograph
