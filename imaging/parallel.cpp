#include "imaging/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace cemscope::imaging {
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

void parallel_for(int n, int n_threads, const std::function<void(int)>& work) {
  std::atomic<int> next{0};
  FirstError error;
  const auto run = [&] {
    for (int i = next++; i < n; i = next++) {
      try {
        work(i);
      } catch (...) {
        error.keep(i);
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < std::min(n, n_threads); ++t) helpers.emplace_back(run);
  run();
  helpers.clear();
  error.rethrow();
}

}  // namespace cemscope::imaging
