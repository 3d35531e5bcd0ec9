#pragma once

#include <functional>

namespace cemscope::ingest {

/// Threads to use: `wanted` when positive, else CEMSCOPE_THREADS when set, else one per core; at most `n_tasks`.
int thread_count(int wanted, int n_tasks);

/// Calls task(0) ... task(n - 1) on n_threads threads, each index once, in no fixed order; returns when all are done.
/// Rethrows the exception of the lowest failing index after the others have ended.
void parallel_for(int n, int n_threads, const std::function<void(int)>& task);

}  // namespace cemscope::ingest
