#pragma once

#include <filesystem>
#include <optional>

namespace cemscope::commands {

/// `cemscope evaluate OUT --truth FILE [--masks DIR] [-o evaluation.json] [--report evaluation.html]`
struct EvaluateArguments {
  std::filesystem::path output_folder;           ///< of a finished `cemscope score`
  std::filesystem::path truth;                   ///< truth.json, or a reader's table in the columns of vertebrae.csv or patients.csv
  std::optional<std::filesystem::path> masks;    ///< a mask of the cement per patient; empty: those beside the truth
  std::optional<std::filesystem::path> results;  ///< every figure as JSON
  std::optional<std::filesystem::path> report;   ///< HTML
};

/// Prints the agreement with readers or a known truth on standard output and writes what was asked for. Returns 0. Throws Error when the
/// output or the truth cannot be read or they share no patient.
int run_evaluate(const EvaluateArguments& arguments);

}  // namespace cemscope::commands
