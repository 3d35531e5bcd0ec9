#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/agreement.h"
#include "src/evaluation/measures.h"
#include "src/evaluation/readings.h"

namespace cemscope::evaluation {

/// Where a measure was compared: of vertebrae in a modality, or of patients (modality empty).
struct Where {
  Scope scope = Scope::vertebra;
  std::string modality;
};

/// Things that were not compared, and why. None of them counts as right.
struct NotCompared {
  int not_assessable = 0;  ///< the program gave no answer
  int not_found = 0;       ///< the vertebra was not found, or the patient not scored
  int borderline = 0;      ///< either answer would be right
  int clinical = 0;        ///< the answer was copied from the clinical table
};

/// A yes/no finding against the truth.
struct FindingResult {
  Where where;
  std::string name;
  analysis::AnswersAgainstTruth counts = {};
  NotCompared left_out = {};
  analysis::Share sensitivity = {}, specificity = {}, ppv = {}, npv = {}, accuracy = {};
  analysis::Share right_of_all = {};  ///< right answers among all that have a truth, unanswered ones included
  std::optional<analysis::Kappa> kappa = {};
};

/// A finding with several answers: a table of counts, truth in rows.
struct CategoryResult {
  Where where;
  std::string name;
  std::vector<std::string> words;
  Eigen::MatrixXd counts;
  NotCompared left_out = {};
  analysis::Share accuracy = {};
  std::optional<analysis::Kappa> kappa = {};  ///< weighted linearly when the words are ordered
};

/// A measured number against the true one; differences are said minus true.
struct NumberResult {
  Where where;
  std::string name, unit;
  std::vector<double> truth = {}, said = {};
  NotCompared left_out = {};
  std::optional<analysis::BlandAltman> differences = {};
  std::optional<analysis::IntraclassCorrelation> icc = {};
  std::optional<analysis::Median> absolute_error = {},
                                  relative_error = {};  ///< the latter of |said / true - 1| of volumes, lengths and areas above 0
  double worst_absolute = 0, worst_relative = 0;
};

/// Things looked for: found, missed, and said where there are none.
struct DetectionResult {
  std::string name, modality = {};
  int found = 0, missed = 0, invented = 0;
  int level_right = 0, level_wrong = 0, level_not_named = 0;  ///< of vertebrae found
  analysis::Share sensitivity = {}, ppv = {};
};

/// Overlap of the cement's voxels with a reader's or the true mask, one value per patient.
struct DiceResult {
  std::vector<double> values;
  int without_label = 0;  ///< true cement and no cement.nrrd: counted with a Dice of 0
  std::optional<analysis::Median> median;
  std::optional<double> mean, worst;
  std::optional<analysis::Interval> mean_ci;
};

struct Evaluation {
  int n_patients = 0, n_scored = 0;  ///< in the truth; of these in the output
  int n_without_truth = 0;           ///< in the output only
  std::vector<DetectionResult> detections;
  std::vector<FindingResult> findings;
  std::vector<CategoryResult> categories;
  std::vector<NumberResult> numbers;
  std::optional<DiceResult> dice;
  std::vector<std::string> notes;  ///< what went wrong where, with patient IDs: for files, not for logs
};

/// Compares an output with a truth, measure by measure; measures of which the truth says nothing are left out. Throws Error{inconsistent}
/// when no patient of the truth is in the output.
Evaluation evaluate(const Readings& truth, const Readings& said);

}  // namespace cemscope::evaluation
