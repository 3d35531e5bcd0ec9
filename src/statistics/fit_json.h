#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/statistics/fit_analysis.h"

namespace cemscope::statistics {

/// The analysis in the names and nesting of the reference values (CONTRACT.md); what does not exist is null, never NaN.
nlohmann::json to_results_json(const FitAnalysis& analysis);

/// One ROC curve; points only when there are at most 100.
nlohmann::json roc_json(const analysis::RocAnalysis& roc, bool with_points);

/// A number, or null when it is not finite.
nlohmann::json number_or_null(double value);

}  // namespace cemscope::statistics
