#include "src/commands/evaluate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/evaluation/evaluation_json.h"
#include "src/evaluation/evaluation_report.h"
#include "src/evaluation/evaluation_text.h"
#include "src/evaluation/mask_overlap.h"
#include "src/report/atomic_file.h"

namespace cemscope::commands {
namespace {

std::filesystem::path mask_folder(const EvaluateArguments& arguments) {
  if (!arguments.masks) return arguments.truth.parent_path();
  if (!std::filesystem::is_directory(*arguments.masks))
    throw Error(ErrorKind::usage, fmt::format("--masks: {} is no folder", arguments.masks->string()));
  return *arguments.masks;
}

std::string json_of(const evaluation::Evaluation& evaluation) {
  auto json = to_json(evaluation);
  json["program"] = {{"name", "cemscope"}, {"version", batch::program_version()}};
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string subtitle_of(const EvaluateArguments& arguments) {
  return fmt::format("{} against {} \u00b7 cemscope {}", std::filesystem::absolute(arguments.output_folder).filename().string(),
                     arguments.truth.filename().string(), batch::program_version());
}

}  // namespace

int run_evaluate(const EvaluateArguments& arguments) {
  const auto said = evaluation::read_output(arguments.output_folder);
  const auto truth = evaluation::read_truth(arguments.truth);
  auto result = evaluation::evaluate(truth, said);
  result.dice = evaluation::compare_masks(mask_folder(arguments), arguments.output_folder, truth, said, result.notes);
  if (arguments.masks && !result.dice) spdlog::warn("--masks holds no mask that is named after a patient of the truth and can be read");
  fmt::print("{}", to_text(result));
  if (arguments.results) report::write_file(*arguments.results, json_of(result));
  if (arguments.report) report::write_file(*arguments.report, render_evaluation(result, subtitle_of(arguments)));
  return 0;
}

}  // namespace cemscope::commands
