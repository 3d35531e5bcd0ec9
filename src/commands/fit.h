#pragma once

#include <filesystem>
#include <optional>

#include "src/statistics/fit_options.h"

namespace cemscope::commands {

enum class ReportLanguage { english, chinese };

/// `cemscope fit COHORT.csv [--outcome COLUMN] [--predictors A,B] [--penalty none|firth] -o model.json [--results F] [--report F]`
struct FitArguments {
  std::filesystem::path cohort;
  statistics::FitOptions options;  ///< outcome, predictors, penalty (automatic when not given), missing, selection, weights, cluster ...
  std::optional<std::filesystem::path> model;    ///< -o: the model file to write
  std::optional<std::filesystem::path> results;  ///< --results: every figure as JSON
  std::optional<std::filesystem::path> report;   ///< --report: self-contained HTML; figures beside it as SVG and PNG
  ReportLanguage language = ReportLanguage::english;
};

/// Runs the analysis and writes what was asked for; a short summary goes to stdout. Returns the exit code: 0, or 2 when no model can be
/// fitted (one class, more parameters than patients, separation with --penalty none); the results file is written even then.
/// Throws Error for input that cannot be used.
int run_fit(const FitArguments& arguments);

}  // namespace cemscope::commands
