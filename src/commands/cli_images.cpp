// The options of the commands that work on images.
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "src/commands/cli_parts.h"
#include "src/commands/index.h"
#include "src/commands/phantom.h"
#include "src/commands/progress.h"
#include "src/commands/score.h"

namespace cemscope::commands {
namespace {

std::string share_check(const std::string& text) {
  double value = 0.0;
  const bool is_share = CLI::detail::lexical_cast(text, value) && value > 0 && value < 1;
  return is_share ? std::string{} : "must lie between 0 and 1: " + text;
}

void add_score_inputs(CLI::App& app, ScoreArguments& arguments) {
  app.add_option("EXPORT", arguments.export_folder,
                 "Folder with the exported studies (read only, any layout, any file names), a zip archive of one, or a DICOMDIR")
      ->required();
  app.add_option("-o,--output", arguments.output_folder, "Folder for the results")->required();
  app.add_option("--clinical", arguments.clinical_table, "Clinical table (CSV): patient_id, surgery_date, treated_levels, bmd_t_score ...");
  app.add_option("--model", arguments.model, "Risk model: a shipped one's name or a model file")->capture_default_str();
  app.add_option("--prevalence", arguments.prevalence, "Local share of patients with poor efficacy, 0-1; the model's own when not given")
      ->check(share_check);
  app.add_option("--masks", arguments.masks,
                 "Folder of vertebra masks made elsewhere (NIfTI, NRRD, DICOM SEG; VerSe, SPINEPS or TotalSegmentator numbering), named "
                 "after PatientID or SeriesInstanceUID: <id>.nii.gz, <id>_*.nrrd, <id>/vertebrae_L1.nii.gz ...; a SEG of any name");
  app.add_option("--definitions", arguments.definitions, "Definitions file with changed numbers");
  app.add_option("--patients", arguments.patients, "Only these PatientIDs")->delimiter(',')->allow_extra_args(false);
  app.add_flag("--secondary-capture", arguments.has_secondary_captures, "Write the pictures as DICOM Secondary Capture images, too");
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
      "--resume", [&arguments] { arguments.output_mode = batch::OutputMode::resume; }, "Continue an earlier run in the output folder");
  app.add_flag_callback(
         "--overwrite", [&arguments] { arguments.output_mode = batch::OutputMode::overwrite; },
         "Replace an earlier run in the output folder")
      ->excludes(resume);
}

}  // namespace

void add_score(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<ScoreArguments>();
  arguments->command_line = request.command_line;
  auto* command = app.add_subcommand("score", "Index an export, measure every patient, score, and write tables, pictures and a report");
  add_score_inputs(*command, *arguments);
  add_score_limits(*command, *arguments);
  add_log_options(*command, request.log);
  command->footer("Exit codes: 0 all cases scored, 2 wrong usage or unreadable input folder, 3 some cases failed, 4 nothing to score.");
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
  command->add_option("EXPORT", arguments->folder, "Folder with the exported studies, a zip archive of one, or a DICOMDIR; read only")
      ->required();
  const std::map<std::string, IndexFormat> formats{{"table", IndexFormat::table}, {"csv", IndexFormat::csv}, {"json", IndexFormat::json}};
  command->add_option("--format", arguments->format, "table, csv or json")
      ->transform(CLI::CheckedTransformer(formats))
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

void add_phantom(CLI::App& app, Request& request) {
  auto arguments = std::make_shared<PhantomArguments>();
  auto* command = app.add_subcommand("phantom", "Write a synthetic export with known truth");
  command->add_option("DIR", arguments->directory, "New or empty folder")->required();
  command->add_option("--patients", arguments->n_patients, "Number of patients")->check(CLI::Range(1, 9999))->capture_default_str();
  command->add_option("--seed", arguments->seed, "The same seed makes the same files")->capture_default_str();
  command->add_option("--modalities", arguments->modalities, "CT,XR,MR: with XR, every other patient has films only; with CT,MR some have follow-ups")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_flag("--preoperative", arguments->has_preoperative,
                    "With CT,MR: every treated patient has both before surgery, with a fracture that has not collapsed");
  command->add_flag("--sample", arguments->is_sample, "The patients of sample_dicom");
  add_log_options(*command, request.log);
  command->callback([arguments, &request] { request.run = [arguments] { return run_phantom(*arguments); }; });
}

}  // namespace cemscope::commands
