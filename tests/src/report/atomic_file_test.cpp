#include "src/report/atomic_file.h"

#include <stdlib.h>

#include <fstream>

#include <gtest/gtest.h>

#include "imaging/error.h"

namespace cemscope::report {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() {
    std::string name = (fs::temp_directory_path() / "atomic_file_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~AtomicFile() override { fs::remove_all(folder_); }
  [[nodiscard]] std::size_t n_entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }
  fs::path folder_;
};

TEST_F(AtomicFile, ReplacesTheOldContentAndLeavesNoTemporaryFile) {
  const std::string bytes("a\0b\xff", 4);
  write_file(folder_ / "x", "a longer content than the new one");
  write_file(folder_ / "x", bytes, Durability::durable);
  EXPECT_EQ(read_file(folder_ / "x"), bytes);
  EXPECT_EQ(n_entries(), 1U);
}

TEST_F(AtomicFile, AFailureLeavesTheOldFileAndSaysWhy) {
  fs::create_directory(folder_ / "taken");
  std::ofstream(folder_ / "taken" / "inside");
  EXPECT_THROW(write_file(folder_ / "taken", "x"), Error);
  EXPECT_THROW(write_file(folder_ / "nowhere" / "x", "x"), Error);
  EXPECT_THROW(read_file(folder_ / "nowhere"), Error);
  EXPECT_THROW(read_file(folder_), Error);
  EXPECT_EQ(n_entries(), 1U);
}

TEST_F(AtomicFile, AFolderTakesTheOldOnesPlaceWhole) {
  fs::create_directory(folder_ / "new");
  fs::create_directory(folder_ / "old");
  write_file(folder_ / "new" / "n", "1");
  write_file(folder_ / "old" / "o", "1");
  replace_folder(folder_ / "new", folder_ / "old");
  EXPECT_TRUE(fs::exists(folder_ / "old" / "n"));
  EXPECT_FALSE(fs::exists(folder_ / "old" / "o"));
  EXPECT_EQ(n_entries(), 1U);
}

}  // namespace
}  // namespace cemscope::report
