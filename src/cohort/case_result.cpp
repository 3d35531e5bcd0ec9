#include "src/cohort/case_result.h"

#include "src/cohort/measurement_json.h"

namespace cemscope::cohort {
namespace {

using nlohmann::json;

/// Calls visit(key, member) for every member whose JSON is the value itself; one list serves reading and writing.
template <typename Result, typename Visit>
void visit_plain_members(Result& r, Visit visit) {
  visit("patient_id", r.patient_id);
  visit("case_id", r.case_id);
  visit("surgery_date", r.surgery_date);
  visit("stage", r.stage);
  visit("ct_series_uid", r.ct_series_uid);
  visit("ap_uid", r.ap_uid);
  visit("lateral_uid", r.lateral_uid);
  visit("mr_series_uid", r.mr_series_uid);
  visit("treated_levels", r.treated_levels);
  visit("acute_levels", r.acute_levels);
  visit("fluid_cleft_levels", r.fluid_cleft_levels);
  visit("cement_ml", r.cement_ml);
  visit("leakage", r.leakage);
  visit("leakage_radiographic", r.leakage_radiographic);
  visit("midline_crossed", r.midline_crossed);
  visit("soft_tissue_injury", r.soft_tissue_injury);
  visit("fluid_cleft", r.fluid_cleft);
  visit("adjacent_fracture", r.adjacent_fracture);
  visit("soft_tissue_length_mm", r.soft_tissue_length_mm);
  visit("soft_tissue_area_mm2", r.soft_tissue_area_mm2);
  visit("bmd_t_score", r.bmd_t_score);
  visit("hu_l1", r.hu_l1);
  visit("compression", r.compression);
  visit("inputs", r.inputs);
  visit("covariates", r.covariates);
  visit("risk", r.risk);
  visit("risk_low", r.risk_low);
  visit("risk_high", r.risk_high);
  visit("risk_if_adjacent_fracture", r.risk_if_adjacent_fracture);
  visit("linear_predictor", r.linear_predictor);
  visit("prevalence", r.prevalence);
  visit("model", r.model);
  visit("missing", r.missing);
  visit("warnings", r.warnings);
  visit("vertebrae", r.vertebrae);
  visit("heights", r.heights);
  visit("series", r.series);
  visit("failures", r.failures);
}

}  // namespace

void to_json(json& json, const ModelInput& input) {
  json = {{"value", input.value}, {"source", input.source}, {"confidence", input.confidence}};
}

void from_json(const json& json, ModelInput& input) {
  json.at("value").get_to(input.value);
  json.at("source").get_to(input.source);
  json.at("confidence").get_to(input.confidence);
}

void to_json(json& json, const VertebraRow& row) {
  json = row.measurement;
  json["modality"] = row.modality;
  json["picture"] = row.picture;
}

void from_json(const json& json, VertebraRow& row) {
  json.get_to(row.measurement);
  json.at("modality").get_to(row.modality);
  json.at("picture").get_to(row.picture);
}

void to_json(json& json, const SeriesRow& row) {
  json = {{"series", row.series},     {"study_date", row.study_date}, {"phase", row.phase},
          {"n_images", row.n_images}, {"chosen", row.chosen},         {"reason", row.reason}};
}

void from_json(const json& json, SeriesRow& row) {
  json.at("series").get_to(row.series);
  json.at("study_date").get_to(row.study_date);
  json.at("phase").get_to(row.phase);
  json.at("n_images").get_to(row.n_images);
  json.at("chosen").get_to(row.chosen);
  json.at("reason").get_to(row.reason);
}

void to_json(json& json, const HeightRow& row) {
  json = {{"level", row.level},       {"treated", row.is_treated},          {"adjacent", row.is_adjacent}, {"before_mm", row.before_mm},
          {"after_mm", row.after_mm}, {"loss_fraction", row.loss_fraction}, {"fracture", row.fracture}};
}

void from_json(const json& json, HeightRow& row) {
  json.at("level").get_to(row.level);
  json.at("treated").get_to(row.is_treated);
  json.at("adjacent").get_to(row.is_adjacent);
  json.at("before_mm").get_to(row.before_mm);
  json.at("after_mm").get_to(row.after_mm);
  json.at("loss_fraction").get_to(row.loss_fraction);
  json.at("fracture").get_to(row.fracture);
}

void to_json(json& json, const HeightTable& table) {
  json = {{"before", table.before}, {"after", table.after}, {"in_mm", table.is_in_mm}, {"rows", table.rows}};
}

void from_json(const json& json, HeightTable& table) {
  json.at("before").get_to(table.before);
  json.at("after").get_to(table.after);
  json.at("in_mm").get_to(table.is_in_mm);
  json.at("rows").get_to(table.rows);
}

void to_json(json& json, const CaseResult& result) {
  json = json::object();
  visit_plain_members(result, [&](const char* key, const auto& member) { json[key] = member; });
  json["leakage_type"] = to_string(result.leakage_type);
  json["distribution"] = to_string(result.distribution);
}

void from_json(const json& json, CaseResult& result) {
  visit_plain_members(result, [&](const char* key, auto& member) { json.at(key).get_to(member); });
  result.leakage_type = imaging::leakage_type_of(json.at("leakage_type"));
  result.distribution = imaging::distribution_of(json.at("distribution"));
}

}  // namespace cemscope::cohort
