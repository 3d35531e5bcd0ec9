// The options of the commands that work on tables.
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "src/commands/audit.h"
#include "src/commands/cli_parts.h"
#include "src/commands/evaluate.h"
#include "src/commands/fit.h"
#include "src/commands/predict.h"

namespace cemscope::commands {
namespace {

using statistics::MissingPolicy;
using statistics::Penalty;
using statistics::Selection;

const std::map<std::string, Penalty> kPenalties{{"auto", Penalty::automatic}, {"none", Penalty::none}, {"firth", Penalty::firth}};
const std::map<std::string, MissingPolicy> kMissingPolicies{
    {"complete", MissingPolicy::complete_case}, {"indicator", MissingPolicy::indicator}, {"mice", MissingPolicy::multiple_imputation}};
const std::map<std::string, Selection> kSelections{{"none", Selection::none},
                                                   {"forward-lr", Selection::forward_lr},
                                                   {"forward-wald", Selection::forward_wald},
                                                   {"backward-lr", Selection::backward_lr},
                                                   {"backward-wald", Selection::backward_wald}};
const std::map<std::string, statistics::Recalibrate> kRecalibrations{{"intercept", statistics::Recalibrate::intercept},
                                                                     {"slope", statistics::Recalibrate::slope},
                                                                     {"advised", statistics::Recalibrate::advised}};
const std::map<std::string, analysis::Stage> kStages{
    {"preop", analysis::Stage::preop}, {"postop", analysis::Stage::postop}, {"followup", analysis::Stage::followup}};
const std::map<std::string, ReportLanguage> kLanguages{{"en", ReportLanguage::english}, {"zh", ReportLanguage::chinese}};

void add_fit_analysis(CLI::App& command, statistics::FitOptions& options) {
  command.add_option("--outcome", options.outcome, "Column of the outcome");
  command.add_option("--predictors", options.predictors, "Columns of the predictors")->delimiter(',')->allow_extra_args(false);
  command
      .add_option("--penalty", options.penalty,
                  "Estimate: Firth when separation is found or events per variable < 10, or always one of them")
      ->transform(CLI::CheckedTransformer(kPenalties))
      ->option_text("auto|none|firth, default auto");
  command.add_option("--missing", options.missing, "Missing predictors: leave the row out, mean with an indicator, or multiple imputation")
      ->transform(CLI::CheckedTransformer(kMissingPolicies))
      ->option_text("complete|indicator|mice, default complete");
  command.add_option("--selection", options.selection, "Stepwise selection")
      ->transform(CLI::CheckedTransformer(kSelections))
      ->option_text("none|forward-lr|forward-wald|backward-lr|backward-wald, default none");
  command.add_option("--splines", options.splines, "Predictors to enter as restricted cubic splines")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--prevalence", options.prevalence, "Of the population, for a case-control sample")->check(CLI::Range(0.0, 1.0));
}

void add_fit_published(CLI::App& command, statistics::FitOptions& options) {
  command.add_option("--published", options.published, "Model to validate on the cohort: a shipped one or a file")->capture_default_str();
  command
      .add_option("--recalibrate", options.recalibrate,
                  "Write the published model, recalibrated on the cohort, instead of the fit: intercept, slope, or advised by the data")
      ->transform(CLI::CheckedTransformer(kRecalibrations))
      ->option_text("intercept|slope|advised");
}

void add_fit_sampling(CLI::App& command, statistics::FitOptions& options) {
  command.add_option("--weights", options.weights, "Column of frequencies");
  command.add_option("--cluster", options.cluster, "Column that says which rows belong to one patient");
  command.add_option("--controls-per-case", options.controls_per_case, "Draw a case-control sample first")->check(CLI::Range(0, 1000));
  command.add_option("--match", options.match, "Columns on which controls must equal their case")->delimiter(',')->allow_extra_args(false);
  command.add_option("--bootstraps", options.bootstraps, "Resamples for optimism")->check(CLI::Range(0, 100000))->capture_default_str();
  command.add_option("--bootstrap-index", options.bootstrap_index, "File of resamples, 1-based rows, one resample a line");
  command.add_option("--imputations", options.imputations, "With --missing mice")->check(CLI::Range(2, 1000))->capture_default_str();
  command.add_option("--seed", options.seed, "Of every random draw")->capture_default_str();
}

}  // namespace

void add_fit(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<FitArguments>();
  auto* command =
      app.add_subcommand("fit", "Analyse a cohort table: baseline, univariate, multivariate, ROC, calibration; write a model file");
  command->add_option("COHORT", arguments->cohort, "Cohort table (CSV)")->required();
  command->add_option("-o,--output", arguments->model, "Model file to write");
  command->add_option("--results", arguments->results, "Every figure as JSON");
  command->add_option("--report", arguments->report, "Report (HTML)");
  command->add_option("--language", arguments->language, "Of the report")
      ->transform(CLI::CheckedTransformer(kLanguages))
      ->option_text("en|zh, default en");
  add_fit_analysis(*command, arguments->options);
  add_fit_sampling(*command, arguments->options);
  add_fit_published(*command, arguments->options);
  add_log_options(*command, request.log);
  command->callback([arguments, &request] { request.run = [arguments] { return run_fit(*arguments); }; });
}

void add_predict(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<PredictArguments>();
  auto* command = app.add_subcommand("predict", "Score a table without images");
  command->add_option("FEATURES", arguments->features, "Table (CSV) with the model's inputs")->required();
  command->add_option("--model", arguments->model, "A shipped model's name or a model file")->capture_default_str();
  command->add_option("-o,--output", arguments->output, "Scored table (CSV)")->required();
  command->add_option("--prevalence", arguments->prevalence, "Local share of patients with poor efficacy, 0-1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--stage", arguments->stage, "The patients' stage")
      ->transform(CLI::CheckedTransformer(kStages))
      ->option_text("preop|postop|followup, default postop");
  add_log_options(*command, request.log);
  command->callback([arguments, &request] { request.run = [arguments] { return run_predict(*arguments); }; });
}

void add_audit(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<AuditArguments>();
  auto* command = app.add_subcommand("audit", "Recompute a paper's tables and say which printed figures hold");
  command->add_option("PAPER", arguments->facts, "A shipped paper or a file of printed figures")->capture_default_str();
  command->add_option("--results", arguments->results, "The same as JSON");
  add_log_options(*command, request.log);
  command->callback([arguments, &request] { request.run = [arguments] { return run_audit(*arguments); }; });
}

void add_evaluate(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<EvaluateArguments>();
  auto* command = app.add_subcommand("evaluate", "Agreement of an output with readers or a known truth, each figure with its interval");
  command->add_option("OUT", arguments->output_folder, "Output folder of cemscope score")->required();
  command->add_option("--truth", arguments->truth, "truth.json, or a reader's CSV in the columns of vertebrae.csv or patients.csv")
      ->required();
  command->add_option("--masks", arguments->masks,
                      "Folder of cement masks <patient>.nrrd, .nii.gz or .npz for the Dice; those beside the truth are taken unasked");
  command->add_option("-o,--output", arguments->results, "Every figure as JSON");
  command->add_option("--report", arguments->report, "Report (HTML)");
  add_log_options(*command, request.log);
  command->callback([arguments, &request] { request.run = [arguments] { return run_evaluate(*arguments); }; });
}

}  // namespace cemscope::commands
