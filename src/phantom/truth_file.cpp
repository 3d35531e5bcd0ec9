#include "src/phantom/truth_file.h"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "imaging/phantom/morphometry.h"
#include "src/phantom/npz.h"

namespace cemscope::phantom {
namespace {

using imaging::CementZone;
using imaging::LabelImage;
using nlohmann::ordered_json;

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

std::string zone_name(CementZone zone) {
  switch (zone) {
    case CementZone::body: return "body";
    case CementZone::paravertebral: return "paravertebral";
    case CementZone::disc: return "disc";
    case CementZone::canal: return "canal";
    case CementZone::foramen: return "foramen";
    case CementZone::vascular: return "vascular";
    case CementZone::needle_tract: return "needle_tract";
  }
  return "";
}

std::string type_name(imaging::LeakageType type) {
  switch (type) {
    case imaging::LeakageType::none: return "none";
    case imaging::LeakageType::paravertebral: return "paravertebral";
    case imaging::LeakageType::other: return "other";
    case imaging::LeakageType::both: return "both";
    case imaging::LeakageType::not_assessable: break;
  }
  return "not_assessable";
}

ordered_json volumes(const std::map<CementZone, double>& volumes_ml) {
  ordered_json json = ordered_json::object();
  for (const auto& [zone, volume_ml] : volumes_ml) json[zone_name(zone)] = rounded(volume_ml);
  return json;
}

ordered_json point(const imaging::Point_mm& value) { return {rounded(value.x()), rounded(value.y()), rounded(value.z())}; }

ordered_json cells_of(const imaging::PhantomVertebraTruth& truth) {
  ordered_json cells = ordered_json::array();
  for (const auto& column : truth.cells) cells.push_back({rounded(column[0]), rounded(column[1])});
  return cells;
}

ordered_json vertebra_entry(const imaging::PhantomVertebraTruth& truth) {
  ordered_json json;
  json["level"] = truth.level, json["pattern"] = truth.pattern;
  json["cement_ml"] = rounded(truth.cement_ml), json["volumes_ml"] = volumes(truth.volumes_ml);
  json["body_ml"] = rounded(truth.body_ml);
  json["left_fraction"] = rounded(truth.left_fraction), json["minor_side_fraction"] = rounded(truth.minor_side_fraction);
  json["reach_mm"] = rounded(truth.reach_mm), json["cells"] = cells_of(truth);
  json["band"] = truth.is_band_lower ? "lower" : "upper", json["band_ambiguous"] = truth.is_band_ambiguous;
  json["fill"] = rounded(truth.fill);
  json["midline_crossed"] = truth.midline_crossed, json["distribution"] = truth.satisfactory ? "satisfactory" : "unsatisfactory";
  json["midline_borderline"] = truth.midline_borderline, json["distribution_borderline"] = truth.distribution_borderline;
  json["leakage"] = truth.leakage, json["leaks"] = volumes(truth.leaks_ml), json["leakage_type"] = type_name(truth.leakage_type);
  json["leakage_borderline"] = truth.leakage_borderline;
  json["compression"] = rounded(truth.compression);
  json["heights_mm"] = {rounded(truth.height_anterior_mm), rounded(truth.height_middle_mm), rounded(truth.height_posterior_mm)};
  json["centre_mm"] = point(truth.frame.centre_mm), json["left_axis"] = point(truth.frame.left),
  json["superior_axis"] = point(truth.frame.superior);
  return json;
}

// Copies labels so that i runs left, j back, k up, whatever the axes of the volume are.
struct UprightLabels {
  std::vector<std::uint8_t> values;
  std::array<std::size_t, 3> shape{};  ///< k, j, i
  std::array<double, 3> spacing{}, origin{};
};

UprightLabels upright(const LabelImage& image) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  UprightLabels labels;
  std::array<long, 3> step{}, first{};
  long stride = 1;
  for (unsigned axis = 0; axis < 3; ++axis) {
    unsigned patient = 0;
    for (unsigned row = 1; row < 3; ++row)
      if (std::abs(image.GetDirection()(row, axis)) > std::abs(image.GetDirection()(patient, axis))) patient = row;
    const bool flipped = image.GetDirection()(patient, axis) < 0;
    const auto count = static_cast<long>(size[axis]);
    step[patient] = flipped ? -stride : stride, first[patient] = flipped ? (count - 1) * stride : 0;
    labels.shape[2 - patient] = size[axis], labels.spacing[2 - patient] = image.GetSpacing()[axis];
    labels.origin[patient] = image.GetOrigin()[patient] - (flipped ? static_cast<double>(count - 1) * image.GetSpacing()[axis] : 0.0);
    stride *= count;
  }
  const std::uint8_t* source = image.GetBufferPointer() + first[0] + first[1] + first[2];
  labels.values.reserve(static_cast<std::size_t>(stride));
  for (long k = 0; k < static_cast<long>(labels.shape[0]); ++k)
    for (long j = 0; j < static_cast<long>(labels.shape[1]); ++j)
      for (long i = 0; i < static_cast<long>(labels.shape[2]); ++i)
        labels.values.push_back(source[k * step[2] + j * step[1] + i * step[0]]);
  return labels;
}

// VerSe counts T1 as 8.
std::uint8_t verse_number(const std::string& level) { return static_cast<std::uint8_t>(13 + imaging::phantom::level_index(level)); }

std::vector<std::uint8_t> whole_vertebrae(const UprightLabels& bodies, const UprightLabels& posterior,
                                          const std::vector<std::string>& levels) {
  std::vector<std::uint8_t> numbers(bodies.values.size(), 0);
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    const std::uint8_t label = bodies.values[n] != 0 ? bodies.values[n] : posterior.values[n];
    if (label > 0 && label <= levels.size()) numbers[n] = verse_number(levels[label - 1]);
  }
  return numbers;
}

}  // namespace

