#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/evaluation/readings.h"

namespace cemscope::evaluation {

/// Whether a column belongs to vertebrae.csv or to patients.csv.
enum class Scope { vertebra, patient };

/// A yes/no finding. With `yes_word` its column holds words, and that word means yes, `no_word` no; with `yes_from_ml` it holds a volume.
struct FindingMeasure {
  Scope scope;
  std::string name, column;
  std::string yes_word = {}, no_word = {};
  std::optional<double> yes_from_ml = {};
  std::string source_input = {};  ///< patient scope: the model input whose `<input>_source` says where the answer is from
};

/// A finding with more than two answers; `is_ordered` ones get a weighted kappa.
struct CategoryMeasure {
  Scope scope;
  std::string column;
  std::vector<std::string> words;
  bool is_ordered = false;
};

struct NumberMeasure {
  Scope scope;
  std::string column, unit;
  std::string source_input = {};
};

const std::vector<FindingMeasure>& finding_measures();
const std::vector<CategoryMeasure>& category_measures();
const std::vector<NumberMeasure>& number_measures();

/// The row's answer; empty when it gives none (not_assessable, empty, or a leak's volume where leakage itself is not_assessable).
std::optional<bool> answer_in(const Cells& cells, const FindingMeasure& measure);

/// Index of the row's word among the measure's; empty when it is none of them.
std::optional<std::size_t> category_in(const Cells& cells, const CategoryMeasure& measure);

/// Throws Error{inconsistent} naming `place` and the column when a cell of a known column is neither one of its words nor, where a number
/// belongs, a number.
void check_words(const Cells& cells, Scope scope, const std::string& place);

}  // namespace cemscope::evaluation
