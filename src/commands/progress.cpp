#include "src/commands/progress.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace cemscope::commands {
namespace {

constexpr int kBarWidth = 24;
constexpr auto kRedrawAfter = std::chrono::milliseconds(100);
std::atomic<bool> is_line_drawn{false};

std::string bar(double fraction) {
  const auto n = static_cast<std::size_t>(std::lround(fraction * kBarWidth));
  return std::string(n, '#') + std::string(kBarWidth - n, ' ');
}

std::string rate_text(double per_second) {
  return per_second >= 2 ? fmt::format("{:.0f}/s", per_second) : fmt::format("{:.0f}/min", per_second * 60);
}

std::string minutes_text(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_line(const std::string& what, const std::string& unit, std::int64_t n_done, std::int64_t n_total, double seconds) {
  const double fraction = n_total > 0 ? std::clamp(static_cast<double>(n_done) / static_cast<double>(n_total), 0.0, 1.0) : 0.0;
  auto line = fmt::format("{} [{}] {}/{} {}", what, bar(fraction), n_done, n_total, unit);
  if (n_done <= 0 || seconds <= 0) return line;
  const double per_second = static_cast<double>(n_done) / seconds;
  return line + fmt::format(", {}, {} left", rate_text(per_second), minutes_text(static_cast<double>(n_total - n_done) / per_second));
}

void clear_progress_line() {
  if (is_line_drawn.exchange(false)) std::fputs("\r\033[K", stderr);
}

Progress::Progress(std::string what, std::string unit, bool is_shown)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      is_shown_(is_shown && ::isatty(STDERR_FILENO) == 1),
      started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() { clear_progress_line(); }

void Progress::update(std::int64_t n_done, std::int64_t n_total) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_shown_ || now - drawn_ < kRedrawAfter) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  fmt::print(stderr, "\r\033[K{}", progress_line(what_, unit_, n_done, n_total, seconds));
  is_line_drawn = true;
}

}  // namespace cemscope::commands
