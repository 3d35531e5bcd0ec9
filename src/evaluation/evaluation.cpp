#include "src/evaluation/evaluation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/cohort/clinical_values.h"
#include "src/evaluation/vertebra_match.h"

namespace cemscope::evaluation {
namespace {

/// A truth and what was said of the same thing (null when it was not found), in one place of the comparison.
struct Pair {
  const Cells* truth = nullptr;
  const std::set<std::string>* borderline = nullptr;
  const Cells* said = nullptr;
  std::string who;
};

using Pairs = std::vector<Pair>;

bool is_clinical(const Pair& pair, const std::string& source_input) {
  return !source_input.empty() && text_in(*pair.said, source_input + "_source") == "clinical";
}

/// Whether the pair can be compared; if not, counts why.
bool is_compared(const Pair& pair, const std::string& column, const std::string& source_input, bool is_answered, NotCompared& left_out) {
  if (pair.borderline->contains(column)) return ++left_out.borderline, false;
  if (pair.said == nullptr) return ++left_out.not_found, false;
  if (is_clinical(pair, source_input)) return ++left_out.clinical, false;
  if (!is_answered) return ++left_out.not_assessable, false;
  return true;
}

void count_answer(analysis::AnswersAgainstTruth& counts, bool is_true, bool is_said) {
  ++(is_true ? is_said ? counts.true_yes : counts.false_no : is_said ? counts.false_yes : counts.true_no);
}

void finish(FindingResult& result) {
  const auto& c = result.counts;
  result.sensitivity = analysis::share_of(c.true_yes, c.true_yes + c.false_no);
  result.specificity = analysis::share_of(c.true_no, c.true_no + c.false_yes);
  result.ppv = analysis::share_of(c.true_yes, c.true_yes + c.false_yes);
  result.npv = analysis::share_of(c.true_no, c.true_no + c.false_no);
  result.accuracy = analysis::share_of(c.true_yes + c.true_no, c.total());
  result.right_of_all = analysis::share_of(c.true_yes + c.true_no, c.total() + result.left_out.not_assessable + result.left_out.not_found);
  Eigen::MatrixXd table(2, 2);
  table << c.true_yes, c.false_no, c.false_yes, c.true_no;
  result.kappa = analysis::cohen_kappa(table);
}

/// Whether an error in percent says something: not of fractions and densities, whose zero is near.
bool is_of_ratio_scale(const std::string& unit) { return unit == "mL" || unit == "mm" || unit == "mm2"; }

int n_left_out(const NotCompared& left_out) {
  return left_out.not_assessable + left_out.not_found + left_out.borderline + left_out.clinical;
}

std::string in_words(const Where& where) { return where.modality.empty() ? "" : where.modality + " "; }

/// Compares all pairs of one place (CT vertebrae, XR vertebrae or patients).
class Comparison {
 public:
  Comparison(Where where, const Pairs& pairs, Evaluation& evaluation) : where_(std::move(where)), pairs_(pairs), evaluation_(evaluation) {}

  void run() {
    for (const auto& measure : finding_measures())
      if (measure.scope == where_.scope) compare(measure);
    for (const auto& measure : category_measures())
      if (measure.scope == where_.scope) compare(measure);
    for (const auto& measure : number_measures())
      if (measure.scope == where_.scope) compare(measure);
  }

 private:
  void note(const Pair& pair, const std::string& name, const std::string& truth, const std::string& said) {
    evaluation_.notes.push_back(fmt::format("{}{}: {} is {}, said {}", in_words(where_), pair.who, name, truth, said));
  }

  void compare(const FindingMeasure& measure) {
    FindingResult result{.where = where_, .name = measure.name};
    for (const auto& pair : pairs_) {
      const auto truth = answer_in(*pair.truth, measure);
      if (!truth) continue;
      const auto said = pair.said != nullptr ? answer_in(*pair.said, measure) : std::nullopt;
      if (!is_compared(pair, measure.column, measure.source_input, said.has_value(), result.left_out)) continue;
      count_answer(result.counts, *truth, said.value());
      if (*truth != said.value()) note(pair, measure.name, *truth ? "yes" : "no", *truth ? "no" : "yes");
    }
    if (result.counts.total() + n_left_out(result.left_out) == 0) return;
    finish(result);
    evaluation_.findings.push_back(std::move(result));
  }

