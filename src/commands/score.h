#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/batch/output_folder.h"

namespace cemscope::commands {

/// Everything `cemscope score` can be told.
struct ScoreArguments {
  std::filesystem::path export_folder;  ///< or a zip archive or DICOMDIR (see ingest::ExportInput)
  std::filesystem::path output_folder;
  std::optional<std::filesystem::path> clinical_table, definitions, masks;
  std::string model = "liu-2021";    ///< name of a shipped model, or a file
  std::optional<double> prevalence;  ///< 0-1 exclusive
  int n_jobs = 0;                    ///< workers at a time; 0: one per core
  double memory_gib = 4.0;           ///< per worker
  double timeout_min = 10.0;         ///< per worker
  batch::OutputMode output_mode = batch::OutputMode::fresh;
  bool is_deidentified = false;
  bool has_secondary_captures = false;
  bool shows_progress = true;
  std::vector<std::string> patients;      ///< PatientIDs to score; empty: all
  std::vector<std::string> command_line;  ///< for run.json
};

/// `cemscope score`: indexes the export, scores every patient in a worker process, and writes the tables, the report and run.json.
/// Returns the exit code: 0, 3 when cases failed, 4 when there was nothing to score, 128 + signal when stopped. Throws Error for
/// wrong usage and for an export folder that cannot be read.
int run_score(const ScoreArguments& given);

}  // namespace cemscope::commands
