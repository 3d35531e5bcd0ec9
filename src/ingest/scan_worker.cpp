#include "src/ingest/scan_worker.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::ingest {

namespace {

// Records are handed over in blocks: a block is lost when the process dies, and read again.
constexpr std::size_t kBlockBytes = 32768;

std::int64_t address_space_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0;
  file >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

void limit_memory([[maybe_unused]] std::int64_t extra_bytes) {
#ifndef __SANITIZE_ADDRESS__  // AddressSanitizer reserves terabytes of address space
  rlimit memory{};
  getrlimit(RLIMIT_AS, &memory);
  memory.rlim_cur = std::min(memory.rlim_cur, static_cast<rlim_t>(address_space_bytes() + extra_bytes));
  setrlimit(RLIMIT_AS, &memory);
#endif
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
}

void settle_in(const ScanOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);  // the parent decides what an interrupt means
  std::signal(SIGTERM, SIG_DFL);
  // Fatal signals must end the process at once, whatever handlers the program has.
  for (const int fatal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(fatal, SIG_DFL);
  const int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (sink >= 0) dup2(sink, STDERR_FILENO);
  limit_memory(options.memory_bytes);
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) _exit(1);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void append_record(std::string& block, std::size_t index, const FileHeader& header) {
  const auto bytes = pack_header(header);
  const std::uint64_t number = index;
  const auto length = static_cast<std::uint32_t>(bytes.size());
  block.append(reinterpret_cast<const char*>(&number), sizeof number);
  block.append(reinterpret_cast<const char*>(&length), sizeof length);
  block.append(bytes);
}

void work(const ScanTask& task, ScanBoard& board, ScanBoard::Slot& slot, int pipe) {
  std::string block;
  for (;;) {
    const auto k = board.next.fetch_add(1);
    if (k >= task.todo.size()) break;
    const auto index = task.todo[k];
    slot.started_ms = steady_ms();
    slot.current = static_cast<std::int64_t>(index);
    StringPool pool;
    const auto& reader = task.has_died[index] != 0 ? task.options.second_reader : task.options.reader;
    append_record(block, index, reader(task.folder, task.paths[index], pool));
    slot.current = -1;
    if (block.size() < kBlockBytes) continue;
    write_all(pipe, block);
    block.clear();
  }
  write_all(pipe, block);
}

[[noreturn]] void run_child(const ScanTask& task, ScanBoard& board, int slot, int pipe) {
  settle_in(task.options);
  try {
    work(task, board, board.slots[slot], pipe);
  } catch (...) {
    _exit(1);
  }
  _exit(0);
}

}  // namespace

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

ScanWorker start_scan_worker(const ScanTask& task, ScanBoard& board, int slot) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::unreadable, fmt::format("no pipe for the header scan: {}", std::strerror(errno)));
  board.slots[slot].current = -1;
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    run_child(task, board, slot, ends[1]);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    throw Error(ErrorKind::unreadable, fmt::format("no process for the header scan: {}", std::strerror(errno)));
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {process, ends[0], slot, -1, {}};
}

}  // namespace cemscope::ingest
