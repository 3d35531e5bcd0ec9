#include "src/batch/worker.h"

#include <unistd.h>

#include <cstdio>
#include <future>
#include <new>

#include <nlohmann/json.hpp>

#include "src/batch/job.h"
#include "src/batch/score_case.h"
#include "src/batch/worker_process.h"
#include "src/report/atomic_file.h"

namespace cemscope::batch {
namespace {

std::string read_standard_input() {
  std::string text;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(STDIN_FILENO, buffer, sizeof(buffer))) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

void write_case(const Job& job, const ScoredCase& scored) {
  for (const auto& [name, bytes] : scored.files) report::write_file(job.output_folder / name, bytes);
  report::write_file(job.output_folder / "result.json", result_json(job, scored.result));
}

Outcome score_and_write(const Job& job) {
  Outcome outcome;
  auto hash = std::async(std::launch::async, [&] { return hash_files(job.export_folder, job.patient); });
  try {
    const auto scored = score_case(job);
    write_case(job, scored);
    outcome.is_scored = true;
    outcome.is_ct_lost = scored.is_ct_lost;
  } catch (const std::bad_alloc&) {
    ::_exit(kOutOfMemoryExit);
  } catch (const std::exception& error) {
    outcome.code = "case_failed";
    outcome.sentence = error.what();
  }
  outcome.content_hash = hash.get();
  return outcome;
}

bool send(const Outcome& outcome) {
  const auto text = nlohmann::json(outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return ::write(kOutcomeFd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

int run_worker() {
  std::set_new_handler([] { ::_exit(kOutOfMemoryExit); });
  const auto job = nlohmann::json::parse(read_standard_input()).get<Job>();
  const bool is_sent = send(score_and_write(job));
  std::fflush(nullptr);
  ::_exit(is_sent ? 0 : 1);  // tearing ITK and DCMTK down takes time and helps nobody
}

}  // namespace cemscope::batch
