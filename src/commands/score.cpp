#include "src/commands/score.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <thread>

#include <fmt/chrono.h>
#include <spdlog/spdlog.h>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/batch/worker.h"
#include "src/cohort/content_hash.h"
#include "src/commands/cli.h"
#include "src/commands/index.h"
#include "src/commands/progress.h"
#include "src/commands/score_outputs.h"
#include "src/commands/score_plan.h"
#include "src/ingest/export_input.h"

namespace cemscope::commands {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

int n_cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

void check_arguments(const ScoreArguments& arguments) {
  if (arguments.masks && !std::filesystem::is_directory(*arguments.masks))
    throw Error(ErrorKind::usage, fmt::format("--masks: {} is no folder", arguments.masks->string()));
}

ingest::ExportIndex index_with_progress(const ScoreArguments& arguments, const std::vector<ingest::Failure>& not_unpacked) {
  Progress progress("indexing", "files", arguments.shows_progress);
  ingest::IndexOptions options;
  options.progress = [&](std::int64_t n_done, std::int64_t n_total) { progress.update(n_done, n_total); };
  auto index = ingest::index_export(arguments.export_folder, options);
  index.failures.insert(index.failures.end(), not_unpacked.begin(), not_unpacked.end());
  spdlog::info("indexed {} files: {} DICOM, {} other, {} patients, {} failures", index.n_files, index.n_dicom, index.n_not_dicom,
               index.patients.size(), index.failures.size());
  return index;
}

/// A clinical table is never taken unasked: it might be of another export.
void mention_clinical_table(const ScoreArguments& arguments) {
  if (arguments.clinical_table) return;
  for (const auto& folder : {arguments.export_folder, std::filesystem::absolute(arguments.export_folder / "..").lexically_normal()})
    if (std::filesystem::exists(folder / "clinical.csv"))
      spdlog::info("a file clinical.csv lies in or beside the export and is not used; give it with --clinical");
}

/// What a resumed run must have in common with the one that it continues.
std::map<std::string, std::string> run_facts(const ScoreArguments& arguments) {
  auto patients = arguments.patients;
  std::sort(patients.begin(), patients.end());
  cohort::ContentHash selection;
  for (const auto& patient : patients) selection.add_text(patient);
  return {{"deidentified", arguments.is_deidentified ? "yes" : "no"}, {"patients", patients.empty() ? "all" : selection.hex()}};
}

void prepare_state(batch::StateStore& state, const batch::OutputFolder& output, const ScoreArguments& arguments) {
  const auto facts = run_facts(arguments), before = state.run_facts();
  const bool is_new = before.empty();
  if (arguments.output_mode == batch::OutputMode::resume && !is_new && before != facts)
    throw Error(ErrorKind::usage, "the output folder was made with another --deidentify or --patients; give the same, or another folder");
  if (arguments.output_mode == batch::OutputMode::overwrite)
    for (const auto& [case_id, unused] : state.cases()) {
      output.remove_case(case_id);
      state.remove(case_id);
    }
  state.set_run_facts(facts);
}

batch::BatchOptions batch_options(const ScoreArguments& arguments, std::size_t n_cases, std::string build) {
  batch::BatchOptions options;
  options.command = {"/proc/self/exe", batch::kWorkerCommand};
  const int wanted = arguments.n_jobs > 0 ? arguments.n_jobs : n_cores();
  options.n_jobs = std::clamp(wanted, 1, std::max(1, static_cast<int>(n_cases)));
  options.limits.memory_gib = arguments.memory_gib;
  options.limits.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(arguments.timeout_min * 60000.0));
  options.limits.n_threads = std::max(1, n_cores() / options.n_jobs);
  options.build = std::move(build);
  return options;
}

void log_messages(const std::string& case_id, const std::string& messages) {
  for (std::size_t begin = 0; begin < messages.size();) {
    const auto end = std::min(messages.find('\n', begin), messages.size());
    spdlog::trace("{}: {}", case_id, messages.substr(begin, end - begin));
    begin = end + 1;
  }
}

void log_case(const batch::CaseRecord& record, const batch::WorkerEnd& end) {
  const auto& result = record.result;
  if (record.is_failed)
    spdlog::warn("{}: {} after {:.1f} s", result.case_id, result.failures.empty() ? "failed" : result.failures.back().code, end.seconds);
  else
    spdlog::info("{}: scored in {:.1f} s, {} treated vertebrae", result.case_id, end.seconds, result.vertebrae.size());
}

