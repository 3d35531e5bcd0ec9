#pragma once

#include <filesystem>
#include <string_view>

namespace cemscope::report {

/// Names of temporary files and folders begin with this, so that what a killed run left behind is known as ours.
inline constexpr std::string_view kTemporaryPrefix = ".cemscope-";

/// Whether a killed run must find the new content after a power cut (`durable`: fsync before the rename) or only after the death of
/// the process (`fast`).
enum class Durability { fast, durable };

/// Writes `bytes` to a temporary name in the same folder and renames it, so that readers see the old file or the new one.
/// Throws Error{unreadable} with the system's reason; the temporary file is removed then.
void write_file(const std::filesystem::path& path, std::string_view bytes, Durability durability = Durability::fast);

/// The whole file. Throws Error{unreadable}.
std::string read_file(const std::filesystem::path& path);

/// Puts the finished folder `from` in the place of `to` (same file system). An old `to` is removed first.
void replace_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace cemscope::report
