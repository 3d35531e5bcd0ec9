#include "src/evaluation/measures.h"

#include <algorithm>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/cohort/clinical_values.h"

namespace cemscope::evaluation {
namespace {

constexpr const char* kNotAssessable = "not_assessable";
/// DEFINITIONS: a leak is 10 mm3 or more.
constexpr double kLeak_ml = 0.01;

FindingMeasure zone(const std::string& name) {
  return {.scope = Scope::vertebra, .name = "leak into " + name, .column = "leak_" + name + "_ml", .yes_from_ml = kLeak_ml};
}

FindingMeasure yes_no(Scope scope, const std::string& column, const std::string& source_input = {}) {
  return {.scope = scope, .name = column, .column = column, .source_input = source_input};
}

FindingMeasure distribution(Scope scope, const std::string& source_input = {}) {
  return {.scope = scope,
          .name = "distribution_unsatisfactory",
          .column = "distribution",
          .yes_word = "unsatisfactory",
          .no_word = "satisfactory",
          .source_input = source_input};
}

void complain(const std::string& place, const std::string& column, const std::string& text, const std::string& needed) {
  throw Error(ErrorKind::inconsistent, fmt::format("{}, column {}: \"{}\" is not {}", place, column, text, needed));
}

void check_finding(const Cells& cells, const FindingMeasure& measure, const std::string& place) {
  const auto text = text_in(cells, measure.column);
  if (text.empty() || text == kNotAssessable || measure.yes_from_ml || answer_in(cells, measure)) return;
  const auto words = measure.yes_word.empty() ? std::string("yes, no") : measure.yes_word + ", " + measure.no_word;
  complain(place, measure.column, text, words + " or " + kNotAssessable);
}

void check_category(const Cells& cells, const CategoryMeasure& measure, const std::string& place) {
  const auto text = text_in(cells, measure.column);
  if (!text.empty() && text != kNotAssessable && !category_in(cells, measure))
    complain(place, measure.column, text, fmt::format("one of {}", fmt::join(measure.words, ", ")));
}

}  // namespace

const std::vector<FindingMeasure>& finding_measures() {
  static const std::vector<FindingMeasure> measures = {
      yes_no(Scope::vertebra, "leakage"),
      yes_no(Scope::vertebra, "leakage_radiographic"),
      zone("paravertebral"),
      zone("disc"),
      zone("canal"),
      zone("foramen"),
      zone("vascular"),
      yes_no(Scope::vertebra, "midline_crossed"),
      distribution(Scope::vertebra),
      yes_no(Scope::vertebra, "hardware"),
      yes_no(Scope::patient, "leakage", "leakage"),
      yes_no(Scope::patient, "leakage_radiographic", "leakage"),
      yes_no(Scope::patient, "midline_crossed"),
      distribution(Scope::patient, "distribution_unsatisfactory"),
      yes_no(Scope::patient, "soft_tissue_injury", "soft_tissue_injury"),
      yes_no(Scope::patient, "adjacent_fracture", "adjacent_fracture"),
  };
  return measures;
}

const std::vector<CategoryMeasure>& category_measures() {
  static const std::vector<std::string> types = {"none", "paravertebral", "other", "both"};
  static const std::vector<CategoryMeasure> measures = {
      {Scope::vertebra, "leakage_type", types},
      {Scope::vertebra, "compression_class", {"none", "1/4", "1/2", "severe"}, true},
      {Scope::vertebra, "endplate_contact", {"none", "upper", "lower", "both"}},
      {Scope::vertebra, "texture", {"blocky", "spongy"}},
      {Scope::patient, "leakage_type", types},
  };
  return measures;
}

const std::vector<NumberMeasure>& number_measures() {
  static const std::vector<NumberMeasure> measures = [] {
    std::vector<NumberMeasure> all;
    for (const char* column : {"cement_ml", "body_ml", "left_ml", "right_ml", "leak_ml", "leak_paravertebral_ml", "leak_disc_ml",
                               "leak_canal_ml", "leak_foramen_ml", "leak_vascular_ml", "needle_tract_ml"})
      all.push_back({Scope::vertebra, column, "mL"});
    for (const char* column :
         {"fill", "left_fraction", "minor_side_fraction", "reach_contralateral", "band_fill", "band_evenness", "compression"})
      all.push_back({Scope::vertebra, column, "1"});
    for (const char* column : {"height_anterior_mm", "height_middle_mm", "height_posterior_mm"})
      all.push_back({Scope::vertebra, column, "mm"});
    all.push_back({Scope::patient, "cement_ml", "mL", "cement_ml"});
    all.push_back({Scope::patient, "compression", "1"});
    all.push_back({Scope::patient, "hu_l1", "HU"});
    all.push_back({Scope::patient, "bmd_t_score", "SD", "bmd_t_score"});
    all.push_back({Scope::patient, "soft_tissue_length_mm", "mm"});
    all.push_back({Scope::patient, "soft_tissue_area_mm2", "mm2"});
    return all;
  }();
  return measures;
}

std::optional<bool> answer_in(const Cells& cells, const FindingMeasure& measure) {
  const auto text = text_in(cells, measure.column);
  if (measure.yes_from_ml) {
    const auto volume_ml = number_in(cells, measure.column);
    if (!volume_ml || text_in(cells, "leakage") == kNotAssessable) return std::nullopt;
    return *volume_ml >= *measure.yes_from_ml;
  }
  if (measure.yes_word.empty()) return cohort::yes_no_of(text);
  if (text == measure.yes_word) return true;
  return text == measure.no_word ? std::optional(false) : std::nullopt;
}

std::optional<std::size_t> category_in(const Cells& cells, const CategoryMeasure& measure) {
  const auto at = std::find(measure.words.begin(), measure.words.end(), text_in(cells, measure.column));
  if (at == measure.words.end()) return std::nullopt;
  return static_cast<std::size_t>(at - measure.words.begin());
}

void check_words(const Cells& cells, Scope scope, const std::string& place) {
  for (const auto& measure : finding_measures())
    if (measure.scope == scope) check_finding(cells, measure, place);
  for (const auto& measure : category_measures())
    if (measure.scope == scope) check_category(cells, measure, place);
  for (const auto& measure : number_measures())
    if (const auto text = text_in(cells, measure.column); measure.scope == scope && !text.empty() && !number_in(cells, measure.column))
      complain(place, measure.column, text, "a number");
}

}  // namespace cemscope::evaluation
