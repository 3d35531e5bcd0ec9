#include "src/cohort/model_inputs.h"

#include <algorithm>
#include <numeric>

namespace cemscope::cohort {
namespace {

using imaging::Answer;
using imaging::Distribution;
using imaging::Finding;
using imaging::LeakageType;
using imaging::VertebraMeasurement;

using Measurements = std::vector<const VertebraMeasurement*>;
using Levels = std::vector<std::string>;

constexpr const char* kEarlierCement = "cement_of_earlier_operation";

bool contains(const Levels& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

/// The vertebrae of the operation in question.
Measurements measurements_of(const CaseResult& result, const std::string& modality) {
  Measurements all;
  for (const auto& row : result.vertebrae)
    if (row.modality == modality && !contains(row.measurement.warnings, kEarlierCement)) all.push_back(&row.measurement);
  return all;
}

Levels measured_levels(const Measurements& vertebrae) {
  Levels levels;
  for (const auto* vertebra : vertebrae)
    if (!vertebra->level.empty()) levels.push_back(vertebra->level);
  return levels;
}

/// Marks vertebrae that hold cement at levels which the clinical table does not name, where all that it names were seen by name.
void mark_earlier_cement(CaseResult& result, const Levels& told) {
  if (told.empty()) return;
  for (const char* modality : {"CT", "XR"}) {
    const auto seen = measured_levels(measurements_of(result, modality));
    if (!std::all_of(told.begin(), told.end(), [&](const auto& level) { return contains(seen, level); })) continue;
    for (auto& row : result.vertebrae)
      if (row.modality == modality && !row.measurement.level.empty() && !contains(told, row.measurement.level))
        row.measurement.warnings.emplace_back(kEarlierCement);
  }
}

/// Which modality the patient's findings come from: the CT once one was read, else the films.
const char* main_modality(const CaseResult& result) {
  const bool has_films = !result.ap_uid.empty() || !result.lateral_uid.empty();
  return result.ct_series_uid.empty() && measurements_of(result, "CT").empty() && has_films ? "XR" : "CT";
}

/// Why nothing was measured, for findings that need it.
std::string missing_reason(const CaseResult& result) {
  const auto has = [&](const char* code) { return contains(result.warnings, code); };
  if (std::string(main_modality(result)) == "XR")
    return has("no_cement_found_on_films") ? "no_cement_found_on_films" : "no_treated_vertebra_found";
  for (const char* code : {"no_postoperative_ct", "ct_unreadable", "no_cement_found"})
    if (has(code)) return code;
  return "no_treated_vertebra_found";
}

std::vector<Finding> findings_of(const Measurements& vertebrae, Finding VertebraMeasurement::*member) {
  std::vector<Finding> findings;
  for (const auto* vertebra : vertebrae) findings.push_back(vertebra->*member);
  return findings;
}

Finding combine(const std::vector<Finding>& findings, Answer decisive, bool all_treated_seen) {
  const Answer other = decisive == Answer::yes ? Answer::no : Answer::yes;
  Finding best{Answer::not_assessable, 0.0, ""};
  double least = 1.0;
  for (const auto& finding : findings) {
    if (finding.answer == decisive && (best.answer != decisive || finding.confidence > best.confidence))
      best = {decisive, finding.confidence, ""};
    if (finding.answer == Answer::not_assessable && best.answer != decisive && best.reason.empty()) best.reason = finding.reason;
    least = std::min(least, finding.confidence);
  }
  if (best.answer == decisive) return best;
  const bool all_other = std::all_of(findings.begin(), findings.end(), [&](const Finding& f) { return f.answer == other; });
  if (!findings.empty() && all_other && all_treated_seen) return {other, least, ""};
  if (best.reason.empty())
    best.reason = findings.empty() ? "no_treated_vertebra_found" : all_other ? "treated_level_not_found" : "not_assessable";
  return best;
}

LeakageType combined_type(const Measurements& vertebrae, Answer leakage) {
  if (leakage == Answer::no) return LeakageType::none;
  bool paravertebral = false, other = false, unknown = leakage != Answer::yes;
  for (const auto* vertebra : vertebrae) {
    paravertebral |= vertebra->leakage_type == LeakageType::paravertebral || vertebra->leakage_type == LeakageType::both;
    other |= vertebra->leakage_type == LeakageType::other || vertebra->leakage_type == LeakageType::both;
    unknown |= vertebra->leakage_type == LeakageType::not_assessable;
  }
  if (paravertebral && other) return LeakageType::both;
  if (unknown || (!paravertebral && !other)) return LeakageType::not_assessable;
  return paravertebral ? LeakageType::paravertebral : LeakageType::other;
}

struct WorstDistribution {
  Distribution distribution = Distribution::not_assessable;
  double confidence = 0.0;
  std::string reason;
};

WorstDistribution worst_distribution(const Measurements& vertebrae) {
  WorstDistribution worst;
  for (const auto* vertebra : vertebrae) {
    const auto rank = [](Distribution d) { return d == Distribution::unsatisfactory ? 2 : d == Distribution::satisfactory ? 1 : 0; };
    const int here = rank(vertebra->distribution), so_far = rank(worst.distribution);
    if (here == 0 && worst.reason.empty()) worst.reason = vertebra->distribution_reason;
    if (here < so_far || here == 0) continue;
    // Of several bad ones the surest counts; "satisfactory" is as sure as the least sure one.
    const bool is_first = here > so_far;
    const double sure = here == 2 ? std::max(worst.confidence, vertebra->distribution_confidence)
                                  : std::min(worst.confidence, vertebra->distribution_confidence);
    worst.confidence = is_first ? vertebra->distribution_confidence : sure;
    worst.distribution = vertebra->distribution;
  }
  return worst;
}

ModelInput input_of(const Finding& finding, const char* source) {
  if (finding.answer == Answer::not_assessable) return {};
  return {finding.answer == Answer::yes ? 1.0 : 0.0, source, finding.confidence};
}

ModelInput input_of(const WorstDistribution& worst, const char* source) {
  if (worst.distribution == Distribution::not_assessable) return {};
  return {worst.distribution == Distribution::unsatisfactory ? 1.0 : 0.0, source, worst.confidence};
}

/// Mean over the treated vertebrae with a measured volume.
ModelInput mean_cement(const Measurements& vertebrae) {
  double sum_ml = 0.0, confidence = 1.0;
  int n = 0;
  for (const auto* vertebra : vertebrae) {
    if (!vertebra->cement_ml) continue;
    sum_ml += *vertebra->cement_ml;
    confidence = std::min(confidence, vertebra->confidence);
    ++n;
  }
  if (n == 0) return {};
  return {sum_ml / n, "CT", confidence};
}

std::optional<double> worst_compression(const Measurements& vertebrae) {
  std::optional<double> worst;
  for (const auto* vertebra : vertebrae)
    if (vertebra->compression) worst = std::max(worst.value_or(*vertebra->compression), *vertebra->compression);
  return worst;
}

/// The film's own answer where there is one (DEFINITIONS: seen on X-ray), else what CT says would be seen. A film misses most small leaks:
/// its `no` gives way to a CT that is surer.
void take_radiographic_leakage(CaseResult& result, std::size_t n_told) {
  const auto on_film = measurements_of(result, "XR");
  const auto seen = any_yes(findings_of(on_film, &VertebraMeasurement::leakage_radiographic), on_film.size() >= n_told);
  const auto& on_ct = result.leakage_radiographic;
  const bool is_surer_than_ct = seen.answer == Answer::yes || on_ct.answer == Answer::not_assessable || seen.confidence >= on_ct.confidence;
  const bool is_from_film = seen.answer != Answer::not_assessable && is_surer_than_ct;
  if (is_from_film) result.leakage_radiographic = seen;
  result.inputs["leakage"] = input_of(result.leakage_radiographic, is_from_film ? "XR" : main_modality(result));
}

void fill_from_images(CaseResult& result, std::size_t n_told) {
  const char* modality = main_modality(result);
  const auto vertebrae = measurements_of(result, modality);
  const bool all_treated_seen = vertebrae.size() >= n_told;
  result.leakage = any_yes(findings_of(vertebrae, &VertebraMeasurement::leakage), all_treated_seen);
  result.leakage_radiographic = any_yes(findings_of(vertebrae, &VertebraMeasurement::leakage_radiographic), all_treated_seen);
  result.midline_crossed = all_yes(findings_of(vertebrae, &VertebraMeasurement::midline_crossed), all_treated_seen);
  result.leakage_type = combined_type(vertebrae, result.leakage.answer);
  const auto worst = worst_distribution(vertebrae);
  result.distribution = worst.distribution;
  result.compression = worst_compression(vertebrae);
  take_radiographic_leakage(result, n_told);
  result.inputs["distribution_unsatisfactory"] = input_of(worst, modality);
  result.inputs["cement_ml"] = mean_cement(vertebrae);
  if (!vertebrae.empty()) return;
  const auto reason = missing_reason(result);
  for (auto* finding : {&result.leakage, &result.leakage_radiographic, &result.midline_crossed})
    if (finding->answer == Answer::not_assessable) finding->reason = reason;
}

void take_clinical_answer(CaseResult& result, const ClinicalRow& clinical, const char* name, Finding& finding) {
  const auto given = clinical.yes_no.find(name);
  if (given == clinical.yes_no.end()) return;
  finding = {given->second ? Answer::yes : Answer::no, 1.0, ""};
  result.inputs[name] = input_of(finding, "clinical");
}

void take_clinical_number(CaseResult& result, const ClinicalRow& clinical, const char* name) {
  const auto given = clinical.numbers.find(name);
  if (given != clinical.numbers.end()) result.inputs[name] = {given->second, "clinical", 1.0};
}

void take_covariates(CaseResult& result, const ClinicalRow& clinical) {
  result.covariates = clinical.covariates;
  for (const auto& [name, text] : clinical.texts) result.covariates[name] = text;
}

void take_clinical(CaseResult& result, const ClinicalRow& clinical) {
  take_clinical_answer(result, clinical, "adjacent_fracture", result.adjacent_fracture);
  take_clinical_answer(result, clinical, "soft_tissue_injury", result.soft_tissue_injury);
  take_clinical_number(result, clinical, "bmd_t_score");
  take_clinical_number(result, clinical, "cement_ml");
  take_covariates(result, clinical);
}

void note_reasons(CaseResult& result) {
  const auto note = [&](const char* name, const Finding& finding) {
    if (finding.answer == Answer::not_assessable && !finding.reason.empty())
      result.warnings.push_back(std::string(name) + ":" + finding.reason);
  };
  note("leakage", result.leakage);
  note("leakage_radiographic", result.leakage_radiographic);
  note("midline_crossed", result.midline_crossed);
  note("soft_tissue_injury", result.soft_tissue_injury);
  note("adjacent_fracture", result.adjacent_fracture);
  if (result.distribution == Distribution::not_assessable) {
    const auto vertebrae = measurements_of(result, main_modality(result));
    const auto reason = vertebrae.empty() ? missing_reason(result) : worst_distribution(vertebrae).reason;
    if (!reason.empty()) result.warnings.push_back("distribution:" + reason);
  }
}

void list_missing(CaseResult& result) {
  result.missing.clear();
  for (const char* name : kModelInputNames)
    if (!result.inputs[name].value) result.missing.emplace_back(name);
}

}  // namespace

Finding any_yes(const std::vector<Finding>& findings, bool all_treated_seen) { return combine(findings, Answer::yes, all_treated_seen); }

Finding all_yes(const std::vector<Finding>& findings, bool all_treated_seen) { return combine(findings, Answer::no, all_treated_seen); }

void fill_patient_findings(CaseResult& result, const std::optional<ClinicalRow>& clinical) {
  if (clinical) mark_earlier_cement(result, clinical->treated_levels);
  const auto vertebrae = measurements_of(result, main_modality(result));
  const auto n_told = clinical ? clinical->treated_levels.size() : 0;
  const bool all_treated_seen = vertebrae.size() >= n_told;
  result.treated_levels = n_told > 0 ? clinical->treated_levels : measured_levels(vertebrae);
  if (!vertebrae.empty() && !all_treated_seen) result.warnings.emplace_back("treated_level_not_found");
  if (result.adjacent_fracture.answer == Answer::not_assessable && result.adjacent_fracture.reason.empty())
    result.adjacent_fracture.reason = "one_time_point";
  for (const char* name : kModelInputNames) result.inputs.try_emplace(name);  // MR and follow-up have put theirs
  fill_from_images(result, n_told);
  if (clinical) take_clinical(result, *clinical);
  result.bmd_t_score = result.inputs["bmd_t_score"].value;
  result.cement_ml = result.inputs["cement_ml"].value;
  list_missing(result);
  note_reasons(result);
}

}  // namespace cemscope::cohort
