#include "src/ingest/scan_pool.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/file_header.h"
#include "src/ingest/scan_worker.h"

namespace cemscope::ingest {

namespace {

constexpr int kPollMs = 200;
constexpr std::size_t kRecordHead = 12;

struct Unmap {
  void operator()(ScanBoard* board) const { munmap(board, sizeof(ScanBoard)); }
};
using Board = std::unique_ptr<ScanBoard, Unmap>;

Board make_board() {
  void* memory = mmap(nullptr, sizeof(ScanBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error(ErrorKind::unreadable, "no shared memory for the header scan");
  return Board(new (memory) ScanBoard);
}

FileHeader failed_scan(std::string code, std::string sentence, StringPool& pool) {
  FileHeader header;
  header.kind = FileKind::failed;
  header.pool = &pool;
  header.failure_code = std::move(code);
  header.failure_sentence = std::move(sentence);
  return header;
}

class Scan {
 public:
  Scan(const std::filesystem::path& folder, const std::vector<std::string>& paths, const ScanOptions& options, StringPool& pool)
      : folder_(folder), paths_(paths), options_(options), pool_(pool), results_(paths.size()), has_died_(paths.size(), 0) {}
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  ~Scan() {
    for (const auto& worker : workers_) {
      kill(worker.process, SIGKILL);
      waitpid(worker.process, nullptr, 0);
      close(worker.pipe);
    }
  }

  std::vector<FileHeader> run() {
    for (auto todo = missing(); !todo.empty(); todo = missing()) {
      const auto before = n_done_ + n_deaths_;
      run_round(todo);
      if (n_done_ + n_deaths_ == before) throw Error(ErrorKind::unreadable, "the processes of the header scan end without a result");
    }
    std::vector<FileHeader> headers;
    headers.reserve(results_.size());
    for (auto& result : results_) headers.push_back(std::move(*result));
    return headers;
  }

 private:
  [[nodiscard]] std::vector<std::size_t> missing() const {
    std::vector<std::size_t> todo;
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!results_[i]) todo.push_back(i);
    }
    return todo;
  }

  [[nodiscard]] int n_workers(std::size_t n_files) const {
    const auto n_cores = std::max(1U, std::thread::hardware_concurrency());
    const auto wanted = options_.n_workers > 0 ? static_cast<std::size_t>(options_.n_workers) : n_cores;
    return static_cast<int>(std::min({wanted, n_files, static_cast<std::size_t>(kMaxScanWorkers)}));
  }

  void run_round(const std::vector<std::size_t>& todo) {
    const auto board = make_board();
    const ScanTask task{folder_, paths_, todo, has_died_, options_};
    for (int slot = 0; slot < n_workers(todo.size()); ++slot) workers_.push_back(start_scan_worker(task, *board, slot));
    while (!workers_.empty()) {
      wait_for_records();
      stop_the_late(*board);
      take_records(task, *board);
      report();
    }
  }

  void wait_for_records() {
    std::vector<pollfd> polled;
    for (const auto& worker : workers_) polled.push_back({worker.pipe, POLLIN, 0});
    poll(polled.data(), polled.size(), kPollMs);
  }

  void stop_the_late(ScanBoard& board) {
    const auto now = steady_ms();
    for (auto& worker : workers_) {
      const auto& slot = board.slots[worker.slot];
      const auto current = slot.current.load();
      if (worker.late_index >= 0 || current < 0 || now - slot.started_ms < options_.file_timeout.count()) continue;
      worker.late_index = current;
      kill(worker.process, SIGKILL);
    }
  }

  void take_records(const ScanTask& task, ScanBoard& board) {
    for (std::size_t i = 0; i < workers_.size();) {
      if (drain(workers_[i]))
        ++i;
      else if (!replace(task, board, i))
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // Reads what the pipe holds; false at its end, when the worker is gone.
  bool drain(ScanWorker& worker) {
    char bytes[65536];
    for (;;) {
      const auto n = read(worker.pipe, bytes, sizeof bytes);
      if (n > 0) worker.received.append(bytes, static_cast<std::size_t>(n));
      if (n > 0) continue;
      const bool is_open = n < 0 && (errno == EAGAIN || errno == EINTR);
      parse(worker);
      return is_open;
    }
  }

  void parse(ScanWorker& worker) {
    std::string_view rest = worker.received;
    while (rest.size() >= kRecordHead) {
      std::uint64_t index = 0;
      std::uint32_t length = 0;
      std::memcpy(&index, rest.data(), sizeof index);
      std::memcpy(&length, rest.data() + sizeof index, sizeof length);
      if (rest.size() < kRecordHead + length) break;
      keep(index, unpack_header(rest.substr(kRecordHead, length), pool_));
      rest.remove_prefix(kRecordHead + length);
    }
    worker.received.erase(0, worker.received.size() - rest.size());
  }

  void keep(std::size_t index, FileHeader header) {
    auto& result = results_.at(index);
    if (!result) ++n_done_;
    header.path = paths_[index];
    result = std::move(header);
  }

  // A worker has ended: names the file it died on, and starts another one (true) when files are left.
  bool replace(const ScanTask& task, ScanBoard& board, std::size_t i) {
    auto& worker = workers_[i];
    int status = 0;
    waitpid(worker.process, &status, 0);
    close(worker.pipe);
    const auto culprit = board.slots[worker.slot].current.load();
    const bool has_died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    // One that was stopped just after it had gone on to the next file is nobody's fault: that file is read again.
    const bool is_blamable = worker.late_index < 0 || worker.late_index == culprit;
    if (has_died && culprit >= 0 && is_blamable) blame(static_cast<std::size_t>(culprit), worker, status);
    if (!has_died || board.next >= task.todo.size()) return false;
    const int slot = worker.slot;
    // Out of the list first: when the start fails, the destructor must not end a process that is gone.
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    workers_.insert(workers_.begin() + static_cast<std::ptrdiff_t>(i), start_scan_worker(task, board, slot));
    return true;
  }

  // The first death sends the file to the second reader in the next round.
  void blame(std::size_t index, const ScanWorker& worker, int status) {
    ++n_deaths_;
    if (worker.late_index < 0 && has_died_[index] == 0)
      has_died_[index] = 1;
    else
      keep(index, verdict(worker, status));
  }

  FileHeader verdict(const ScanWorker& worker, int status) {
    if (worker.late_index >= 0) {
      return failed_scan("header_timeout",
                         fmt::format("reading the header took longer than {} s; the file is left out",
                                     static_cast<double>(options_.file_timeout.count()) / 1000.0),
                         pool_);
    }
    const auto how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : std::string("out of memory or an internal error");
    return failed_scan("header_crash", fmt::format("reading the header ended the reader ({}); the file is left out", how), pool_);
  }

  void report() {
    if (!options_.progress || steady_ms() - reported_ms_ < kPollMs) return;
    reported_ms_ = steady_ms();
    options_.progress(n_done_, static_cast<std::int64_t>(paths_.size()));
  }

  const std::filesystem::path& folder_;
  const std::vector<std::string>& paths_;
  const ScanOptions& options_;
  StringPool& pool_;
  std::vector<std::optional<FileHeader>> results_;
  std::vector<char> has_died_;  ///< by path: 1 when the first reader died on it
  std::vector<ScanWorker> workers_;
  std::int64_t n_done_ = 0, n_deaths_ = 0, reported_ms_ = 0;
};

}  // namespace

std::vector<FileHeader> scan_headers(const std::filesystem::path& folder, const std::vector<std::string>& paths, const ScanOptions& options,
                                     StringPool& pool) {
  auto filled = options;
  if (!filled.reader) filled.reader = read_file_header;
  if (!filled.second_reader) filled.second_reader = read_file_header_slowly;
  return Scan(folder, paths, filled, pool).run();
}

}  // namespace cemscope::ingest
