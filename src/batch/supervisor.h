#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/batch/worker_process.h"

namespace cemscope::batch {

/// What is to be run and how many at a time.
struct SupervisorOptions {
  std::vector<std::string> command;  ///< of a worker; the job is its standard input
  int n_jobs = 1;
  WorkerLimits limits;
};

/// How the supervisor talks to its caller; all are called in the caller's thread.
struct SupervisorCalls {
  std::function<std::string(std::size_t task)> make_job;                    ///< the standard input of a task, made when it starts
  std::function<void(std::size_t task, const WorkerEnd& end)> on_finished;  ///< in order of finishing
  std::function<void()> on_tick;                                            ///< a few times a second, for a progress bar; may be empty
};

/// Runs tasks 0 ... n_tasks-1, each in a process of its own, at most `n_jobs` at a time. A worker that crashes, hangs or runs out of
/// memory costs its task only. On SIGINT, SIGTERM or SIGHUP the workers are killed and the signal's number is returned; 0 when all
/// tasks have run.
int supervise(std::size_t n_tasks, const SupervisorOptions& options, const SupervisorCalls& calls);

}  // namespace cemscope::batch
