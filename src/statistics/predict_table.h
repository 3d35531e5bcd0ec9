#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/risk.h"
#include "src/statistics/table.h"

namespace cemscope::statistics {

/// A row of a table scored: the estimate, or why there is none.
struct PredictedRow {
  std::string id;  ///< the identifier column, or the row's line number
  std::optional<analysis::RiskEstimate> estimate;
  std::string error;
};

/// Scores each row. Columns are found by the input's name or a usual synonym; yes/no words are taken for 0/1; missing cells are unknown;
/// a `stage` column (preop, postop, followup) overrules `options.stage`. A row with a text in a number, a code other than 0/1, or a
/// T-score whose `<input>_source` says QCT gets an error. Throws Error{inconsistent} when the table has none of the inputs, or a whole
/// column is coded 1/2 where the model wants 0/1.
std::vector<PredictedRow> predict_table(const Table& table, const analysis::RiskModel& model, const analysis::RiskOptions& options);

/// "preop", "postop", "followup"; empty for another word.
std::optional<analysis::Stage> parse_stage(std::string_view word);

}  // namespace cemscope::statistics
