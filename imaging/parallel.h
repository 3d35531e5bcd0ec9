#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace cemscope::imaging {

/// Calls work(0) ... work(n - 1) on up to n_threads threads, in no particular order; work must not share what it writes. The first exception is
/// thrown again after all threads have ended. n_threads <= 1 runs in the caller.
template <typename Work>
void parallel_for(int n, int n_threads, Work work) {
  if (n_threads <= 1 || n <= 1) {
    for (int q = 0; q < n; ++q) work(q);
    return;
  }
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  auto run = [&] {
    try {
      for (int q; (q = next++) < n;) work(q);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int t = 1; t < std::min(n, n_threads); ++t) threads.emplace_back(run);
  run();
  for (auto& t : threads) t.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cemscope::imaging
