#pragma once

#include "analysis/risk.h"
#include "src/statistics/fit_analysis.h"

namespace cemscope::statistics {

/// The published model of `analysis.options.recalibrate`, brought to the cohort's own patients: a new intercept, or a new intercept and one
/// factor for all slopes (Steyerberg 2004; Vergouwe 2017 for the choice when it is left to the data). Where the data ask for a refit, the
/// refit itself. Throws Error{inconsistent} when the cohort lacks an input of the model or its outcomes bear no calibration.
analysis::RiskModel recalibrated_model(const FitAnalysis& analysis, const std::string& fingerprint);

}  // namespace cemscope::statistics
