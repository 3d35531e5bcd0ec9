#include "src/batch/supervisor.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::batch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Supervised : public testing::Test {
 protected:
  int run(const std::vector<std::string>& words, int n_jobs = 2) {
    const SupervisorCalls calls{.make_job = [&](std::size_t task) { return words[task]; },
                                .on_finished = [&](std::size_t task, const WorkerEnd& end) { ends_[words[task]] = end; },
                                .on_tick = {}};
    return supervise(words.size(), {{FAKE_WORKER}, n_jobs, limits_}, calls);
  }

  WorkerLimits limits_;
  std::map<std::string, WorkerEnd> ends_;
};

TEST_F(Supervised, EveryTaskRunsOnceAndItsOutcomeAndMessagesComeBack) {
  EXPECT_EQ(run({"a", "b", "c", "d", "e"}, 3), 0);
  ASSERT_EQ(ends_.size(), 5U);
  EXPECT_EQ(ends_["c"].fate, WorkerFate::finished);
  EXPECT_EQ(ends_["c"].outcome, "outcome of c");
  EXPECT_EQ(ends_["c"].messages, "message of c");
  EXPECT_GT(ends_["c"].peak_memory_kib, 1000);
}

TEST_F(Supervised, ACrashCostsOneTask) {
  EXPECT_EQ(run({"a", "crash", "b"}), 0);
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(ends_["crash"].detail, "signal 11");
#endif
  EXPECT_EQ(ends_["crash"].fate, WorkerFate::crashed);
  EXPECT_EQ(ends_["a"].fate, WorkerFate::finished);
  EXPECT_EQ(ends_["b"].fate, WorkerFate::finished);
  EXPECT_EQ(failure_code(ends_["crash"].fate), "worker_crashed");
}

TEST_F(Supervised, AHangingWorkerIsKilledWhenItsTimeIsOver) {
  limits_.timeout = 300ms;
  EXPECT_EQ(run({"a", "hang", "b"}), 0);
  EXPECT_EQ(ends_["hang"].fate, WorkerFate::timed_out);
  EXPECT_GE(ends_["hang"].seconds, 0.3);
  EXPECT_LT(ends_["hang"].seconds, 10.0);
  EXPECT_EQ(ends_["b"].fate, WorkerFate::finished);
  EXPECT_THAT(failure_sentence(ends_["hang"], limits_), HasSubstr("raise --timeout"));
}

TEST_F(Supervised, AWorkerThatTakesTooMuchMemoryIsStopped) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "address space cannot be limited under AddressSanitizer";
#endif
  limits_.memory_gib = 0.5;
  EXPECT_EQ(run({"a", "hungry", "b"}), 0);
  EXPECT_EQ(ends_["hungry"].fate, WorkerFate::out_of_memory);
  EXPECT_LT(ends_["hungry"].peak_memory_kib, 600 * 1024);
  EXPECT_EQ(ends_["b"].fate, WorkerFate::finished);
  EXPECT_EQ(failure_code(ends_["hungry"].fate), "worker_out_of_memory");
}

TEST_F(Supervised, AProgramThatCannotBeStartedIsAFailureOfItsTask) {
  const SupervisorCalls calls{.make_job = [](std::size_t) { return "x"; },
                              .on_finished = [&](std::size_t, const WorkerEnd& end) { ends_["x"] = end; },
                              .on_tick = {}};
  EXPECT_EQ(supervise(1, {{"/nowhere/worker"}, 1, limits_}, calls), 0);
  EXPECT_NE(ends_["x"].fate, WorkerFate::finished);
}

TEST_F(Supervised, ASignalKillsTheWorkersAndIsReported) {
  const auto supervisor = ::pthread_self();
  std::jthread sender([&] {
    std::this_thread::sleep_for(300ms);
    ::pthread_kill(supervisor, SIGINT);
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run({"hang", "hang", "hang"}), SIGINT);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_TRUE(ends_.empty());
}

TEST_F(Supervised, ALongJobReachesTheWorkerWhole) {
  const std::string word(1 << 20, 'w');
  EXPECT_EQ(run({word}), 0);
  EXPECT_EQ(ends_[word].outcome.size(), word.size() + std::string("outcome of ").size());
}

}  // namespace
}  // namespace cemscope::batch
