#pragma once

#include "imaging/parallel.h"

namespace cemscope::ingest {

using imaging::parallel_for;

/// Threads to use: `wanted` when positive, else CEMSCOPE_THREADS when set, else one per core; at most `n_tasks`.
int thread_count(int wanted, int n_tasks);

}  // namespace cemscope::ingest
