#include "src/ingest/parallel.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace cemscope::ingest {

int thread_count(int wanted, int n_tasks) {
  const char* setting = std::getenv("CEMSCOPE_THREADS");
  if (wanted <= 0 && setting != nullptr) wanted = std::atoi(setting);
  if (wanted <= 0) wanted = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(wanted, 1, std::max(1, n_tasks));
}

}  // namespace cemscope::ingest
