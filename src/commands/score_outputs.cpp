#include "src/commands/score_outputs.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/report/atomic_file.h"
#include "src/report/dictionary.h"
#include "src/report/html.h"
#include "src/report/tables.h"

namespace cemscope::commands {
namespace {

using nlohmann::ordered_json;

std::vector<cohort::CaseResult> results_of(const RunRecord& run) {
  std::vector<cohort::CaseResult> results;
  for (const auto& record : run.cases) results.push_back(record.result);
  return results;
}

std::vector<ingest::Failure> all_failures(const RunRecord& run) {
  auto failures = run.failures;
  for (const auto& record : run.cases) failures.insert(failures.end(), record.result.failures.begin(), record.result.failures.end());
  return failures;
}

report::RunInfo run_info(const RunRecord& run) {
  report::RunInfo info;
  info.program_version = batch::program_version();
  info.definitions_version = run.inputs.definitions.version;
  info.definitions_hash = run.inputs.definitions.hash;
  info.model = run.inputs.model;
  if (run.arguments.clinical_table && !run.arguments.is_deidentified)
    info.clinical_table = run.arguments.clinical_table->filename().string();
  info.n_files = run.index.n_files;
  info.n_dicom = run.index.n_dicom;
  info.n_not_dicom = run.index.n_not_dicom;
  info.is_deidentified = run.arguments.is_deidentified;
  info.failures = all_failures(run);
  return info;
}

std::string load_picture(const std::filesystem::path& output_folder, const std::string& case_id, const std::string& file) {
  try {
    return report::read_file(output_folder / "cases" / case_id / file);
  } catch (const Error&) {
    return {};
  }
}

/// Paths of the command line may name patients.
ordered_json command_line_json(const ScoreArguments& arguments) {
  if (arguments.is_deidentified) return ordered_json::array({"cemscope", "score", "(left out by --deidentify)"});
  return arguments.command_line;
}

ordered_json counts_json(const RunRecord& run) {
  const auto count = [&](auto is_counted) { return std::count_if(run.cases.begin(), run.cases.end(), is_counted); };
  return {{"files", run.index.n_files},
          {"dicom_files", run.index.n_dicom},
          {"other_files", run.index.n_not_dicom},
          {"bytes", run.index.n_bytes},
          {"cases", run.cases.size()},
          {"cases_failed", count([](const auto& record) { return record.is_failed; })},
          {"cases_reused", count([](const auto& record) { return record.is_reused; })},
          {"failures", all_failures(run).size()}};
}

ordered_json times_json(const RunTimes& times) {
  return {{"started", times.started_utc},
          {"index_seconds", times.index_seconds},
          {"cases_seconds", times.cases_seconds},
          {"report_seconds", times.report_seconds},
          {"total_seconds", times.total_seconds}};
}

ordered_json cases_json(const RunRecord& run) {
  auto cases = ordered_json::array();
  for (const auto& record : run.cases)
    cases.push_back({{"case_id", record.result.case_id},
                     {"failed", record.is_failed},
                     {"reused", record.is_reused},
                     {"seconds", record.seconds},
                     {"peak_memory_mib", static_cast<double>(record.peak_memory_kib) / 1024.0}});
  return cases;
}

double peak_memory_mib(const RunRecord& run) {
  long peak_kib = 0;
  for (const auto& record : run.cases) peak_kib = std::max(peak_kib, record.peak_memory_kib);
  return static_cast<double>(peak_kib) / 1024.0;
}

}  // namespace

void write_tables_and_report(const RunRecord& run) {
  const auto& out = run.arguments.output_folder;
  const auto results = results_of(run);
  report::write_file(out / "patients.csv", report::patients_csv(results));
  report::write_file(out / "vertebrae.csv", report::vertebrae_csv(results));
  report::write_file(out / "series.csv", report::series_csv(results));
  report::write_file(out / "failures.csv", report::failures_csv(all_failures(run)));
  report::write_file(out / "dictionary.csv", report::dictionary_csv());
  const auto loader = [&](const std::string& case_id, const std::string& file) { return load_picture(out, case_id, file); };
  report::write_file(out / "report.html", report::render_report(results, run_info(run), loader));
}

void write_run_json(const RunRecord& run) {
  const auto& inputs = run.inputs;
  const ordered_json document{{"schema", "cemscope-run/1"},
                              {"program", {{"name", "cemscope"}, {"version", batch::program_version()}}},
                              {"definitions", {{"version", inputs.definitions.version}, {"hash", inputs.definitions.hash}}},
                              {"model", {{"name", inputs.model.name}, {"version", inputs.model.version}, {"hash", inputs.model.hash}}},
                              {"command_line", command_line_json(run.arguments)},
                              {"exit_code", run.exit_code},
                              {"counts", counts_json(run)},
                              {"times", times_json(run.times)},
                              {"peak_memory_mib", peak_memory_mib(run)},
                              {"cases", cases_json(run)}};
  report::write_file(run.arguments.output_folder / "run.json", document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace cemscope::commands
