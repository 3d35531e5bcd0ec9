// The README's commands work as they stand there.
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

/// Lines of the README that begin with the program, without their comments.
std::vector<std::string> readme_commands() {
  std::ifstream stream(fs::path(CEMSCOPE_SOURCE_DIR) / "README.md");
  std::vector<std::string> commands;
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with("build/release/cemscope ")) commands.push_back(line.substr(0, line.find('#')));
  return commands;
}

std::vector<std::string> words_of(const std::string& line, const std::map<std::string, fs::path>& places) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  std::string word;
  stream >> word;  // the program
  while (stream >> word) words.push_back(places.contains(word) ? places.at(word).string() : word);
  return words;
}

TEST(Readme, ItsCommandsScoreTheSampleInTheOrderGiven) {
  const Scratch scratch;
  const auto sample = fs::path(CEMSCOPE_SOURCE_DIR) / "sample_dicom";
  const std::map<std::string, fs::path> places{
      {"/path/to/export", sample}, {"results", scratch / "results"}, {"clinical.csv", sample / "clinical.csv"}};
  const auto commands = readme_commands();
  EXPECT_GE(commands.size(), 3U);
  for (const auto& command : commands) {
    const auto run = run_cemscope(words_of(command, places));
    EXPECT_EQ(run.exit_code, 0) << command << '\n' << run.err;
  }
  EXPECT_TRUE(fs::exists(scratch / "results/report.html"));
}

/// Every image file of the sample is indexed, and every patient of it is scored.
TEST(Readme, EveryFileOfTheSampleIsUsed) {
  const Scratch scratch;
  const auto sample = fs::path(CEMSCOPE_SOURCE_DIR) / "sample_dicom";
  ASSERT_EQ(run_cemscope({"score", sample, "-o", scratch / "out"}).exit_code, 0);
  EXPECT_THAT(read_table(scratch / "out/failures.csv").rows, SizeIs(0));
  int n_indexed = 0;
  for (const auto& count : column(read_table(scratch / "out/series.csv"), "n_images")) n_indexed += std::stoi(count);
  int n_files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(sample)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string head(132, '\0');
    stream.read(head.data(), 132);
    n_files += head.ends_with("DICM") ? 1 : 0;
  }
  EXPECT_GT(n_files, 0);
  EXPECT_EQ(n_indexed, n_files);
}

}  // namespace
}  // namespace cemscope::tests