class ScoreRun {
 public:
  /// `not_unpacked`: entries of an archive that are not in the export folder.
  ScoreRun(const ScoreArguments& arguments, const std::vector<ingest::Failure>& not_unpacked)
      : arguments_(arguments),
        not_unpacked_(not_unpacked),
        inputs_(read_inputs(arguments)),
        build_(std::async(std::launch::async, batch::build_hash)) {
    times_.started_utc = utc_now();
  }

  int run() {
    mention_clinical_table(arguments_);
    const auto index = index_with_progress(arguments_, not_unpacked_);
    times_.index_seconds = seconds_since(started_);
    if (index.patients.empty() && index.failures.empty()) {
      spdlog::error("nothing to score was found: {} files, none of them DICOM", index.n_files);
      return kExitNothingToScore;
    }
    return score(index);
  }

 private:
  int score(const ingest::ExportIndex& index) {
    const batch::OutputFolder output(arguments_.output_folder, arguments_.export_folder, arguments_.output_mode);
    batch::StateStore state(output.state_file());
    prepare_state(state, output, arguments_);
    std::optional<batch::Pseudonymizer> pseudonymizer;
    if (arguments_.is_deidentified) pseudonymizer = batch::open_pseudonymizer(output.path() / "deidentify.key");
    auto plan = make_plan(arguments_, inputs_, index, pseudonymizer);
    if (arguments_.masks)
      spdlog::info("masks were found for {} of {} patients",
                   std::count_if(plan.jobs.begin(), plan.jobs.end(), [](const auto& job) { return !job.masks.empty(); }), plan.jobs.size());
    const bool is_any = has_anything_to_score(index) && !plan.jobs.empty();
    auto end = run_cases(std::move(plan.jobs), output, state);
    if (end.signal != 0) return stopped(end);
    return finish({arguments_, inputs_, index, std::move(end.records), std::move(plan.failures), times_, 0}, state, is_any);
  }

  batch::BatchEnd run_cases(std::vector<batch::Job> jobs, const batch::OutputFolder& output, batch::StateStore& state) {
    const auto begin = Clock::now();
    const auto options = batch_options(arguments_, jobs.size(), build_.get());
    Progress progress("scoring", "cases", arguments_.shows_progress);
    const auto on_case = [&](const batch::CaseRecord& record, const batch::WorkerEnd& end) {
      log_case(record, end);
      if (!arguments_.is_deidentified) log_messages(record.result.case_id, end.messages);
    };
    const batch::BatchCalls calls{.on_case = on_case, .on_tick = [&](std::size_t n_done, std::size_t n_cases) {
                                    progress.update(static_cast<std::int64_t>(n_done), static_cast<std::int64_t>(n_cases));
                                  }};
    auto end = batch::run_batch(std::move(jobs), output, state, options, calls);
    times_.cases_seconds = seconds_since(begin);
    return end;
  }

  static int stopped(const batch::BatchEnd& end) {
    spdlog::warn("stopped; {} finished cases are kept, --resume continues", end.records.size());
    return 128 + end.signal;
  }

  int finish(RunRecord run, batch::StateStore& state, bool is_any) {
    const bool is_failed = std::any_of(run.cases.begin(), run.cases.end(), [](const auto& record) { return record.is_failed; });
    run.exit_code = !is_any ? kExitNothingToScore : is_failed ? kExitSomeFailed : kExitScored;
    const auto begin = Clock::now();
    write_tables_and_report(run);
    state.finish();
    run.times.cases_seconds = times_.cases_seconds;
    run.times.report_seconds = seconds_since(begin);
    run.times.total_seconds = seconds_since(started_);
    write_run_json(run);
    tell_end(run);
    return run.exit_code;
  }

  static void tell_end(const RunRecord& run) {
    if (run.exit_code == kExitNothingToScore)
      spdlog::error("nothing to score was found; failures.csv says why");
    else if (run.exit_code == kExitSomeFailed)
      spdlog::warn("some cases failed; they are in failures.csv");
    spdlog::info("{} cases in {:.1f} s; open {}", run.cases.size(), run.times.total_seconds,
                 (run.arguments.output_folder / "report.html").string());
  }

  const ScoreArguments& arguments_;
  const std::vector<ingest::Failure>& not_unpacked_;
  const Clock::time_point started_ = Clock::now();
  ScoreInputs inputs_;
  RunTimes times_;
  std::future<std::string> build_;
};

}  // namespace

int run_score(const ScoreArguments& given) {
  check_arguments(given);
  check_output_folder(given.output_folder, given.export_folder, given.output_mode);
  const ingest::ExportInput input(given.export_folder);
  auto arguments = given;
  arguments.export_folder = input.folder();
  return ScoreRun(arguments, input.failures()).run();
}

}  // namespace cemscope::commands
