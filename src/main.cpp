#include <exception>

#include "src/commands/cli.h"

int main(int argc, char** argv) {
  try {
    return cemscope::commands::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    return cemscope::commands::report_error(error);
  }
}
