#pragma once

#include <string>

#include "analysis/risk.h"
#include "src/statistics/fit_analysis.h"

namespace cemscope::statistics {

/// The analysis as a risk model for a model file: contract names and units where the columns are known, two-valued codes made 0/1, a
/// T-score entered as its decrease, covariance centred at the means, Firth's intercept refitted (FLIC), prevalence as given or as in the
/// sample. `fingerprint` names the training data. Throws Error{usage} when there is no estimate or a term (spline, missing-value
/// indicator) that a model file cannot hold.
analysis::RiskModel model_of(const FitAnalysis& analysis, const std::string& fingerprint);

}  // namespace cemscope::statistics
