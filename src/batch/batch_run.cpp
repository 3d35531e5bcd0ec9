#include "src/batch/batch_run.h"

#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/batch/score_case.h"
#include "src/batch/supervisor.h"
#include "src/cohort/model_inputs.h"
#include "src/ingest/parallel.h"
#include "src/report/atomic_file.h"

namespace cemscope::batch {
namespace {

/// The row of a patient whose worker failed: nothing is known, and it says why.
cohort::CaseResult failed_result(const Job& job, const std::string& code, const std::string& sentence) {
  cohort::CaseResult result;
  result.patient_id = job.patient.patient_id;
  result.case_id = job.patient.case_id;
  result.warnings = {code};
  for (const char* name : cohort::kModelInputNames) {
    result.inputs[name] = {};
    result.missing.emplace_back(name);
  }
  result.failures.push_back({.code = code,
                             .sentence = job.is_deidentified ? kDetailsLeftOut : sentence,
                             .path = {},
                             .patient_id = result.patient_id,
                             .case_id = result.case_id,
                             .series_uid = {}});
  return result;
}

std::optional<Outcome> outcome_of(const WorkerEnd& end) {
  try {
    return nlohmann::json::parse(end.outcome).get<Outcome>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // it ended well and said nothing
  }
}

class Batch {
 public:
  Batch(std::vector<Job> jobs, const OutputFolder& output, StateStore& state, const BatchOptions& options, const BatchCalls& calls)
      : jobs_(std::move(jobs)), output_(output), state_(state), options_(options), calls_(calls), records_(jobs_.size()) {}

  BatchEnd run() {
    remove_stale_cases();
    take_over_finished();
    std::vector<std::size_t> to_do;
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      if (!records_[i]) to_do.push_back(i);
    n_done_ = jobs_.size() - to_do.size();
    const SupervisorCalls calls{.make_job = [&](std::size_t task) { return start(to_do[task]); },
                                .on_finished = [&](std::size_t task, const WorkerEnd& end) { finish(to_do[task], end); },
                                .on_tick = [&] { calls_.on_tick(n_done_, jobs_.size()); }};
    BatchEnd end;
    end.signal = supervise(to_do.size(), {options_.command, options_.n_jobs, options_.limits}, calls);
    remove_unfinished();
    for (auto& record : records_)
      if (record) end.records.push_back(std::move(*record));
    return end;
  }

 private:
  void remove_stale_cases() {
    std::set<std::string> wanted;
    for (const auto& job : jobs_) wanted.insert(job.patient.case_id);
    for (const auto& [case_id, state] : state_.cases()) {
      if (wanted.contains(case_id)) continue;
      output_.remove_case(case_id);
      state_.remove(case_id);
    }
  }

  void take_over_finished() {
    const auto states = state_.cases();
    std::vector<std::size_t> finished;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const auto found = states.find(jobs_[i].patient.case_id);
      if (found != states.end() && found->second.status == "done") finished.push_back(i);
    }
    ingest::parallel_for(static_cast<int>(finished.size()), options_.n_jobs, [&](int n) {
      const auto i = finished[static_cast<std::size_t>(n)];
      records_[i] = taken_over(jobs_[i], states.at(jobs_[i].patient.case_id));
    });
  }

  std::optional<CaseRecord> taken_over(const Job& job, const CaseState& state) const {
    const auto folder = output_.case_folder(job.patient.case_id);
    if (hash_folder(folder) != state.folder_hash) return std::nullopt;
    if (case_key(job, hash_files(job.export_folder, job.patient), options_.build) != state.key) return std::nullopt;
    return CaseRecord{
        .result = parse_result_json(report::read_file(folder / "result.json")), .is_failed = state.is_ct_lost, .is_reused = true};
  }

  std::string start(std::size_t i) {
    jobs_[i].output_folder = output_.make_temporary_case_folder(i);
    jobs_[i].n_threads = options_.limits.n_threads;
    return nlohmann::json(jobs_[i]).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  void finish(std::size_t i, const WorkerEnd& end) {
    auto& record = records_[i].emplace();
    const auto outcome = end.fate == WorkerFate::finished ? outcome_of(end) : std::nullopt;
    if (outcome && outcome->is_scored)
      keep(i, *outcome, record);
    else if (outcome)
      fail(i, outcome->code, outcome->sentence, record);
    else if (end.fate == WorkerFate::finished)
      fail(i, "worker_crashed", "the worker process ended without a result", record);
    else
      fail(i, failure_code(end.fate), failure_sentence(end, options_.limits), record);
    record.seconds = end.seconds;
    record.peak_memory_kib = end.peak_memory_kib;
    ++n_done_;
    calls_.on_case(record, end);
  }

  void keep(std::size_t i, const Outcome& outcome, CaseRecord& record) {
    const auto& job = jobs_[i];
    const auto& case_id = job.patient.case_id;
    const CaseState state{"done", case_key(job, outcome.content_hash, options_.build), hash_folder(job.output_folder), outcome.is_ct_lost};
    record.result = parse_result_json(report::read_file(job.output_folder / "result.json"));
    record.is_failed = outcome.is_ct_lost;
    report::replace_folder(job.output_folder, output_.case_folder(case_id));
    state_.put(case_id, state);
  }

  void fail(std::size_t i, const std::string& code, const std::string& sentence, CaseRecord& record) {
    const auto& case_id = jobs_[i].patient.case_id;
    record.result = failed_result(jobs_[i], code, sentence);
    record.is_failed = true;
    output_.remove_case(case_id);
    std::filesystem::remove_all(jobs_[i].output_folder);
    state_.put(case_id, {"failed", "", "", false});
  }

  void remove_unfinished() {
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      if (!records_[i] && !jobs_[i].output_folder.empty()) std::filesystem::remove_all(jobs_[i].output_folder);
  }

  std::vector<Job> jobs_;
  const OutputFolder& output_;
  StateStore& state_;
  const BatchOptions& options_;
  const BatchCalls& calls_;
  std::vector<std::optional<CaseRecord>> records_;
  std::size_t n_done_ = 0;
};

}  // namespace

BatchEnd run_batch(std::vector<Job> jobs, const OutputFolder& output, StateStore& state, const BatchOptions& options,
                   const BatchCalls& calls) {
  return Batch(std::move(jobs), output, state, options, calls).run();
}

}  // namespace cemscope::batch