ordered_json truth_entry(const PatientPlan& patient, const imaging::PhantomTruth& truth, const std::string& ct_series_uid) {
  ordered_json json;
  json["pid"] = patient.patient_id, json["anatomy"] = "phantom", json["real_ct"] = false;
  json["modalities"] = ct_series_uid.empty() ? ordered_json::array() : ordered_json::array({"CT"});
  json["vertebrae"] = ordered_json::array();
  for (const imaging::PhantomVertebraTruth& vertebra : truth.vertebrae) json["vertebrae"].push_back(vertebra_entry(vertebra));
  if (!ct_series_uid.empty()) json["ct_series"] = ct_series_uid;
  json["body_levels"] = truth.body_levels;
  if (!ct_series_uid.empty()) json["trabecular_hu"] = rounded(truth.trabecular_hu);
  json["seed"] = patient.seed;
  return json;
}

void add_mr_truth(ordered_json& entry, const imaging::PhantomMrTruth& truth) {
  entry["modalities"].push_back("MR");
  entry["soft_tissue_injury"] = truth.soft_tissue_injury, entry["soft_tissue_borderline"] = truth.is_borderline;
  entry["soft_tissue_length_mm"] = rounded(truth.length_mm);
  entry["edema_levels"] = truth.acute_levels;
}

void add_follow_up_truth(ordered_json& entry, const PatientPlan& patient) {
  ordered_json levels = ordered_json::array();
  bool is_adjacent = false;
  for (const auto& fracture : patient.studies.back().collapsed_since) {
    levels.push_back(fracture.level);
    for (const auto& deposit : patient.parameters.deposits)
      is_adjacent =
          is_adjacent || std::abs(imaging::phantom::level_index(deposit.level) - imaging::phantom::level_index(fracture.level)) == 1;
  }
  entry["adjacent_fracture"] = is_adjacent, entry["collapsed_levels"] = std::move(levels);
}

ordered_json film_truth_entry(const PatientPlan& patient, const imaging::PhantomTruth& truth) {
  ordered_json json = truth_entry(patient, truth, "");
  json["modalities"] = {"XR"};
  return json;
}

std::string truth_npz(const imaging::PhantomPatient& phantom) {
  const UprightLabels cement = upright(*phantom.cement.image), bodies = upright(*phantom.bodies.image),
                      posterior = upright(*phantom.posterior.image);
  const std::vector<std::uint8_t> numbers = whole_vertebrae(bodies, posterior, phantom.truth.body_levels);
  return zip_of({{"cement.npy", npy_of(cement.values.data(), cement.shape)},
                 {"labels.npy", npy_of(numbers.data(), cement.shape)},
                 {"bodies.npy", npy_of(bodies.values.data(), bodies.shape)},
                 {"spacing.npy", npy_of({cement.spacing[0], cement.spacing[1], cement.spacing[2]})},
                 {"origin.npy", npy_of({cement.origin[0], cement.origin[1], cement.origin[2]})}});
}

}  // namespace cemscope::phantom
