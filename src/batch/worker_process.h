#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cemscope::batch {

/// What a worker may use.
struct WorkerLimits {
  double memory_gib = 4.0;  ///< address space, hard (RLIMIT_AS); not applied in builds with AddressSanitizer
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
  int n_threads = 1;
};

/// A worker exits with this when memory ran out (sysexits has nothing for it; 1-63 are taken by libraries' habits).
inline constexpr int kOutOfMemoryExit = 86;
/// The file descriptor to which a worker writes its outcome.
inline constexpr int kOutcomeFd = 3;

enum class WorkerFate { finished, crashed, timed_out, out_of_memory };

/// How a worker ended and what it left.
struct WorkerEnd {
  WorkerFate fate = WorkerFate::finished;
  std::string detail;        ///< "signal 11", "exit code 1"; empty when finished
  std::string outcome;       ///< what it wrote to kOutcomeFd
  std::string messages;      ///< what it wrote to stdout and stderr, up to 64 KiB; may name patients, so not for logs by default
  double seconds = 0.0;      ///< wall clock
  long peak_memory_kib = 0;  ///< resident
};

/// A running worker. The destructor kills it.
class WorkerProcess {
 public:
  /// Starts `command` with `input` as its standard input, the limits set, no core file, and bound to die with this process.
  /// Throws Error{unreadable} when the system gives no process.
  WorkerProcess(const std::vector<std::string>& command, const std::string& input, const WorkerLimits& limits);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const { return deadline_; }
  /// Ends it because its time is over; it is still to be reaped.
  void kill_for_timeout();
  /// How it ended; empty while it runs. Does not wait.
  std::optional<WorkerEnd> try_reap();

 private:
  pid_t pid_ = -1;
  int outcome_fd_ = -1, messages_fd_ = -1;
  bool is_timed_out_ = false;
  std::chrono::steady_clock::time_point started_, deadline_;
};

/// Code ("worker_crashed", "worker_timeout", "worker_out_of_memory") and sentence for failures.csv.
std::string failure_code(WorkerFate fate);
std::string failure_sentence(const WorkerEnd& end, const WorkerLimits& limits);

}  // namespace cemscope::batch
