// The main command on a phantom export: what it writes, and that it writes the same again.
#include <algorithm>
#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// The phantom export, scored once for all tests.
class Score : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(run_cemscope({"phantom", *scratch_ / "sample", "--sample"}).exit_code, 0);
    before_ = contents_of(export_folder());
    first_ = score("first", {"--jobs", "2"});
  }
  static void TearDownTestSuite() {
    delete scratch_;
    scratch_ = nullptr;
  }

  static fs::path export_folder() { return *scratch_ / "sample"; }
  static fs::path out(const std::string& name) { return *scratch_ / name; }

  static ProgramRun score(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"score", export_folder(), "-o", out(name), "--clinical", export_folder() / "clinical.csv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cemscope(arguments);
  }

  static std::size_t n_patients() { return nlohmann::json::parse(std::ifstream(export_folder() / "truth.json")).size(); }

  static std::map<std::string, std::string> results(const std::string& name) { return contents_of(out(name), {"run.json"}); }

  static Scratch* scratch_;
  static std::map<std::string, std::string> before_;
  static ProgramRun first_;
};

Scratch* Score::scratch_ = nullptr;
std::map<std::string, std::string> Score::before_;
ProgramRun Score::first_;

TEST_F(Score, WritesEveryFileOfTheContractAndNothingIntoTheExport) {
  EXPECT_EQ(first_.exit_code, 0) << first_.err;
  for (const auto* name :
       {"patients.csv", "vertebrae.csv", "series.csv", "failures.csv", "report.html", "run.json", "dictionary.csv", "state.sqlite"})
    EXPECT_TRUE(fs::is_regular_file(out("first") / name)) << name;
  EXPECT_EQ(contents_of(export_folder()), before_);
  for (const auto& [name, bytes] : contents_of(out("first"))) EXPECT_THAT(name, Not(HasSubstr(".cemscope-")));
}

TEST_F(Score, EveryPatientHasARowAndAFolder) {
  const auto patients = read_table(out("first") / "patients.csv");
  ASSERT_THAT(patients.rows, SizeIs(n_patients()));
  EXPECT_TRUE(std::ranges::is_sorted(column(patients, "case_id")));
  for (const auto& case_id : column(patients, "case_id"))
    EXPECT_TRUE(fs::exists(out("first") / "cases" / case_id / "result.json")) << case_id;
  EXPECT_THAT(column(patients, "bmd_t_score_source"), Contains("clinical"));
  EXPECT_THAT(column(patients, "risk"), Each(Not("")));
}

TEST_F(Score, PicturesAndLabelsOfEveryTreatedVertebraAreThere) {
  const auto modalities = column(read_table(out("first") / "vertebrae.csv"), "modality");
  const auto n_on_ct = std::ranges::count(modalities, "CT");
  EXPECT_GT(n_on_ct, 0);
  std::ptrdiff_t n_pictures = 0;
  for (const auto& [name, bytes] : contents_of(out("first"))) {
    if (name.find("/vertebra_") != name.npos) ++n_pictures;
    if (name.ends_with(".png")) {
      EXPECT_EQ(bytes.substr(0, 4), "\x89PNG") << name;
    }
    if (name.ends_with("cement.nrrd")) {
      EXPECT_EQ(bytes.substr(0, 8), "NRRD0004") << name;
    }
  }
  EXPECT_EQ(n_pictures, n_on_ct);
}

TEST_F(Score, VersionsAndHashesStandInTheOutputs) {
  const auto run = nlohmann::json::parse(contents_of(out("first")).at("run.json"));
  EXPECT_THAT(run["definitions"]["hash"].get<std::string>(), HasSubstr("xxh3-128:"));
  EXPECT_THAT(run["model"]["hash"].get<std::string>(), HasSubstr("xxh3-128:"));
  EXPECT_EQ(run["counts"]["cases"], n_patients());
  EXPECT_EQ(run["exit_code"], 0);
  EXPECT_GT(run["peak_memory_mib"], 1.0);
  for (const auto& [name, bytes] : contents_of(out("first") / "cases")) {
    if (!name.ends_with("result.json")) continue;
    const auto result = nlohmann::json::parse(bytes);
    EXPECT_EQ(result["definitions"], run["definitions"]);
    EXPECT_EQ(result["model"], run["model"]);
  }
}

