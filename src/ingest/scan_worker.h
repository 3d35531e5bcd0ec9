#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/ingest/scan_pool.h"

namespace cemscope::ingest {

inline constexpr int kMaxScanWorkers = 64;

/// Memory that the scanning processes share with their parent: who works on what since when.
struct ScanBoard {
  struct Slot {
    std::atomic<std::int64_t> current{-1};    ///< index into paths, -1 between files
    std::atomic<std::int64_t> started_ms{0};  ///< steady clock
  };
  std::atomic<std::size_t> next{0};  ///< index into the task's `todo`
  Slot slots[kMaxScanWorkers];
};

/// What all workers of a round work through.
struct ScanTask {
  const std::filesystem::path& folder;
  const std::vector<std::string>& paths;
  const std::vector<std::size_t>& todo;  ///< indices into paths
  const std::vector<char>& has_died;     ///< by path: 1 when it is the second reader's turn
  const ScanOptions& options;
};

/// A worker process seen from its parent.
struct ScanWorker {
  pid_t process = -1;
  int pipe = -1;
  int slot = 0;
  std::int64_t late_index = -1;  ///< the file for which it was stopped, -1 when it was not
  std::string received;
};

/// Milliseconds of the steady clock, the same in all processes.
std::int64_t steady_ms();

/// Forks a process that takes files from the board until none is left and writes records to its pipe: 8 bytes index, 4 bytes length,
/// pack_header's bytes. Throws Error{unreadable}.
ScanWorker start_scan_worker(const ScanTask& task, ScanBoard& board, int slot);

}  // namespace cemscope::ingest
