// A worker for tests. Its standard input is a word, or a Job whose patient id is the word:
// "crash", "hang", "hungry" (takes memory without end), "silent" (ends without an outcome), "refuse", anything else scores.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <new>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/batch/job.h"
#include "src/batch/score_case.h"
#include "src/batch/worker_process.h"
#include "src/report/atomic_file.h"

namespace {

using namespace cemscope;

void misbehave(const std::string& word) {
  if (word == "crash") std::raise(SIGSEGV);
  if (word == "hang") ::sleep(1000);
  if (word == "silent") std::_Exit(0);
  if (word != "hungry") return;
  std::set_new_handler([] { std::_Exit(batch::kOutOfMemoryExit); });
  std::vector<std::vector<char>> hoard;
  for (;;) hoard.emplace_back(16 << 20, 'x');
}

void say(const std::string& text) {
  if (::write(batch::kOutcomeFd, text.data(), text.size()) < 0) std::_Exit(1);
}

void score(const batch::Job& job) {
  cohort::CaseResult result;
  result.patient_id = job.patient.patient_id;
  result.case_id = job.patient.case_id;
  report::write_file(job.output_folder / "result.json", batch::result_json(job, result));
}

}  // namespace

int main() {
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  if (!input.starts_with('{')) {
    misbehave(input);
    std::cerr << "message of " << input;
    say("outcome of " + input);
    return 0;
  }
  const auto job = nlohmann::json::parse(input).get<batch::Job>();
  misbehave(job.patient.patient_id);
  batch::Outcome outcome;
  outcome.is_scored = job.patient.patient_id != "refuse";
  if (outcome.is_scored)
    score(job);
  else
    outcome.code = "case_failed", outcome.sentence = "no";
  outcome.content_hash = batch::hash_files(job.export_folder, job.patient);
  say(nlohmann::json(outcome).dump());
  return 0;
}
