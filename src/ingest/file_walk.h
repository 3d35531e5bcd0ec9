#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/ingest/export_index.h"

namespace cemscope::ingest {

struct FoundFiles {
  std::vector<std::string> paths;  ///< regular files, relative to the folder, sorted bytewise
  std::vector<Failure> failures;   ///< folders that cannot be read: "unreadable_folder"
  std::int64_t n_bytes = 0;
};

/// All regular files below the folder. Symbolic links are not followed, FIFOs, sockets and devices are passed over.
/// Throws Error{unreadable} when the folder itself cannot be read.
FoundFiles walk_folder(const std::filesystem::path& folder);

}  // namespace cemscope::ingest
