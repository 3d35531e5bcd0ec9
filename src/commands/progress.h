#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cemscope::commands {

/// A progress bar with rate and time left on a terminal; nothing otherwise (the log's plain lines tell then).
class Progress {
 public:
  /// `what` stands before the bar, `unit` names what is counted ("files", "cases"). `is_shown` false: never draws.
  Progress(std::string what, std::string unit, bool is_shown);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Draws at most ten times a second.
  void update(std::int64_t n_done, std::int64_t n_total);

 private:
  std::string what_, unit_;
  bool is_shown_;
  std::chrono::steady_clock::time_point started_, drawn_{};
};

/// "scoring [#####     ] 3/6 cases, 42/min, 0:04 left"; the rate is per second when there are many.
std::string progress_line(const std::string& what, const std::string& unit, std::int64_t n_done, std::int64_t n_total, double seconds);

/// Takes a drawn bar off the terminal's line; does nothing when there is none.
void clear_progress_line();

}  // namespace cemscope::commands
