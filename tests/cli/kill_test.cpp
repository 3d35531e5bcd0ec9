// kill -9 at random moments, then --resume: the bytes must be those of an undisturbed run.
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Kill : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run_cemscope({"phantom", export_, "--sample"}).exit_code, 0); }

  [[nodiscard]] std::vector<std::string> arguments(const fs::path& out) const {
    return {"score", export_, "-o", out, "--clinical", export_ / "clinical.csv", "--jobs", "2", "--resume", "--quiet"};
  }

  const Scratch scratch_;
  const fs::path export_ = scratch_ / "export";
};

/// Worker processes of a supervisor, from /proc.
std::vector<int> children_of(int process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  return {std::istream_iterator<int>(stream), {}};
}

bool is_alive(int process) { return fs::exists("/proc/" + std::to_string(process) + "/exe"); }

TEST_F(Kill, ASupervisorKilledAtAnyMomentAndResumedMakesTheSameBytes) {
  const auto begin = Clock::now();
  ASSERT_EQ(run_cemscope(arguments(scratch_ / "reference")).exit_code, 0);
  const auto whole_ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  const auto reference = contents_of(scratch_ / "reference", {"run.json"});
  std::mt19937 random(20210722);
  for (int trial = 0; trial < 12; ++trial) {
    const auto out = scratch_ / ("out" + std::to_string(trial));
    for (int n_kills = 0; n_kills < 3; ++n_kills) {
      const int process = start_cemscope(arguments(out));
      std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<long>(0, whole_ms)(random)));
      const auto workers = children_of(process);
      ::kill(process, SIGKILL);
      ::waitpid(process, nullptr, 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      for (const int worker : workers) EXPECT_FALSE(is_alive(worker)) << "an orphan is still running";
    }
    ASSERT_EQ(run_cemscope(arguments(out)).exit_code, 0) << "trial " << trial;
    EXPECT_EQ(contents_of(out, {"run.json"}), reference) << "trial " << trial;
  }
}

TEST_F(Kill, AKilledWorkerCostsItsCaseAndResumeMendsIt) {
  ASSERT_EQ(run_cemscope(arguments(scratch_ / "reference")).exit_code, 0);
  for (const int signal : {SIGKILL, SIGSEGV}) {
    const auto out = scratch_ / ("out" + std::to_string(signal));
    const int process = start_cemscope(arguments(out));
    std::vector<int> workers;
    for (int i = 0; i < 5000 && workers.empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      for (const int child : children_of(process))
        if (fs::exists(out / "state.sqlite")) workers.push_back(child);  // not the children that scan headers
    }
    ASSERT_FALSE(workers.empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    ::kill(workers.front(), signal);
    int status = 0;
    ::waitpid(process, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 3);
    const auto codes = column(read_table(out / "failures.csv"), "code");
    const auto* expected = signal == SIGKILL ? "worker_out_of_memory" : "worker_crashed";
    EXPECT_EQ(std::count(codes.begin(), codes.end(), expected), 1);
    ASSERT_EQ(run_cemscope(arguments(out)).exit_code, 0);
    EXPECT_EQ(contents_of(out, {"run.json"}), contents_of(scratch_ / "reference", {"run.json"}));
  }
}

}  // namespace
}  // namespace cemscope::tests
