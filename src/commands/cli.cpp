#include "src/commands/cli.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/batch/worker.h"
#include "src/commands/cli_parts.h"
#include "src/commands/progress.h"

namespace cemscope::commands {

void add_log_options(CLI::App& command, LogOptions& log) {
  command.add_flag("-q,--quiet", log.is_quiet, "Errors only, no progress bar");
  command.add_option("--log-level", log.level, "Messages to show")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  command.add_option("--log-file", log.file, "Write the messages into this file, too");
}

int run_command_line(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == batch::kWorkerCommand) return batch::run_worker();
  CLI::App app("cemscope: bone cement after vertebral augmentation, from a PACS export to a scored table. Research use only.");
  app.name("cemscope");
  app.set_version_flag("--version", "cemscope " + batch::program_version());
  app.require_subcommand(1);
  Request request;
  request.command_line.assign(argv, argv + argc);
  for (const auto add : {add_score, add_index, add_send, add_fit, add_predict, add_audit, add_evaluate, add_phantom}) add(app, request);
  const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (const auto commands = app.get_subcommands({});
      argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), named)) {
    std::fprintf(stderr, "error: there is no command \"%s\"; see cemscope --help\n", argv[1]);
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitScored : kExitUsage;
  }
  set_up_logging(request.log);
  return request.run();
}

int report_error(const std::exception& error) {
  clear_progress_line();
  std::fprintf(stderr, "error: %s\n", error.what());
  return dynamic_cast<const Error*>(&error) != nullptr ? kExitUsage : kExitFault;
}

}  // namespace cemscope::commands
