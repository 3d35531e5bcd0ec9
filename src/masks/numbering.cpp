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
// Misfit: how far the median step and the median cube root of the volume are from the usual ones, as logarithms, summed. Too large counts
// more than too small: collapse, lost disc height, cut ends and masks of bodies alone make vertebrae smaller, only stature makes them
// larger. The numberings that might be confused (TotalSegmentator's two: lumbar against mid-thoracic) differ by 0.35 to 0.5 in the steps
// and 0.3 in the volumes; VerSe's verse004, with collapsed bodies, has 0.2 and 0.05.
constexpr double kMostMisfit = 0.8, kClearlyBetter = 0.1, kTooLarge = 1.5;
constexpr double kOldVersion = 0.15;  // version 1 was replaced in 2023

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
  double handicap = 0;
};

constexpr Known kKnown[] = {
    {"VerSe", verse}, {"TotalSegmentator v2", total_segmentator_2}, {"TotalSegmentator v1", total_segmentator_1, kOldVersion}};

/// To the vertebra below.
double pitch_mm(int number) {
  // Body and disc as in imaging/phantom/morphometry.h from T6 on; above, carried on to the 17 mm of the lower neck.
  static constexpr std::array<double, 25> kPitch_mm{16.0, 18.0, 17.0, 17.0, 17.0, 17.0, 18.0, 18.5, 19.5, 20.0, 20.5, 21.5, 22.0,
                                                    22.5, 23.5, 25.0, 26.5, 28.5, 31.0, 33.5, 35.5, 36.5, 37.0, 36.0, 36.0};
  return kPitch_mm.at(static_cast<std::size_t>(std::clamp(number, 1, 25) - 1));
}

/// Of a whole vertebra: T10 to L5 as in VerSe's verse004 and TotalSegmentator's example, the others carried on by the heights.
double usual_volume_ml(int number) {
  static constexpr std::array<double, 25> kVolume_ml{14, 14, 10, 10, 10, 12, 14, 16, 17, 17, 18, 19, 20,
                                                     22, 24, 26, 29, 33, 40, 45, 52, 58, 62, 64, 64};
  return kVolume_ml.at(static_cast<std::size_t>(std::clamp(number, 1, 25) - 1));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Numbered {
  int number = 0;
  const LabelPlace* place = nullptr;
};

/// See kMostMisfit; empty when the vertebrae are fewer than two or out of order.
std::optional<double> misfit_of(std::vector<Numbered> vertebrae) {
  if (vertebrae.size() < 2) return std::nullopt;
  std::sort(vertebrae.begin(), vertebrae.end(),
            [](const auto& a, const auto& b) { return rank_of_number(a.number) < rank_of_number(b.number); });
  std::vector<double> steps, volumes;
  for (std::size_t n = 0; n < vertebrae.size(); ++n) {
    const auto& [lower, place] = vertebrae[n];
    volumes.push_back(std::log(place->volume_ml / usual_volume_ml(lower)) / 3);
    if (n == 0) continue;
    const auto& [upper, above] = vertebrae[n - 1];
    if (place->centre_mm.z() >= above->centre_mm.z()) return std::nullopt;
    steps.push_back(std::log((above->centre_mm - place->centre_mm).norm() / usual_distance_mm(upper, lower)));
  }
  const auto misfit = [](double logarithm) { return logarithm > 0 ? kTooLarge * logarithm : -logarithm; };
  return misfit(median(steps)) + misfit(median(volumes));
}

std::optional<Fit> fit_of(const Known& known, const std::vector<LabelPlace>& places) {
  Fit fit{{known.name, {}}, 0};
  std::vector<Numbered> vertebrae;
  for (const auto& place : places) {
    const auto number = known.number_of(place.label);
    if (!number) continue;
    fit.numbering.verse_numbers[place.label] = *number;
    if (*number != kSacrum) vertebrae.push_back({*number, &place});
  }
  const auto misfit = misfit_of(std::move(vertebrae));
  if (!misfit || *misfit > kMostMisfit) return std::nullopt;
  fit.misfit = *misfit + known.handicap;
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
