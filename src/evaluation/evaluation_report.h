#pragma once

#include <string>

#include "src/evaluation/evaluation.h"

namespace cemscope::evaluation {

/// A self-contained HTML page: detection, findings, categories, measurements with their Bland-Altman plots, Dice, what went wrong where,
/// and how the figures were made. `subtitle` says which output was held against which truth.
std::string render_evaluation(const Evaluation& evaluation, const std::string& subtitle);

}  // namespace cemscope::evaluation
