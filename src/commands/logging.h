#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace cemscope::commands {

/// Where messages go. They name cases, never patients.
struct LogOptions {
  bool is_quiet = false;                      ///< errors only on stderr
  std::string level = "info";                 ///< "debug", "info", "warn", "error", "off"
  std::optional<std::filesystem::path> file;  ///< besides stderr, with dates, at the same level
};

/// Sets the program's log up. Throws Error{unreadable} when the log file cannot be written.
void set_up_logging(const LogOptions& options);

}  // namespace cemscope::commands
