#include "src/commands/phantom.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "imaging/error.h"

namespace cemscope::commands {
namespace {

namespace fs = std::filesystem;

class PhantomCommand : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("cemscope_phantom_command_" + std::to_string(::getpid()));
  void TearDown() override { fs::remove_all(folder_); }
  static ErrorKind kind_of(const PhantomArguments& arguments) {
    try {
      run_phantom(arguments);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::unreadable;
  }
};

TEST_F(PhantomCommand, RefusesModalitiesThatAreNotSimulated) {
  PhantomArguments arguments{folder_, 1, 1, {"CT", "US"}};
  EXPECT_EQ(kind_of(arguments), ErrorKind::usage);
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(PhantomCommand, RefusesAnImpossibleCount) {
  EXPECT_EQ(kind_of({folder_, 0}), ErrorKind::usage);
  EXPECT_EQ(kind_of({folder_, 10000}), ErrorKind::usage);
}

TEST_F(PhantomCommand, NeverWritesIntoAFolderInUse) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "mine.txt") << "keep";
  EXPECT_EQ(kind_of({folder_, 1}), ErrorKind::usage);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace cemscope::commands
