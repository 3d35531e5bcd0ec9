#include "src/ingest/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace cemscope::ingest {

namespace {

class FirstError {
 public:
  void keep(int index) {
    const std::lock_guard lock(mutex_);
    if (error_ && index > index_) return;
    error_ = std::current_exception();
    index_ = index;
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr error_;
  int index_ = 0;
};

}  // namespace

int thread_count(int wanted, int n_tasks) {
  const char* setting = std::getenv("CEMSCOPE_THREADS");
  if (wanted <= 0 && setting != nullptr) wanted = std::atoi(setting);
  if (wanted <= 0) wanted = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(wanted, 1, std::max(1, n_tasks));
}

void parallel_for(int n, int n_threads, const std::function<void(int)>& task) {
  std::atomic<int> next{0};
  FirstError error;
  const auto work = [&] {
    for (int i = next++; i < n; i = next++) {
      try {
        task(i);
      } catch (...) {
        error.keep(i);
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < n_threads; ++t) helpers.emplace_back(work);
  work();
  helpers.clear();
  error.rethrow();
}

}  // namespace cemscope::ingest
