#include "src/batch/worker_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::batch {
namespace {

constexpr std::size_t kMaxMessageBytes = 64 * 1024;
// No result file comes near it; it stops a runaway worker from filling the disk.
constexpr rlim_t kMaxFileBytes = 4ULL << 30;
constexpr int kExecFailedExit = 127;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimitsAddressSpace = false;  // AddressSanitizer reserves terabytes
#else
constexpr bool kLimitsAddressSpace = true;
#endif

[[noreturn]] void fail(const char* what) { throw Error(ErrorKind::unreadable, fmt::format("{}: {}", what, std::strerror(errno))); }

/// A file in memory; nothing of a job ever touches the disk.
int memory_file(const char* name, const std::string& content) {
  const int fd = ::memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  for (std::size_t done = 0; done < content.size();) {
    const auto n = ::write(fd, content.data() + done, content.size() - done);
    if (n < 0) fail("write to memory file");
    done += static_cast<std::size_t>(n);
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string content_of(int fd, std::size_t max_bytes) {
  std::string content;
  char buffer[8192];
  ::lseek(fd, 0, SEEK_SET);
  for (ssize_t n = 0; content.size() < max_bytes && (n = ::read(fd, buffer, sizeof(buffer))) > 0;)
    content.append(buffer, static_cast<std::size_t>(n));
  return content;
}

void limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(resource, &both);
}

std::vector<std::string> environment_for(const WorkerLimits& limits) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  for (const std::string name : {"ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=", "CEMSCOPE_THREADS="}) {
    std::erase_if(variables, [&](const std::string& variable) { return variable.starts_with(name); });
    variables.push_back(name + std::to_string(limits.n_threads));
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct ChildFiles {
  int input, outcome, messages;
};

/// Runs in the child between fork and exec: system calls only.
[[noreturn]] void become_worker(char* const* arguments, char* const* environment, const ChildFiles& files, rlim_t memory_bytes,
                                pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExecFailedExit);  // it died before the line above
  ::setpgid(0, 0);                                      // Ctrl-C is the supervisor's to handle
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(files.input, STDIN_FILENO);
  ::dup2(files.messages, STDOUT_FILENO);
  ::dup2(files.messages, STDERR_FILENO);
  if (files.outcome == kOutcomeFd)
    ::fcntl(kOutcomeFd, F_SETFD, 0);
  else
    ::dup2(files.outcome, kOutcomeFd);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, kMaxFileBytes);
  if (kLimitsAddressSpace) limit(RLIMIT_AS, memory_bytes);
  ::execve(arguments[0], arguments, environment);
  ::_exit(kExecFailedExit);
}

std::pair<WorkerFate, std::string> fate_of(int status, bool is_timed_out) {
  if (is_timed_out) return {WorkerFate::timed_out, "killed"};
  if (WIFSIGNALED(status)) {
    // SIGKILL that we did not send is the kernel's answer to a machine without memory.
    const int signal = WTERMSIG(status);
    return {signal == SIGKILL ? WorkerFate::out_of_memory : WorkerFate::crashed, fmt::format("signal {}", signal)};
  }
  const int code = WEXITSTATUS(status);
  if (code == 0) return {WorkerFate::finished, ""};
  // The loader exits with 127 when not even the libraries fit.
  const bool is_memory = code == kOutOfMemoryExit || code == kExecFailedExit;
  return {is_memory ? WorkerFate::out_of_memory : WorkerFate::crashed, fmt::format("exit code {}", code)};
}

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& command, const std::string& input, const WorkerLimits& limits)
    : started_(std::chrono::steady_clock::now()), deadline_(started_ + limits.timeout) {
  auto arguments = command;
  auto environment = environment_for(limits);
  const auto argument_pointers = pointers_to(arguments), environment_pointers = pointers_to(environment);
  const int input_fd = memory_file("job", input);
  outcome_fd_ = memory_file("outcome", "");
  messages_fd_ = memory_file("messages", "");
  const auto memory_bytes = static_cast<rlim_t>(limits.memory_gib * 1024 * 1024 * 1024);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0)
    become_worker(argument_pointers.data(), environment_pointers.data(), {input_fd, outcome_fd_, messages_fd_}, memory_bytes, parent);
  ::close(input_fd);
  if (pid_ < 0) fail("fork");
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      outcome_fd_(std::exchange(other.outcome_fd_, -1)),
      messages_fd_(std::exchange(other.messages_fd_, -1)),
      is_timed_out_(other.is_timed_out_),
      started_(other.started_),
      deadline_(other.deadline_) {}

WorkerProcess::~WorkerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (outcome_fd_ >= 0) ::close(outcome_fd_);
  if (messages_fd_ >= 0) ::close(messages_fd_);
}

void WorkerProcess::kill_for_timeout() {
  is_timed_out_ = true;
  ::kill(pid_, SIGKILL);
}

std::optional<WorkerEnd> WorkerProcess::try_reap() {
  int status = 0;
  rusage usage{};
  if (::wait4(pid_, &status, WNOHANG, &usage) != pid_) return std::nullopt;
  pid_ = -1;
  WorkerEnd end;
  std::tie(end.fate, end.detail) = fate_of(status, is_timed_out_);
  end.outcome = content_of(outcome_fd_, std::string::npos);
  end.messages = content_of(messages_fd_, kMaxMessageBytes);
  end.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  end.peak_memory_kib = usage.ru_maxrss;
  return end;
}

std::string failure_code(WorkerFate fate) {
  switch (fate) {
    case WorkerFate::finished: return "";
    case WorkerFate::crashed: return "worker_crashed";
    case WorkerFate::timed_out: return "worker_timeout";
    case WorkerFate::out_of_memory: return "worker_out_of_memory";
  }
  return "worker_crashed";
}

std::string failure_sentence(const WorkerEnd& end, const WorkerLimits& limits) {
  switch (end.fate) {
    case WorkerFate::finished: return "";
    case WorkerFate::timed_out:
      return fmt::format("the case took longer than {:g} min; raise --timeout and --resume",
                         static_cast<double>(limits.timeout.count()) / 60000.0);
    case WorkerFate::out_of_memory:
      return fmt::format("the case needs more than {:g} GiB ({}); raise --memory and --resume", limits.memory_gib, end.detail);
    case WorkerFate::crashed: break;
  }
  return fmt::format("the worker process died ({}); please report it with the series' make and model", end.detail);
}

}  // namespace cemscope::batch
