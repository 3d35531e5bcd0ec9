#pragma once

#include <exception>

namespace cemscope::commands {

/// Exit codes of the program, as CONTRACT.md gives them; `failed` is for a fault of the program itself.
enum ExitCode { kExitScored = 0, kExitFault = 1, kExitUsage = 2, kExitSomeFailed = 3, kExitNothingToScore = 4 };

/// Parses the command line and runs the command; returns the exit code. Throws what the commands throw.
int run_command_line(int argc, char** argv);

/// Says on stderr what went wrong; returns the exit code for it: 2 for an Error (the user can mend it), 1 for anything else.
int report_error(const std::exception& error);

}  // namespace cemscope::commands
