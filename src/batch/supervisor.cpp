#include "src/batch/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <list>

#include "imaging/error.h"

namespace cemscope::batch {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(200);

/// While it lives, the signals that matter arrive through a file descriptor instead of handlers.
class SignalQueue {
 public:
  SignalQueue() {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) sigaddset(&wanted, signal);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd_ < 0) throw Error(ErrorKind::unreadable, "signalfd is not available");
  }
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;
  ~SignalQueue() {
    ::close(fd_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  /// Waits for a signal or the time; returns the first signal that asks to stop, else 0.
  int wait_for(std::chrono::milliseconds time) {
    pollfd poll{fd_, POLLIN, 0};
    ::poll(&poll, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, time.count())));
    int stop = 0;
    signalfd_siginfo info{};
    while (::read(fd_, &info, sizeof(info)) == sizeof(info))
      if (info.ssi_signo != SIGCHLD && stop == 0) stop = static_cast<int>(info.ssi_signo);
    return stop;
  }

 private:
  sigset_t before_{};
  int fd_ = -1;
};

struct Running {
  std::size_t task;
  WorkerProcess process;
  bool is_over_time = false;
};

class Supervisor {
 public:
  Supervisor(std::size_t n_tasks, const SupervisorOptions& options, const SupervisorCalls& calls)
      : n_tasks_(n_tasks), options_(options), calls_(calls) {}

  int run() {
    while (next_ < n_tasks_ || !running_.empty()) {
      start_more();
      if (const int signal = signals_.wait_for(time_to_wait())) return signal;  // the workers die with `running_`
      kill_late();
      reap();
      if (calls_.on_tick) calls_.on_tick();
    }
    return 0;
  }

 private:
  void start_more() {
    while (next_ < n_tasks_ && running_.size() < static_cast<std::size_t>(options_.n_jobs)) {
      running_.push_back({next_, WorkerProcess(options_.command, calls_.make_job(next_), options_.limits)});
      ++next_;
    }
  }

  [[nodiscard]] std::chrono::milliseconds time_to_wait() const {
    auto until = Clock::now() + kTick;
    for (const auto& worker : running_)
      if (!worker.is_over_time) until = std::min(until, worker.process.deadline());
    return std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  }

  void kill_late() {
    for (auto& worker : running_) {
      if (worker.is_over_time || Clock::now() < worker.process.deadline()) continue;
      worker.process.kill_for_timeout();
      worker.is_over_time = true;
    }
  }

  void reap() {
    for (auto worker = running_.begin(); worker != running_.end();) {
      const auto end = worker->process.try_reap();
      if (!end) {
        ++worker;
        continue;
      }
      const auto task = worker->task;
      worker = running_.erase(worker);
      calls_.on_finished(task, *end);
    }
  }

  const std::size_t n_tasks_;
  const SupervisorOptions& options_;
  const SupervisorCalls& calls_;
  SignalQueue signals_;
  std::list<Running> running_;
  std::size_t next_ = 0;
};

}  // namespace

int supervise(std::size_t n_tasks, const SupervisorOptions& options, const SupervisorCalls& calls) {
  return Supervisor(n_tasks, options, calls).run();
}

}  // namespace cemscope::batch
