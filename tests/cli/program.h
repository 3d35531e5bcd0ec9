#pragma once

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "src/cohort/csv_table.h"

namespace cemscope::tests {

/// How a run of the program ended.
struct ProgramRun {
  int exit_code = -1;  ///< 128 + signal when it was killed
  std::string out, err;
};

/// Runs the built cemscope with these arguments and waits for it.
ProgramRun run_cemscope(const std::vector<std::string>& arguments);

/// Starts it without waiting; returns the process id. Its output goes nowhere.
int start_cemscope(const std::vector<std::string>& arguments);

/// Every file below the folder with its bytes, by path relative to it; `left_out` names files to leave out.
std::map<std::string, std::string> contents_of(const std::filesystem::path& folder, const std::vector<std::string>& left_out = {});

/// A table that the program wrote, and a cell of it by column name.
cohort::CsvTable read_table(const std::filesystem::path& file);
std::string cell(const cohort::CsvTable& table, std::size_t row, const std::string& column);
/// All cells of a column.
std::vector<std::string> column(const cohort::CsvTable& table, const std::string& name);

/// A folder of the test's own that is gone at the end of the program.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "cemscope_cli_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace cemscope::tests
