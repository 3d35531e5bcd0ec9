#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

using HeaderReader = std::function<FileHeader(const std::filesystem::path& folder, const std::string& relative_path, StringPool& pool)>;

struct ScanOptions {
  int n_workers = 0;                                    ///< processes; 0: one per core
  std::chrono::milliseconds file_timeout{15000};        ///< a header takes 0.05 ms warm; network storage may take seconds
  std::int64_t memory_bytes = std::int64_t{128} << 20;  ///< address space of a worker beyond what it starts with; headers need kilobytes
  HeaderReader reader;                                  ///< empty: read_file_header
  HeaderReader second_reader;                           ///< for files on which the first one died; empty: read_file_header_slowly
  std::function<void(std::int64_t n_done, std::int64_t n_total)> progress;  ///< called at most a few times a second; may throw
};

/// Reads the headers of `paths` in child processes under a memory limit and a watch per file, and returns one record per path, in
/// that order. A file on which the reader dies is tried once more with the second reader; when that dies too, or when either hangs,
/// it gets the code "header_crash" or "header_timeout". The rest is not disturbed. The result does not depend on n_workers. Forks without
/// exec: to be called while no other thread holds a lock that the reader needs. Throws Error{unreadable} when no process can be started.
std::vector<FileHeader> scan_headers(const std::filesystem::path& folder, const std::vector<std::string>& paths, const ScanOptions& options,
                                     StringPool& pool);

}  // namespace cemscope::ingest
