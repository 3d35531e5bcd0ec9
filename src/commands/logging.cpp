#include "src/commands/logging.h"

#include <memory>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "imaging/error.h"
#include "src/commands/progress.h"

namespace cemscope::commands {
namespace {

/// Clears the progress bar before a message, so that the two do not run into each other.
class TerminalSink : public spdlog::sinks::stderr_color_sink_mt {
  using Base = spdlog::sinks::stderr_color_sink_mt;

 public:
  void log(const spdlog::details::log_msg& message) override {
    if (should_log(message.level)) clear_progress_line();
    Base::log(message);
  }
};

std::shared_ptr<spdlog::sinks::sink> file_sink(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %l: %v");
    return sink;
  } catch (const spdlog::spdlog_ex&) {
    throw Error(ErrorKind::unreadable, "the log file cannot be written");
  }
}

}  // namespace

void set_up_logging(const LogOptions& options) {
  const auto level = spdlog::level::from_str(options.level);
  auto terminal = std::make_shared<TerminalSink>();
  terminal->set_pattern("%^%l%$: %v");
  terminal->set_level(options.is_quiet ? spdlog::level::err : level);
  auto logger = std::make_shared<spdlog::logger>("cemscope", terminal);
  if (options.file) logger->sinks().push_back(file_sink(*options.file));
  logger->set_level(level);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace cemscope::commands
