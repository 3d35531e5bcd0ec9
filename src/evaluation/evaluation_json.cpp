#include "src/evaluation/evaluation_json.h"

#include <nlohmann/json.hpp>

namespace cemscope::evaluation {
namespace {

using nlohmann::ordered_json;

ordered_json of(const std::optional<analysis::Interval>& interval) {
  return interval ? ordered_json{interval->low, interval->high} : ordered_json(nullptr);
}

ordered_json of(const std::optional<double>& value) { return value ? ordered_json(*value) : ordered_json(nullptr); }

ordered_json of(const analysis::Share& share) {
  return {{"value", of(share.value)}, {"of", share.of}, {"n", share.n}, {"ci", of(share.ci)}};
}

ordered_json of(const std::optional<analysis::Kappa>& kappa) {
  if (!kappa) return nullptr;
  return {{"value", kappa->kappa}, {"se", kappa->se}, {"ci", of(kappa->ci)}};
}

ordered_json of(const std::optional<analysis::Median>& median) {
  if (!median) return nullptr;
  return {{"value", median->value}, {"ci", of(median->ci)}};
}

ordered_json of(const NotCompared& left_out) {
  return {{"not_assessable", left_out.not_assessable},
          {"not_found", left_out.not_found},
          {"borderline", left_out.borderline},
          {"from_clinical_table", left_out.clinical}};
}

ordered_json begin(const Where& where, const std::string& name) {
  return {{"of", where.scope == Scope::vertebra ? "vertebra" : "patient"}, {"modality", where.modality}, {"name", name}};
}

ordered_json of(const DetectionResult& result) {
  return {{"name", result.name},
          {"modality", result.modality},
          {"found", result.found},
          {"missed", result.missed},
          {"invented", result.invented},
          {"sensitivity", of(result.sensitivity)},
          {"positive_predictive_value", of(result.ppv)},
          {"level", {{"right", result.level_right}, {"wrong", result.level_wrong}, {"not_named", result.level_not_named}}}};
}

ordered_json of(const FindingResult& result) {
  auto json = begin(result.where, result.name);
  json["true_yes"] = result.counts.true_yes, json["false_no"] = result.counts.false_no;
  json["true_no"] = result.counts.true_no, json["false_yes"] = result.counts.false_yes;
  json["left_out"] = of(result.left_out);
  json["sensitivity"] = of(result.sensitivity), json["specificity"] = of(result.specificity);
  json["positive_predictive_value"] = of(result.ppv), json["negative_predictive_value"] = of(result.npv);
  json["accuracy"] = of(result.accuracy), json["right_of_all"] = of(result.right_of_all), json["kappa"] = of(result.kappa);
  return json;
}

ordered_json of(const CategoryResult& result) {
  auto json = begin(result.where, result.name);
  json["words"] = result.words;
  json["counts_truth_in_rows"] = ordered_json::array();
  for (Eigen::Index i = 0; i < result.counts.rows(); ++i) {
    ordered_json row = ordered_json::array();
    for (Eigen::Index j = 0; j < result.counts.cols(); ++j) row.push_back(result.counts(i, j));
    json["counts_truth_in_rows"].push_back(std::move(row));
  }
  json["left_out"] = of(result.left_out), json["accuracy"] = of(result.accuracy), json["kappa"] = of(result.kappa);
  return json;
}

ordered_json of(const std::optional<analysis::BlandAltman>& b) {
  if (!b) return nullptr;
  return {{"bias", b->bias},   {"bias_ci", of(b->bias_ci)},  {"sd", b->sd}, {"lower", b->lower}, {"lower_ci", of(b->lower_ci)},
          {"upper", b->upper}, {"upper_ci", of(b->upper_ci)}};
}

ordered_json of(const NumberResult& result) {
  auto json = begin(result.where, result.name);
  json["unit"] = result.unit, json["n"] = result.truth.size(), json["left_out"] = of(result.left_out);
  json["bland_altman"] = of(result.differences);
  json["icc_agreement"] = result.icc ? ordered_json{{"value", result.icc->icc}, {"ci", of(result.icc->ci)}} : ordered_json(nullptr);
  json["absolute_error_median"] = of(result.absolute_error), json["absolute_error_worst"] = result.worst_absolute;
  json["relative_error_median"] = of(result.relative_error), json["relative_error_worst"] = result.worst_relative;
  json["truth"] = result.truth, json["said"] = result.said;
  return json;
}

ordered_json of(const DiceResult& result) {
  return {{"n", result.values.size()}, {"median", of(result.median)},           {"mean", of(result.mean)}, {"mean_ci", of(result.mean_ci)},
          {"worst", of(result.worst)}, {"without_label", result.without_label}, {"values", result.values}};
}

template <typename Results>
ordered_json list_of(const Results& results) {
  ordered_json list = ordered_json::array();
  for (const auto& result : results) list.push_back(of(result));
  return list;
}

}  // namespace

ordered_json to_json(const Evaluation& evaluation) {
  ordered_json json;
  json["schema"] = "cemscope-evaluation/1";
  json["patients"] = {
      {"with_truth", evaluation.n_patients}, {"scored", evaluation.n_scored}, {"without_truth", evaluation.n_without_truth}};
  json["detections"] = list_of(evaluation.detections);
  json["findings"] = list_of(evaluation.findings);
  json["categories"] = list_of(evaluation.categories);
  json["numbers"] = list_of(evaluation.numbers);
  json["cement_dice"] = evaluation.dice ? of(*evaluation.dice) : ordered_json(nullptr);
  json["notes"] = evaluation.notes;
  return json;
}

}  // namespace cemscope::evaluation
