#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/commands/phantom.h"

namespace cemscope::commands {
namespace {

namespace fs = std::filesystem;

std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "README.md") files.insert(fs::relative(entry.path(), folder).string());
  return files;
}

std::string read_all(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// sample_dicom is what its README's command writes. Pixels are not compared: the last bit of libm's functions depends on the processor.
TEST(SampleDicom, IsWhatTheCommandWrites) {
  const fs::path made = fs::temp_directory_path() / ("cemscope_sample_" + std::to_string(::getpid()));
  const fs::path kept = CEMSCOPE_SAMPLE_DICOM;
  PhantomArguments arguments{made};
  arguments.is_sample = true;
  EXPECT_EQ(run_phantom(arguments), 0);
  EXPECT_EQ(files_below(made), files_below(kept));
  EXPECT_EQ(read_all(made / "truth.json"), read_all(kept / "truth.json"));
  EXPECT_EQ(read_all(made / "clinical.csv"), read_all(kept / "clinical.csv"));
  fs::remove_all(made);
}

TEST(SampleDicom, StaysBelowFourteenMegabytes) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(CEMSCOPE_SAMPLE_DICOM))
    if (entry.is_regular_file()) bytes += entry.file_size();
  EXPECT_LT(bytes, 14'000'000U);
}

}  // namespace
}  // namespace cemscope::commands
