#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/commands/logging.h"

namespace CLI {
class App;
}

namespace cemscope::commands {

/// What the parsed command line asks for; the subcommand that was given sets `run`.
struct Request {
  std::vector<std::string> command_line;
  LogOptions log;
  std::function<int()> run;
};

/// --quiet, --log-level and --log-file.
void add_log_options(CLI::App& command, LogOptions& log);

/// Each adds one subcommand with its options and help.
void add_score(CLI::App& app, Request& request);
void add_index(CLI::App& app, Request& request);
void add_send(CLI::App& app, Request& request);
void add_fit(CLI::App& app, Request& request);
void add_predict(CLI::App& app, Request& request);
void add_audit(CLI::App& app, Request& request);
void add_evaluate(CLI::App& app, Request& request);
void add_phantom(CLI::App& app, Request& request);

}  // namespace cemscope::commands