TEST_F(Score, TheSameInputMakesTheSameBytesWhateverTheJobs) {
  ASSERT_EQ(score("one_job", {"--jobs", "1"}).exit_code, 0);
  EXPECT_EQ(results("one_job"), results("first"));
}

TEST_F(Score, ResumeDoesNothingTwiceAndOverwriteEverythingAgain) {
  ASSERT_EQ(score("again", {"--patients", "P1"}).exit_code, 4) << "no such patient";
  fs::remove_all(out("again"));
  fs::copy(out("first"), out("again"), fs::copy_options::recursive);
  EXPECT_EQ(score("again", {}).exit_code, 2);
  EXPECT_EQ(score("again", {"--resume"}).exit_code, 0);
  EXPECT_EQ(results("again"), results("first"));
  EXPECT_EQ(nlohmann::json::parse(contents_of(out("again")).at("run.json"))["counts"]["cases_reused"], n_patients());
  std::ofstream(out("again") / "notes.txt") << "mine";
  EXPECT_EQ(score("again", {"--overwrite"}).exit_code, 0);
  EXPECT_EQ(nlohmann::json::parse(contents_of(out("again")).at("run.json"))["counts"]["cases_reused"], 0);
  EXPECT_EQ(contents_of(out("again")).at("notes.txt"), "mine");
}

