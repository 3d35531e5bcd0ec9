#pragma once

#include <array>
#include <optional>
#include <vector>

#include "imaging/radiograph/shadow_heights.h"

namespace cemscope::imaging::radiograph {

/// A body's heights on a lateral film at front, middle and back, film mm, and how much lower the least is than the bodies beside it.
struct FilmHeights {
  std::array<double, 3> mm{};
  std::optional<double> compression;  ///< DEFINITIONS, Heights; 0-1; none where no whole, unfractured, untreated body shows beside it
};

/// Of one body of `heights` (shadow_heights): none unless all three places end plainly enough. `is_treated`: of every body.
std::optional<FilmHeights> film_heights(const std::vector<ShadowHeights>& heights, const std::vector<std::uint8_t>& is_treated,
                                        std::size_t body);

}  // namespace cemscope::imaging::radiograph
