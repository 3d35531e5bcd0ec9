#pragma once

#include <string>
#include <vector>

#include "src/batch/batch_run.h"
#include "src/commands/score.h"
#include "src/commands/score_plan.h"

namespace cemscope::commands {

/// Figures of a run that stand in run.json only, because they differ from run to run.
struct RunTimes {
  std::string started_utc;  ///< ISO 8601
  double index_seconds = 0.0, cases_seconds = 0.0, report_seconds = 0.0, total_seconds = 0.0;
};

/// Everything that the files of OUT are made of.
struct RunRecord {
  const ScoreArguments& arguments;
  const ScoreInputs& inputs;
  const ingest::ExportIndex& index;
  std::vector<batch::CaseRecord> cases;
  std::vector<ingest::Failure> failures;  ///< of index and clinical table; those of the cases are in `cases`
  RunTimes times;
  int exit_code = 0;
};

/// Writes patients.csv, vertebrae.csv, series.csv, failures.csv, dictionary.csv and report.html into the output folder.
void write_tables_and_report(const RunRecord& run);

/// Writes run.json: program, definitions and model versions with hashes, command line, counts, times, peak memory.
void write_run_json(const RunRecord& run);

}  // namespace cemscope::commands