  void compare(const CategoryMeasure& measure) {
    const auto n = static_cast<Eigen::Index>(measure.words.size());
    CategoryResult result{.where = where_, .name = measure.column, .words = measure.words, .counts = Eigen::MatrixXd::Zero(n, n)};
    for (const auto& pair : pairs_) {
      const auto truth = category_in(*pair.truth, measure);
      if (!truth) continue;
      const auto said = pair.said != nullptr ? category_in(*pair.said, measure) : std::nullopt;
      if (is_compared(pair, measure.column, {}, said.has_value(), result.left_out))
        ++result.counts(static_cast<Eigen::Index>(*truth), static_cast<Eigen::Index>(*said));
    }
    if (result.counts.sum() + n_left_out(result.left_out) == 0) return;
    result.accuracy = analysis::share_of(result.counts.trace(), result.counts.sum());
    result.kappa = analysis::cohen_kappa(result.counts, measure.is_ordered ? analysis::KappaWeights::linear : analysis::KappaWeights::none);
    evaluation_.categories.push_back(std::move(result));
  }

  void compare(const NumberMeasure& measure) {
    NumberResult result{.where = where_, .name = measure.column, .unit = measure.unit};
    for (const auto& pair : pairs_) {
      const auto truth = number_in(*pair.truth, measure.column);
      if (!truth) continue;
      const auto said = pair.said != nullptr ? number_in(*pair.said, measure.column) : std::nullopt;
      if (!is_compared(pair, measure.column, measure.source_input, said.has_value(), result.left_out)) continue;
      result.truth.push_back(*truth);
      result.said.push_back(said.value_or(0));
    }
    // A film gives no volumes: a measure that nobody made is no failure there.
    if (result.truth.empty() && (where_.modality == "XR" || n_left_out(result.left_out) == 0)) return;
    finish_number(result);
    evaluation_.numbers.push_back(std::move(result));
  }

  static void finish_number(NumberResult& result) {
    const auto n = static_cast<Eigen::Index>(result.truth.size());
    Eigen::MatrixXd ratings(n, 2);
    std::vector<double> differences, absolute, relative;
    for (std::size_t i = 0; i < result.truth.size(); ++i) {
      const double truth = result.truth[i], difference = result.said[i] - truth;
      ratings.row(static_cast<Eigen::Index>(i)) << truth, result.said[i];
      differences.push_back(difference);
      absolute.push_back(std::abs(difference));
      if (truth > 0 && is_of_ratio_scale(result.unit)) relative.push_back(std::abs(difference) / truth);
    }
    if (absolute.empty()) return;
    result.differences = analysis::bland_altman(differences);
    result.icc = analysis::icc_agreement(ratings);
    result.absolute_error = analysis::median_of(absolute);
    result.worst_absolute = *std::max_element(absolute.begin(), absolute.end());
    if (relative.empty()) return;
    result.relative_error = analysis::median_of(relative);
    result.worst_relative = *std::max_element(relative.begin(), relative.end());
  }

