#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "analysis/risk.h"

namespace cemscope::commands {

/// `cemscope predict FEATURES.csv --model NAME|FILE [--prevalence P] [--stage preop|postop|followup] -o scored.csv`
struct PredictArguments {
  std::filesystem::path features;
  std::string model = "liu-2021";
  std::filesystem::path output;
  std::optional<double> prevalence;
  /// Whether an empty `followup` input means "not yet" (preop, postop) or "unknown" (followup); a `stage` column overrules it per row.
  analysis::Stage stage = analysis::Stage::postop;
};

/// Scores every row of a table without images (CONTRACT.md's columns). Returns 0, or 3 when some rows could not be scored (they have the
/// reason in the column `error`). Throws Error when the table lacks every input of the model or a column's unit or coding contradicts it.
int run_predict(const PredictArguments& arguments);

}  // namespace cemscope::commands
