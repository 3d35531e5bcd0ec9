#pragma once

#include <functional>

namespace cemscope::imaging {

/// Calls work(0) ... work(n - 1) on up to n_threads threads (the caller is one of them), each index once, in no fixed order; returns when
/// all are done. `work` must not share what it writes. Rethrows the exception of the lowest failing index after the others have ended.
void parallel_for(int n, int n_threads, const std::function<void(int)>& work);

}  // namespace cemscope::imaging