TEST_F(Score, AStoppedRunKeepsWhatIsFinishedAndResumeCompletesIt) {
  const auto process =
      start_cemscope({"score", export_folder(), "-o", out("stopped"), "--clinical", export_folder() / "clinical.csv", "--jobs", "1"});
  const auto is_one_done = [&] {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(out("stopped") / "cases", error))
      if (!entry.path().filename().string().starts_with(".")) return true;
    return false;
  };
  for (int i = 0; i < 6000 && !is_one_done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ::kill(process, SIGINT);
  int status = 0;
  ::waitpid(process, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_FALSE(fs::exists(out("stopped") / "patients.csv"));
  for (const auto& [name, bytes] : contents_of(out("stopped"))) EXPECT_THAT(name, Not(HasSubstr(".cemscope-")));
  EXPECT_EQ(score("stopped", {"--resume"}).exit_code, 0);
  EXPECT_GT(nlohmann::json::parse(contents_of(out("stopped")).at("run.json"))["counts"]["cases_reused"], 0);
  EXPECT_EQ(results("stopped"), results("first"));
}

TEST_F(Score, ChosenPatientsOnly) {
  const auto id = cell(read_table(out("first") / "patients.csv"), 1, "patient_id");
  ASSERT_EQ(score("chosen", {"--patients", id + ",NOBODY"}).exit_code, 0);
  EXPECT_THAT(column(read_table(out("chosen") / "patients.csv"), "patient_id"), ElementsAre(id));
  EXPECT_THAT(column(read_table(out("chosen") / "failures.csv"), "code"), Contains("patient_not_in_export"));
  EXPECT_EQ(score("chosen", {"--resume"}).exit_code, 2) << "another selection";
}

TEST_F(Score, DeidentifiedResultsNameNobody) {
  const auto patients = read_table(out("first") / "patients.csv");
  const auto series = read_table(out("first") / "series.csv");
  // A folder of before with a fixed key: under a random one a patient's shifted date now and then meets another's true date.
  fs::create_directory(out("hidden"));
  fs::copy_file(out("first") / "state.sqlite", out("hidden") / "state.sqlite");
  std::ofstream(out("hidden") / "deidentify.key") << std::string(32, 'k');
  ASSERT_EQ(score("hidden", {"--deidentify", "--overwrite", "--log-file", out("hidden.log")}).exit_code, 0);
  auto hidden = contents_of(out("hidden"), {"deidentify.key", "state.sqlite"});
  hidden["log"] = contents_of(*scratch_ / "").at("hidden.log");
  std::vector<std::string> identifiers = column(patients, "patient_id");
  for (const auto* name : {"series_uid", "study_uid", "study_date"})
    for (const auto& text : column(series, name)) identifiers.push_back(text);
  for (const auto& [name, bytes] : hidden)
    for (const auto& identifier : identifiers)
      if (!identifier.empty() && !name.ends_with(".png") && !name.ends_with(".nrrd")) {
        EXPECT_EQ(name.find(identifier), name.npos);
        EXPECT_EQ(bytes.find(identifier), bytes.npos) << name << " holds " << identifier;
      }
  const auto pseudonyms = read_table(out("hidden") / "patients.csv");
  EXPECT_THAT(pseudonyms.rows, SizeIs(n_patients()));
  auto risks = column(patients, "risk"), hidden_risks = column(pseudonyms, "risk");
  std::ranges::sort(risks);
  std::ranges::sort(hidden_risks);
  EXPECT_EQ(hidden_risks, risks);
  const auto before = results("hidden");
  EXPECT_EQ(score("hidden", {"--deidentify", "--resume"}).exit_code, 0);
  EXPECT_EQ(results("hidden"), before);
  EXPECT_EQ(score("hidden", {"--resume"}).exit_code, 2) << "would mix names and pseudonyms";
}

TEST_F(Score, APatientsTimeLimitCostsTheCaseAndTheCodeIsThree) {
  const auto run = score("late", {"--timeout", "0.001"});
  EXPECT_EQ(run.exit_code, 3) << run.err;
  EXPECT_THAT(column(read_table(out("late") / "failures.csv"), "code"), Contains("worker_timeout"));
  EXPECT_THAT(read_table(out("late") / "patients.csv").rows, SizeIs(n_patients()));
  EXPECT_EQ(score("late", {"--resume"}).exit_code, 0);
  EXPECT_EQ(results("late"), results("first"));
}

TEST_F(Score, AModelsPrevalenceChangesRisksOnly) {
  ASSERT_EQ(score("prevalence", {"--prevalence", "0.2"}).exit_code, 0);
  const auto before = read_table(out("first") / "patients.csv"), after = read_table(out("prevalence") / "patients.csv");
  EXPECT_EQ(column(after, "cement_ml"), column(before, "cement_ml"));
  EXPECT_THAT(column(after, "prevalence"), Each("0.200000"));
  for (std::size_t row = 0; row < 4; ++row) EXPECT_GT(std::stod(cell(after, row, "risk")), std::stod(cell(before, row, "risk")));
}

TEST_F(Score, TheTablesAreNotTakenUnasked) {
  const auto run = run_cemscope({"score", export_folder(), "-o", out("unasked")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("clinical.csv"));
  EXPECT_THAT(column(read_table(out("unasked") / "patients.csv"), "bmd_t_score_source"), Each("none"));
}

TEST_F(Score, EvaluateHoldsTheOutputAgainstTheTruth) {
  const auto truth = export_folder() / "truth.json";
  const auto run =
      run_cemscope({"evaluate", out("first"), "--truth", truth, "-o", out("evaluation.json"), "--report", out("evaluation.html")});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("CT leakage"));
  const auto files = contents_of(*scratch_ / "");
  const auto json = nlohmann::json::parse(files.at("evaluation.json"));
  EXPECT_EQ(json["patients"]["scored"], n_patients());
  EXPECT_GE(json["detections"][0]["found"], 4);
  EXPECT_THAT(files.at("evaluation.html"), HasSubstr("Sensitivity"));
  EXPECT_EQ(run_cemscope({"evaluate", out("first"), "--truth", out("first") / "run.json"}).exit_code, 2) << "no truth";
  EXPECT_EQ(run_cemscope({"evaluate", out("first"), "--truth", out("first") / "vertebrae.csv"}).exit_code, 0) << "a reader's columns";
}

TEST_F(Score, NoMessageNamesMoreThanTheCase) {
  for (const auto& name : column(read_table(out("first") / "patients.csv"), "surgery_date"))
    EXPECT_TRUE(name.empty() || first_.err.find(name) == std::string::npos);
}

}  // namespace
}  // namespace cemscope::tests
