#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/batch/job.h"
#include "src/batch/output_folder.h"
#include "src/batch/state_store.h"
#include "src/batch/worker_process.h"
#include "src/cohort/case_result.h"

namespace cemscope::batch {

/// What became of a case.
struct CaseRecord {
  cohort::CaseResult result;  ///< without findings when the worker failed
  bool is_failed = false;     ///< the worker failed, or there was a CT and none could be read
  bool is_reused = false;     ///< taken over from an earlier run
  double seconds = 0.0;
  long peak_memory_kib = 0;
};

struct BatchOptions {
  std::vector<std::string> command;  ///< of a worker
  int n_jobs = 1;
  WorkerLimits limits;
  std::string build;  ///< see build_hash()
};

struct BatchCalls {
  std::function<void(const CaseRecord& record, const WorkerEnd& end)> on_case;  ///< a worker has ended
  std::function<void(std::size_t n_done, std::size_t n_cases)> on_tick;
};

struct BatchEnd {
  int signal = 0;                   ///< the signal that stopped it, 0 when all cases were run
  std::vector<CaseRecord> records;  ///< in the order of the jobs; incomplete when stopped
};

/// Scores the jobs, each in a worker process. Finished cases of an earlier run are taken over when their files, options, definitions, model
/// and program are the same and their folder is untouched. A finished case is in its folder and in the state file before the next is looked
/// at; folders of cases that are no longer among the jobs are removed.
BatchEnd run_batch(std::vector<Job> jobs, const OutputFolder& output, StateStore& state, const BatchOptions& options,
                   const BatchCalls& calls);

}  // namespace cemscope::batch
