#include "src/commands/cli.h"

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/batch/worker.h"
#include "src/commands/index.h"
#include "src/commands/logging.h"
#include "src/commands/progress.h"
#include "src/commands/score.h"

namespace cemscope::commands {
namespace {

/// What the parsed command line asks for.
struct Request {
  std::vector<std::string> command_line;
  LogOptions log;
  std::function<int()> run;
};

void add_log_options(CLI::App& app, LogOptions& log) {
  app.add_flag("-q,--quiet", log.is_quiet, "Errors only, no progress bar");
  app.add_option("--log-level", log.level, "Messages to show")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_option("--log-file", log.file, "Write the messages into this file, too");
}

void add_score_inputs(CLI::App& app, ScoreArguments& arguments) {
  app.add_option("EXPORT", arguments.export_folder, "Folder with the exported studies; read only, any layout, any file names")->required();
  app.add_option("-o,--output", arguments.output_folder, "Folder for the results")->required();
  app.add_option("--clinical", arguments.clinical_table, "Clinical table (CSV): patient_id, surgery_date, treated_levels, bmd_t_score ...");
  app.add_option("--model", arguments.model, "Risk model: a shipped one's name or a model file")->capture_default_str();
  app.add_option("--prevalence", arguments.prevalence, "Local share of patients with poor efficacy, 0-1; the model's own when not given")
      ->check([](const std::string& text) {
        const double value = std::strtod(text.c_str(), nullptr);
        return value > 0 && value < 1 ? std::string{} : "must lie between 0 and 1: " + text;
      });
  app.add_option("--masks", arguments.masks, "Folder with vertebra masks (not supported yet)");
  app.add_option("--definitions", arguments.definitions, "Definitions file with changed numbers");
  app.add_option("--patients", arguments.patients, "Only these PatientIDs")->delimiter(',');
  app.add_flag("--deidentify", arguments.is_deidentified,
               "Pseudonyms for ids, shifted dates, no free text; the key stays in OUT/deidentify.key");
}

void add_score_limits(CLI::App& app, ScoreArguments& arguments) {
  app.add_option("--jobs", arguments.n_jobs, "Cases at a time; 0: one per core")->check(CLI::Range(0, 1024))->capture_default_str();
  app.add_option("--memory", arguments.memory_gib, "Memory limit of a case, GiB")->check(CLI::Range(0.25, 4096.0))->capture_default_str();
  app.add_option("--timeout", arguments.timeout_min, "Time limit of a case, minutes")
      ->check(CLI::Range(0.001, 10000.0))
      ->capture_default_str();
  auto* resume = app.add_flag_callback(
      "--resume", [&] { arguments.output_mode = batch::OutputMode::resume; }, "Continue an earlier run in the output folder");
  app.add_flag_callback(
         "--overwrite", [&] { arguments.output_mode = batch::OutputMode::overwrite; }, "Replace an earlier run in the output folder")
      ->excludes(resume);
}

void add_score(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<ScoreArguments>();
  arguments->command_line = request.command_line;
  auto* command = app.add_subcommand("score", "Index an export, measure every patient, score, and write tables, pictures and a report");
  add_score_inputs(*command, *arguments);
  add_score_limits(*command, *arguments);
  add_log_options(*command, request.log);
  command->callback([arguments, &request] {
    request.run = [arguments, &request] {
      arguments->shows_progress = !request.log.is_quiet;
      return run_score(*arguments);
    };
  });
}

void add_index(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<IndexArguments>();
  auto* command = app.add_subcommand("index", "List who and what is in an export, each series' role and the reason for it");
  command->add_option("EXPORT", arguments->folder, "Folder with the exported studies; read only")->required();
  command->add_option("--format", arguments->format, "How to list")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, IndexFormat>{{"table", IndexFormat::table}, {"csv", IndexFormat::csv}, {"json", IndexFormat::json}}))
      ->default_str("table");
  add_log_options(*command, request.log);
  command->callback([arguments, &request] {
    request.run = [arguments, &request] {
      Progress progress("indexing", "files", !request.log.is_quiet);
      arguments->progress = [&](std::int64_t n_done, std::int64_t n_total) { progress.update(n_done, n_total); };
      return run_index(*arguments);
    };
  });
}

/// Commands of CONTRACT.md that this version does not have.
void add_missing(CLI::App& app, Request& request, const std::string& name, const std::string& what) {
  auto* command = app.add_subcommand(name, what + " (not available in this version)");
  command->allow_extras();
  command->callback(
      [name, &request] { request.run = [name]() -> int { throw Error(ErrorKind::usage, name + " is not available in this version"); }; });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == batch::kWorkerCommand) return batch::run_worker();
  CLI::App app("cemscope: bone cement after vertebral augmentation, from a PACS export to a scored table. Research use only.");
  app.name("cemscope");
  app.set_version_flag("--version", "cemscope " + batch::program_version());
  app.require_subcommand(1);
  Request request;
  request.command_line.assign(argv, argv + argc);
  add_score(app, request);
  add_index(app, request);
  add_missing(app, request, "fit", "Analyse a cohort table and fit a risk model");
  add_missing(app, request, "predict", "Score a table without images");
  add_missing(app, request, "audit", "Recompute the founding tables");
  add_missing(app, request, "evaluate", "Agreement with readers or known truth");
  add_missing(app, request, "phantom", "A synthetic export with known truth");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitScored : kExitUsage;
  }
  set_up_logging(request.log);
  return request.run();
}

int report_error(const std::exception& error) {
  clear_progress_line();
  std::fprintf(stderr, "error: %s\n", error.what());
  return dynamic_cast<const Error*>(&error) != nullptr ? kExitUsage : kExitFault;
}

}  // namespace cemscope::commands
