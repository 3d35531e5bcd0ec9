#pragma once

#include <optional>
#include <vector>

#include "src/batch/deidentify.h"
#include "src/batch/job.h"
#include "src/cohort/clinical_table.h"
#include "src/commands/score.h"

namespace cemscope::commands {

/// What score reads besides the export; all of it is checked before anything is written.
struct ScoreInputs {
  cohort::Definitions definitions;
  analysis::RiskModel model;
  std::optional<cohort::ClinicalTable> clinical;
};

/// Reads and checks definitions, model and clinical table. Throws Error.
ScoreInputs read_inputs(const ScoreArguments& arguments);

/// The jobs in the order of their case ids, and the failures that belong to no worker: those of the index and of the clinical table.
struct ScorePlan {
  std::vector<batch::Job> jobs;
  std::vector<ingest::Failure> failures;
};

/// Makes the jobs: chosen patients, their clinical rows, pseudonyms when `pseudonymizer` is given.
ScorePlan make_plan(const ScoreArguments& arguments, const ScoreInputs& inputs, const ingest::ExportIndex& index,
                    const std::optional<batch::Pseudonymizer>& pseudonymizer);

}  // namespace cemscope::commands
