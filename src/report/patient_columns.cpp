#include "src/cohort/model_inputs.h"
#include "src/report/csv_cell.h"
#include "src/report/tables.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;
using PatientColumn = Column<CaseResult>;

PatientColumn text(const char* name, std::string CaseResult::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const CaseResult& r) { return text_cell(r.*member); }};
}

PatientColumn list(const char* name, std::vector<std::string> CaseResult::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const CaseResult& r) { return list_cell(r.*member); }};
}

PatientColumn finding(const char* name, imaging::Finding CaseResult::*member, const char* meaning) {
  return {name, "", kAnswers, meaning, [member](const CaseResult& r) { return imaging::to_string((r.*member).answer); }};
}

PatientColumn number(const char* name, const char* unit, int decimals, std::optional<double> CaseResult::*member, const char* meaning) {
  return {name, unit, "number or empty", meaning, [member, decimals](const CaseResult& r) { return number_cell(r.*member, decimals); }};
}

const cohort::ModelInput& input_of(const CaseResult& result, const std::string& name) {
  static const cohort::ModelInput unknown;
  const auto found = result.inputs.find(name);
  return found == result.inputs.end() ? unknown : found->second;
}

std::vector<PatientColumn> who_and_what() {
  return {
      text("patient_id", &CaseResult::patient_id, "text", "PatientID as in DICOM, or the pseudonym"),
      text("case_id", &CaseResult::case_id, "text", "the patient's folder below cases/"),
      text("surgery_date", &CaseResult::surgery_date, "YYYY-MM-DD or empty",
           "date of the augmentation, from the clinical table or inferred when unambiguous"),
      text("ct_series_uid", &CaseResult::ct_series_uid, "UID or empty", "the post-operative CT series that was measured"),
      text("ap_uid", &CaseResult::ap_uid, "UID or empty", "the anteroposterior film that was read"),
      text("lateral_uid", &CaseResult::lateral_uid, "UID or empty", "the lateral film that was read"),
      text("mr_series_uid", &CaseResult::mr_series_uid, "UID or empty", "the MR series that was read"),
      list("treated_levels", &CaseResult::treated_levels, "T12;L1 ... or empty",
           "treated vertebrae from top to bottom; the clinical table's when given"),
      number("cement_ml", "mL", 3, &CaseResult::cement_ml, "cement volume, mean per treated vertebra"),
      finding("leakage", &CaseResult::leakage, "cement outside any treated vertebra"),
      finding("leakage_radiographic", &CaseResult::leakage_radiographic, "leak that a radiograph would show; feeds the model's leakage"),
  };
}

std::vector<PatientColumn> findings() {
  return {
      {"leakage_type", "", "none | paravertebral | other | both | not_assessable",
       "where the leaks are; other: disc, canal, foramen or vessel",
       [](const CaseResult& r) { return imaging::to_string(r.leakage_type); }},
      finding("midline_crossed", &CaseResult::midline_crossed, "cement crosses the midline in every treated vertebra"),
      {"distribution", "", "satisfactory | unsatisfactory | not_assessable", "worst assessable distribution of the treated vertebrae",
       [](const CaseResult& r) { return imaging::to_string(r.distribution); }},
      finding("soft_tissue_injury", &CaseResult::soft_tissue_injury, "high signal of the thoracolumbar fascia on MR"),
      number("soft_tissue_length_mm", "mm", 1, &CaseResult::soft_tissue_length_mm, "length of the injured strip"),
      number("soft_tissue_area_mm2", "mm2", 1, &CaseResult::soft_tissue_area_mm2, "area of the injured strip"),
      list("acute_levels", &CaseResult::acute_levels, "T12;L1 ... or empty", "levels with marrow oedema on MR"),
      finding("adjacent_fracture", &CaseResult::adjacent_fracture, "new fracture of the level above or below"),
      number("bmd_t_score", "SD", 2, &CaseResult::bmd_t_score, "DXA T-score of the clinical table"),
      number("hu_l1", "HU", 1, &CaseResult::hu_l1, "trabecular density of L1 or the nearest usable level; never stands in for the T-score"),
      number("compression", "1", 3, &CaseResult::compression, "largest loss of height of the treated vertebrae, as a fraction"),
  };
}

std::vector<PatientColumn> risk() {
  return {
      text("stage", &CaseResult::stage, "preop | postop | followup", "what the patient's studies and the table let the model know"),
      number("risk", "1", 6, &CaseResult::risk, "probability of poor efficacy (VAS >= 4 within a month)"),
      number("risk_low", "1", 6, &CaseResult::risk_low, "lower end of the 95 % interval, widened over the missing inputs"),
      number("risk_high", "1", 6, &CaseResult::risk_high, "upper end of the 95 % interval, widened over the missing inputs"),
      number("risk_if_adjacent_fracture", "1", 6, &CaseResult::risk_if_adjacent_fracture, "the risk should an adjacent fracture occur"),
      number("linear_predictor", "1", 6, &CaseResult::linear_predictor, "log odds of the risk at the prevalence used"),
      number("prevalence", "1", 6, &CaseResult::prevalence, "prevalence of poor efficacy that the risk is meant for"),
      text("model", &CaseResult::model, "name and version", "risk model"),
      list("missing", &CaseResult::missing, "names of inputs, ';' between", "model inputs that are unknown"),
      list("warnings", &CaseResult::warnings, "codes, ';' between",
           "what to know before trusting the row; <finding>:<reason> for what could not be assessed"),
  };
}

std::vector<PatientColumn> provenance_of_inputs() {
  std::vector<PatientColumn> columns;
  for (const std::string name : cohort::kModelInputNames) {
    columns.push_back({name + "_source", "", "CT | XR | MR | clinical | none", "where the model input " + name + " is from",
                       [name](const CaseResult& r) { return text_cell(input_of(r, name).source); }});
    columns.push_back(
        {name + "_confidence", "1", "0 to 1 or empty", "how sure the model input " + name + " is", [name](const CaseResult& r) {
           const auto& input = input_of(r, name);
           return input.value ? number_cell(input.confidence, 3) : std::string{};
         }});
  }
  return columns;
}

}  // namespace

const std::vector<PatientColumn>& patient_columns() {
  static const auto columns = [] {
    auto all = who_and_what();
    for (const auto& part : {findings(), risk(), provenance_of_inputs()}) all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return columns;
}

}  // namespace cemscope::report
