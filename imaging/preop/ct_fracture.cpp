#include "imaging/preop/ct_fracture.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cemscope::imaging::preop {
namespace {

constexpr int kReach = 2;               // levels
constexpr double kUncemented_ml = 0.5;  // bone islands and noise of sharp kernels are no cement
constexpr double kLeastHeight_mm = 12;  // half-read bodies are lower

// What an endplate shows above its neighbours' and how much of it the other one may show.
constexpr double kSunken_mm = 2.5, kDropped_mm = 6, kCondensed_hu = 60, kOfOther = 0.5;

using Value = double EndplateSigns::*;

bool is_usable(const CtBody& body) {
  return !body.is_cut && body.dense_ml < kUncemented_ml && 2 * body.place.frame.half_height_mm > kLeastHeight_mm;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Of both endplates above the neighbours'.
struct Excess {
  double upper, lower;
};

std::vector<const CtBody*> neighbours_of(const std::vector<CtBody>& bodies, std::size_t body, const std::vector<std::size_t>& treated) {
  std::vector<const CtBody*> out;
  for (std::size_t n = 0; n < bodies.size(); ++n)
    if (n != body && std::find(treated.begin(), treated.end(), n) == treated.end() &&
        std::abs(static_cast<int>(n) - static_cast<int>(body)) <= kReach && is_usable(bodies[n]))
      out.push_back(&bodies[n]);
  return out;
}

Excess above_usual(const CtBody& body, const std::vector<const CtBody*>& neighbours, Value value) {
  const auto usual = [&](const EndplateSigns CtBody::*plate) {
    std::vector<double> values;
    for (const auto* neighbour : neighbours) values.push_back(neighbour->*plate.*value);
    return values.empty() ? 0.0 : median(std::move(values));
  };
  return {body.upper.*value - usual(&CtBody::upper), body.lower.*value - usual(&CtBody::lower)};
}

FracturedPart part_of(const Excess& excess, double least) {
  const double most = std::max(excess.upper, excess.lower), other = std::min(excess.upper, excess.lower);
  if (most < least || other > kOfOther * most) return FracturedPart::unclear;
  return excess.upper > excess.lower ? FracturedPart::upper : FracturedPart::lower;
}

// Denser than the neighbours' layer at the same endplate and than the body's own middle.
Excess condensed(const CtBody& body, const std::vector<const CtBody*>& neighbours) {
  const auto usual = above_usual(body, neighbours, &EndplateSigns::layer_hu);
  const Excess own{body.upper.layer_hu - body.middle_hu, body.lower.layer_hu - body.middle_hu};
  if (neighbours.empty()) return own;
  return {std::min(usual.upper, own.upper), std::min(usual.lower, own.lower)};
}

}  // namespace

FractureSign fracture_on_ct(const std::vector<CtBody>& bodies, std::size_t index, const std::vector<std::size_t>& treated) {
  const CtBody& body = bodies.at(index);
  if (!is_usable(body)) return {FracturedPart::unclear, "body cut, cemented or misread"};
  const auto neighbours = neighbours_of(bodies, index, treated);
  struct Sign {
    FracturedPart part;
    const char* words;
  };
  const std::array signs{
      Sign{part_of(above_usual(body, neighbours, &EndplateSigns::sunken_mm), kSunken_mm), "endplate sunken"},
      Sign{part_of(above_usual(body, neighbours, &EndplateSigns::front_drop_mm), kDropped_mm), "endplate dropped in front"},
      Sign{part_of(condensed(body, neighbours), kCondensed_hu), "spongiosa condensed"}};
  FractureSign out{FracturedPart::unclear, ""};
  for (const auto& sign : signs) {
    if (sign.part == FracturedPart::unclear) continue;
    if (out.part != FracturedPart::unclear && out.part != sign.part) return {FracturedPart::unclear, "signs contradict each other"};
    const char* end = sign.part == FracturedPart::upper ? "upper" : "lower";
    out = {sign.part, fmt::format("{}{}{} {}", out.words, out.words.empty() ? "" : ", ", end, sign.words)};
  }
  if (out.part == FracturedPart::unclear) out.words = "no collapsed endplate and no condensed spongiosa";
  return out;
}

}  // namespace cemscope::imaging::preop
