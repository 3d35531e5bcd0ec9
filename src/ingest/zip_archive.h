#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// How much an archive may hold. A deflated entry can be 1032 times smaller than what comes out of it.
struct ZipLimits {
  std::int64_t n_entries = 2'000'000;
  std::int64_t total_bytes = std::int64_t{1} << 40;  ///< of all entries, uncompressed
  /// Total size by the archive's own; exports are 1-10 times larger than their archives, blank pictures alone reach hundreds.
  std::int64_t total_ratio = 100;
  std::int64_t always_allowed_bytes = std::int64_t{1} << 30;  ///< the ratio is not asked for below this total
};

/// Whether the file begins as a zip archive does.
bool is_zip(const std::filesystem::path& file);

/// Extracts an archive into an empty folder. Nothing is ever written outside it: entries are regular files made anew, and those whose name
/// leads elsewhere ("zip_path_traversal"), that are links or devices ("zip_link", "zip_special_file"), encrypted ("zip_encrypted"), damaged
/// ("zip_damaged_entry"), in a method other than stored and deflated ("zip_unsupported_method") or of an impossible or repeated name
/// ("zip_bad_name") are left out and returned as failures. Archives in archives are not opened.
/// Throws Error{unreadable} when the archive cannot be read or the disk is full, Error{unsupported} "zip_bomb" when it holds more than
/// `limits` or than the disk has room for; then nothing has been extracted.
std::vector<Failure> extract_zip(const std::filesystem::path& archive, const std::filesystem::path& folder, const ZipLimits& limits = {});

}  // namespace cemscope::ingest
