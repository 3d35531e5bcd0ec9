#include "src/masks/numbering.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "imaging/error.h"
#include "src/masks/vertebra_names.h"

namespace cemscope::masks {
namespace {

constexpr double kSpeck_ml = 0.5;  // segmentation networks leave specks of labels that are not there
// Of the median step to the expected one, as a logarithm. People differ by a sixth in size, and one collapsed body moves no median;
// the numberings that might be confused (TotalSegmentator's two: lumbar against mid-thoracic) are 0.35 to 0.5 apart.
constexpr double kMostMisfit = 0.3, kClearlyBetter = 0.1;

struct Fit {
  Numbering numbering;
  double misfit = 0;
};

std::optional<int> verse(int label) {
  if ((label >= 1 && label <= kSacrum) || label == kT13) return label;
  return std::nullopt;
}

std::optional<int> total_segmentator_2(int label) {
  if (label == 25 || label == 26) return kSacrum;  // sacrum, vertebrae_S1
  if (label >= 27 && label <= 50) return 51 - label;
  return std::nullopt;
}

std::optional<int> total_segmentator_1(int label) {
  if (label == 92) return kSacrum;
  if (label >= 18 && label <= 41) return 42 - label;
  return std::nullopt;
}

struct Known {
  const char* name;
  std::optional<int> (*number_of)(int label);
};

constexpr Known kKnown[] = {{"VerSe", verse}, {"TotalSegmentator v2", total_segmentator_2}, {"TotalSegmentator v1", total_segmentator_1}};

/// To the vertebra below.
double pitch_mm(int number) {
  // Body and disc as in imaging/phantom/morphometry.h from T6 on; above, carried on to the 17 mm of the lower neck.
  static constexpr std::array<double, 25> kPitch_mm{16.0, 18.0, 17.0, 17.0, 17.0, 17.0, 18.0, 18.5, 19.5, 20.0, 20.5, 21.5, 22.0,
                                                    22.5, 23.5, 25.0, 26.5, 28.5, 31.0, 33.5, 35.5, 36.5, 37.0, 36.0, 36.0};
  return kPitch_mm.at(static_cast<std::size_t>(std::clamp(number, 1, 25) - 1));
}

/// The median of the steps' logarithmic misfit; empty when the vertebrae are fewer than two or out of order.
std::optional<double> misfit_of(std::vector<std::pair<int, imaging::Point_mm>> vertebrae) {
  if (vertebrae.size() < 2) return std::nullopt;
  std::sort(vertebrae.begin(), vertebrae.end(),
            [](const auto& a, const auto& b) { return rank_of_number(a.first) < rank_of_number(b.first); });
  std::vector<double> steps;
  for (std::size_t n = 1; n < vertebrae.size(); ++n) {
    const auto& [upper, upper_mm] = vertebrae[n - 1];
    const auto& [lower, lower_mm] = vertebrae[n];
    if (lower_mm.z() >= upper_mm.z()) return std::nullopt;
    steps.push_back(std::log((upper_mm - lower_mm).norm() / usual_distance_mm(upper, lower)));
  }
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
  return std::abs(steps[steps.size() / 2]);
}

std::optional<Fit> fit_of(const Known& known, const std::vector<LabelPlace>& places) {
  Fit fit{{known.name, {}}, 0};
  std::vector<std::pair<int, imaging::Point_mm>> vertebrae;
  for (const auto& place : places) {
    const auto number = known.number_of(place.label);
    if (!number) continue;
    fit.numbering.verse_numbers[place.label] = *number;
    if (*number != kSacrum) vertebrae.emplace_back(*number, place.centre_mm);
  }
  const auto misfit = misfit_of(std::move(vertebrae));
  if (!misfit || *misfit > kMostMisfit) return std::nullopt;
  fit.misfit = *misfit;
  return fit;
}

std::optional<Numbering> by_names(const std::map<int, ingest::LabelName>& names) {
  Numbering numbering{"names", {}};
  for (const auto& [label, name] : names) {
    auto number = vertebra_of_text(name.text);
    if (!number && !name.level.empty()) number = vertebra_number(name.level);
    if (number) numbering.verse_numbers[label] = *number;
  }
  if (numbering.verse_numbers.size() < 2) return std::nullopt;
  return numbering;
}

}  // namespace

double usual_distance_mm(int upper, int lower) {
  const int first = upper == kT13 ? kT12 : upper, end = lower == kT13 ? kL1 : lower;
  double sum_mm = 0;
  for (int number = first; number < end; ++number) sum_mm += pitch_mm(number);
  return sum_mm;
}

Numbering recognise_numbering(const std::vector<LabelPlace>& places, const std::map<int, ingest::LabelName>& names) {
  if (const auto named = by_names(names)) return *named;
  std::vector<LabelPlace> large;
  std::copy_if(places.begin(), places.end(), std::back_inserter(large), [](const auto& place) { return place.volume_ml >= kSpeck_ml; });
  std::vector<Fit> fits;
  for (const auto& known : kKnown)
    if (auto fit = fit_of(known, large)) fits.push_back(std::move(*fit));
  std::sort(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) { return a.misfit < b.misfit; });
  if (fits.empty())
    throw Error(ErrorKind::inconsistent,
                "the labels follow no known numbering of vertebrae (VerSe, SPINEPS seg-vert, TotalSegmentator) along the patient's axis");
  if (fits.size() > 1 && fits[1].misfit - fits[0].misfit < kClearlyBetter)
    throw Error(ErrorKind::inconsistent, "the labels may be " + fits[0].numbering.name + "'s or " + fits[1].numbering.name + "'s");
  return fits[0].numbering;
}

}  // namespace cemscope::masks
