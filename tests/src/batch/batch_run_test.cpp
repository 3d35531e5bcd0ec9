#include "src/batch/batch_run.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/report/atomic_file.h"
#include "src/statistics/model_file.h"
#include "tests/src/batch/temporary_folder.h"

namespace cemscope::batch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class BatchRun : public testing::Test {
 protected:
  BatchRun() {
    fs::create_directories(export_);
    options_.command = {FAKE_WORKER};
    options_.n_jobs = 2;
    options_.limits.timeout = std::chrono::milliseconds(1500);
    options_.limits.memory_gib = 1.0;
    options_.build = "build";
  }

  Job job(const std::string& id) {
    report::write_file(export_ / id, "bytes of " + id);
    Job result;
    result.export_folder = export_;
    result.patient.patient_id = result.patient.case_id = id;
    ingest::Series series;
    series.images.emplace_back().path = id;
    ingest::Study study;
    study.series.push_back(series);
    result.patient.studies.push_back(study);
    result.definitions = cohort::load_definitions(std::nullopt);
    result.model = statistics::load_model("liu-2021");
    return result;
  }

  std::vector<Job> jobs(const std::vector<std::string>& ids) {
    std::vector<Job> result;
    for (const auto& id : ids) result.push_back(job(id));
    return result;
  }

  BatchEnd run(std::vector<Job> jobs) {
    ran_.clear();
    const OutputFolder output(out_, export_, OutputMode::resume);
    StateStore state(output.state_file());
    const BatchCalls calls{.on_case = [&](const CaseRecord& record, const WorkerEnd&) { ran_.push_back(record.result.case_id); },
                           .on_tick = [](std::size_t, std::size_t) {}};
    auto end = run_batch(std::move(jobs), output, state, options_, calls);
    state.finish();
    return end;
  }

  std::string state_bytes() { return report::read_file(out_ / "state.sqlite"); }

  const TemporaryFolder root_;
  const fs::path export_ = root_.path() / "export", out_ = root_.path() / "out";
  BatchOptions options_;
  std::vector<std::string> ran_;
};

TEST_F(BatchRun, EveryCaseGetsItsFolderAndTheRecordsKeepTheOrder) {
  const auto end = run(jobs({"a", "b", "c"}));
  EXPECT_EQ(end.signal, 0);
  ASSERT_EQ(end.records.size(), 3U);
  EXPECT_EQ(end.records[1].result.case_id, "b");
  EXPECT_FALSE(end.records[1].is_failed);
  for (const auto* id : {"a", "b", "c"}) EXPECT_TRUE(fs::exists(out_ / "cases" / id / "result.json"));
  EXPECT_EQ(std::distance(fs::directory_iterator(out_ / "cases"), fs::directory_iterator{}), 3);
}

TEST_F(BatchRun, AFailedWorkerCostsItsCaseOneFailureAndTheRestGoesOn) {
  const auto end = run(jobs({"a", "crash", "hang", "hungry", "refuse", "silent", "z"}));
  ASSERT_EQ(end.records.size(), 7U);
  std::map<std::string, std::string> codes;
  for (const auto& record : end.records)
    for (const auto& failure : record.result.failures) codes[failure.case_id] += failure.code;
  codes.erase("hungry");  // no memory limit under AddressSanitizer: a timeout there
  EXPECT_EQ(codes, (std::map<std::string, std::string>{
                       {"crash", "worker_crashed"}, {"hang", "worker_timeout"}, {"refuse", "case_failed"}, {"silent", "worker_crashed"}}));
  EXPECT_TRUE(end.records[3].is_failed);
  EXPECT_FALSE(end.records[6].is_failed);
  EXPECT_FALSE(fs::exists(out_ / "cases" / "crash"));
  EXPECT_EQ(std::distance(fs::directory_iterator(out_ / "cases"), fs::directory_iterator{}), 2);
}

TEST_F(BatchRun, ASecondRunTakesOverWhatIsUnchanged) {
  run(jobs({"a", "b"}));
  const auto before = state_bytes();
  const auto end = run(jobs({"a", "b"}));
  EXPECT_THAT(ran_, IsEmpty());
  EXPECT_TRUE(end.records[0].is_reused);
  EXPECT_EQ(end.records[0].result.case_id, "a");
  EXPECT_EQ(state_bytes(), before);
}

TEST_F(BatchRun, AFailedCaseIsTriedAgain) {
  run(jobs({"a", "crash"}));
  run(jobs({"a", "crash"}));
  EXPECT_THAT(ran_, ElementsAre("crash"));
}

TEST_F(BatchRun, AnythingThatAResultDependsOnMakesItRunAgain) {
  run(jobs({"a", "b"}));
  auto changed = jobs({"a", "b"});
  report::write_file(export_ / "a", "other bytes");
  run(changed);
  EXPECT_THAT(ran_, ElementsAre("a"));
  changed[1].prevalence = 0.2;
  run(changed);
  EXPECT_THAT(ran_, ElementsAre("b"));
  changed[1].clinical.emplace().numbers["bmd_t_score"] = -3;
  run(changed);
  EXPECT_THAT(ran_, ElementsAre("b"));
  changed[0].patient.studies[0].date = "20200101";
  run(changed);
  EXPECT_THAT(ran_, ElementsAre("a"));
  for (auto& one : changed) one.definitions.by_name.at("leakage.min_leak_mm3").value = 20;
  run(changed);
  EXPECT_THAT(ran_, UnorderedElementsAre("a", "b"));
  options_.build = "another";
  run(changed);
  EXPECT_THAT(ran_, UnorderedElementsAre("a", "b"));
  options_.n_jobs = 1;
  options_.limits.n_threads = 7;
  options_.limits.memory_gib = 2;
  run(changed);
  EXPECT_THAT(ran_, IsEmpty());
}

TEST_F(BatchRun, AFolderThatWasTouchedIsMadeAnew) {
  run(jobs({"a", "b", "c"}));
  report::write_file(out_ / "cases" / "a" / "note.txt", "x");
  fs::remove(out_ / "cases" / "b" / "result.json");
  run(jobs({"a", "b", "c"}));
  EXPECT_THAT(ran_, UnorderedElementsAre("a", "b"));
  EXPECT_FALSE(fs::exists(out_ / "cases" / "a" / "note.txt"));
}

TEST_F(BatchRun, CasesThatAreGoneFromTheExportLeaveTheFolderAndForeignOnesStay) {
  run(jobs({"a", "b"}));
  fs::create_directories(out_ / "cases" / "mine");
  run(jobs({"b"}));
  EXPECT_FALSE(fs::exists(out_ / "cases" / "a"));
  EXPECT_TRUE(fs::exists(out_ / "cases" / "mine"));
}

TEST_F(BatchRun, TheStateDoesNotDependOnTheNumberOfJobs) {
  options_.n_jobs = 4;
  run(jobs({"a", "b", "c", "d"}));
  const auto many = state_bytes();
  fs::remove_all(out_);
  options_.n_jobs = 1;
  run(jobs({"a", "b", "c", "d"}));
  EXPECT_EQ(state_bytes(), many);
}

}  // namespace
}  // namespace cemscope::batch
