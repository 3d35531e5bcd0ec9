#pragma once

namespace cemscope::batch {

/// The name of the hidden subcommand that starts a worker.
inline constexpr const char* kWorkerCommand = "__worker";

/// A worker's main: reads a Job from standard input, scores it, writes the files of the case into the job's output folder and an Outcome to
/// kOutcomeFd. Leaves the process without running destructors; returns only the exit code for main when the job cannot be read.
int run_worker();

}  // namespace cemscope::batch
