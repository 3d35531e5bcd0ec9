#include "tests/cli/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

int start(std::vector<std::string> arguments, const std::string& out, const std::string& err) {
  arguments.insert(arguments.begin(), CEMSCOPE_PROGRAM);
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t process = -1;
  const int error = ::posix_spawn(&process, CEMSCOPE_PROGRAM, &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " CEMSCOPE_PROGRAM);
  return process;
}

}  // namespace

ProgramRun run_cemscope(const std::vector<std::string>& arguments) {
  const Scratch scratch;
  int status = 0;
  ::waitpid(start(arguments, scratch / "out", scratch / "err"), &status, 0);
  ProgramRun run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = bytes_of(scratch / "out");
  run.err = bytes_of(scratch / "err");
  return run;
}

int start_cemscope(const std::vector<std::string>& arguments) { return start(arguments, "/dev/null", "/dev/null"); }

std::map<std::string, std::string> contents_of(const fs::path& folder, const std::vector<std::string>& left_out) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = fs::relative(entry.path(), folder).string();
    if (entry.is_regular_file() && std::find(left_out.begin(), left_out.end(), name) == left_out.end())
      contents[name] = bytes_of(entry.path());
  }
  return contents;
}

cohort::CsvTable read_table(const fs::path& file) { return cohort::read_csv(file); }

std::string cell(const cohort::CsvTable& table, std::size_t row, const std::string& name) {
  return table.rows.at(row).cells.at(cohort::column_of(table, name).value());
}

std::vector<std::string> column(const cohort::CsvTable& table, const std::string& name) {
  std::vector<std::string> cells;
  for (std::size_t row = 0; row < table.rows.size(); ++row) cells.push_back(cell(table, row, name));
  return cells;
}

}  // namespace cemscope::tests
