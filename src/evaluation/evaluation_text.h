#pragma once

#include <string>

#include "src/evaluation/evaluation.h"

namespace cemscope::evaluation {

/// "0.92 (0.65-0.99; 11/12)", or "-" when nothing was counted.
std::string words_of(const analysis::Share& share);
/// "0.81 (0.55-1.00)", "1.00" without limits, or "-".
std::string words_of(const std::optional<analysis::Kappa>& kappa);
std::string words_of(const std::optional<analysis::IntraclassCorrelation>& icc);
std::string words_of(const std::optional<analysis::Median>& median, int decimals);
/// "0.12 (-0.03-0.27)" as a value with its limits.
std::string words_of(double value, const std::optional<analysis::Interval>& ci, int decimals);
/// "2 not assessable, 1 not found", or "".
std::string words_of(const NotCompared& left_out);
/// "CT leakage", "patient soft_tissue_injury".
std::string title_of(const Where& where, const std::string& name);

/// The agreement as lines for a terminal; names no patient.
std::string to_text(const Evaluation& evaluation);

}  // namespace cemscope::evaluation