  Where where_;
  const Pairs& pairs_;
  Evaluation& evaluation_;
};

void finish(DetectionResult& result) {
  result.sensitivity = analysis::share_of(result.found, result.found + result.missed);
  result.ppv = analysis::share_of(result.found, result.found + result.invented);
}

void count_level(DetectionResult& result, const MatchedVertebra& pair) {
  if (pair.truth->level.empty()) return;
  ++(pair.said->level.empty() ? result.level_not_named : pair.said->level == pair.truth->level ? result.level_right : result.level_wrong);
}

std::string vertebra_name(const std::string& patient_id, const VertebraReading& vertebra, std::size_t number) {
  return vertebra.level.empty() ? fmt::format("{} vertebra {}", patient_id, number) : patient_id + " " + vertebra.level;
}

/// One patient of the truth in one modality.
void add_vertebrae(const std::string& patient_id, const VertebraMatch& match, DetectionResult& detection, Pairs& pairs,
                   std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < match.pairs.size(); ++i) {
    const auto& pair = match.pairs[i];
    const auto who = vertebra_name(patient_id, *pair.truth, i + 1);
    pairs.push_back({&pair.truth->cells, &pair.truth->borderline, pair.said != nullptr ? &pair.said->cells : nullptr, who});
    if (pair.said == nullptr) {
      ++detection.missed;
      notes.push_back(fmt::format("{} {}: not found", detection.modality, who));
      continue;
    }
    ++detection.found;
    count_level(detection, pair);
  }
  detection.invented += static_cast<int>(match.invented.size());
  if (!match.invented.empty())
    notes.push_back(fmt::format("{} {}: {} untreated vertebra(e) reported", detection.modality, patient_id, match.invented.size()));
}

void compare_modality(const std::string& modality, const Readings& truth, const Readings& said, Evaluation& evaluation) {
  static const PatientReading nobody;
  DetectionResult detection{.name = "treated vertebra", .modality = modality};
  Pairs pairs;
  for (const auto& [id, patient] : truth.patients) {
    if (!patient.modalities.contains(modality)) continue;
    const auto at = said.patients.find(id);
    add_vertebrae(id, match_vertebrae(patient, at == said.patients.end() ? nobody : at->second, modality), detection, pairs,
                  evaluation.notes);
  }
  if (detection.found + detection.missed + detection.invented > 0) {
    finish(detection);
    evaluation.detections.push_back(detection);
  }
  Comparison({Scope::vertebra, modality}, pairs, evaluation).run();
}

void compare_patients(const Readings& truth, const Readings& said, Evaluation& evaluation) {
  Pairs pairs;
  for (const auto& [id, patient] : truth.patients) {
    const auto at = said.patients.find(id);
    pairs.push_back({&patient.cells, &patient.borderline, at == said.patients.end() ? nullptr : &at->second.cells, id});
  }
  Comparison({Scope::patient, ""}, pairs, evaluation).run();
}

std::set<std::string> acute_levels(const Cells& cells) {
  const auto levels = cohort::levels_of(text_in(cells, "acute_levels"));
  return levels ? std::set<std::string>(levels->begin(), levels->end()) : std::set<std::string>{};
}

/// Fresh fractures by their marrow oedema; the truth names them all where it names any.
void compare_acute_levels(const Readings& truth, const Readings& said, Evaluation& evaluation) {
  DetectionResult detection{.name = "acute level"};
  for (const auto& [id, patient] : truth.patients) {
    if (!patient.cells.contains("acute_levels")) continue;
    const auto at = said.patients.find(id);
    const auto wanted = acute_levels(patient.cells);
    const auto named = at == said.patients.end() ? std::set<std::string>{} : acute_levels(at->second.cells);
    for (const auto& level : wanted) ++(named.contains(level) ? detection.found : detection.missed);
    for (const auto& level : named) detection.invented += wanted.contains(level) ? 0 : 1;
  }
  if (detection.found + detection.missed + detection.invented == 0) return;
  finish(detection);
  evaluation.detections.push_back(detection);
}

void count_patients(const Readings& truth, const Readings& said, Evaluation& evaluation) {
  evaluation.n_patients = static_cast<int>(truth.patients.size());
  for (const auto& [id, patient] : truth.patients) {
    if (said.patients.contains(id))
      ++evaluation.n_scored;
    else
      evaluation.notes.push_back(id + ": not in the output");
  }
  evaluation.n_without_truth = static_cast<int>(said.patients.size()) - evaluation.n_scored;
  if (evaluation.n_scored == 0)
    throw Error(ErrorKind::inconsistent, "no patient of the truth is in the output: the patient IDs must be the same (not pseudonyms)");
}

}  // namespace

Evaluation evaluate(const Readings& truth, const Readings& said) {
  Evaluation evaluation;
  count_patients(truth, said, evaluation);
  for (const char* modality : {"CT", "XR"}) compare_modality(modality, truth, said, evaluation);
  compare_acute_levels(truth, said, evaluation);
  compare_patients(truth, said, evaluation);
  return evaluation;
}

}  // namespace cemscope::evaluation
