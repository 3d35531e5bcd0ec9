#include "src/commands/phantom.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/phantom/phantom_export.h"

namespace cemscope::commands {
namespace {

constexpr int kMaxPatients = 9999;

void check(const PhantomArguments& arguments) {
  for (const std::string& modality : arguments.modalities)
    if (modality != "CT" && modality != "XR" && modality != "MR")
      throw Error(ErrorKind::usage, fmt::format("phantoms of modality {} are not simulated; use --modalities CT,XR,MR", modality));
  const auto wants = [&](const char* modality) { return std::ranges::find(arguments.modalities, modality) != arguments.modalities.end(); };
  if (arguments.has_preoperative && !(wants("CT") && wants("MR"))) throw Error(ErrorKind::usage, "--preoperative needs --modalities CT,MR");
  if (arguments.n_patients < 1 || arguments.n_patients > kMaxPatients)
    throw Error(ErrorKind::usage, fmt::format("--patients is {}; 1 to {} are possible", arguments.n_patients, kMaxPatients));
}

struct Wanted {
  bool ct, films, mr;
  bool has_preoperative;
};

// With films beside another modality, every other patient has films only. With MR, the others have it before surgery; with CT too, every
// third of them has a follow-up CT instead.
phantom::PatientPlan plan_of(std::uint64_t seed, int number, const Wanted& wanted) {
  if (wanted.films && (!(wanted.ct || wanted.mr) || number % 2 == 0)) return phantom::plan_film_patient(seed, number);
  if (wanted.has_preoperative) return phantom::plan_preoperative_patient(seed, number);
  if (!wanted.mr) return phantom::plan_patient(seed, number);
  if (wanted.ct && number % 3 == 0) return phantom::plan_followed_patient(seed, number);
  auto patient = phantom::plan_mr_patient(seed, number);
  if (!wanted.ct) std::erase_if(patient.studies, [](const auto& study) { return study.mr.empty(); });
  return patient;
}

phantom::ExportOptions options_of(const PhantomArguments& arguments) {
  phantom::ExportOptions options;
  options.progress = [](int n_done, int n_total) { fmt::print(stderr, "phantom {} of {}\n", n_done, n_total); };
  if (arguments.is_sample) {
    options.patients = phantom::plan_sample();
    options.truth = phantom::TruthFiles::json_only;
    options.has_junk = false;
    return options;
  }
  const auto wants = [&](const char* modality) {
    return std::find(arguments.modalities.begin(), arguments.modalities.end(), modality) != arguments.modalities.end();
  };
  for (int number = 1; number <= arguments.n_patients; ++number)
    options.patients.push_back(plan_of(arguments.seed, number, {wants("CT"), wants("XR"), wants("MR"), arguments.has_preoperative}));
  return options;
}

}  // namespace

int run_phantom(const PhantomArguments& arguments) {
  check(arguments);
  phantom::export_phantoms(arguments.directory, options_of(arguments));
  return 0;
}

}  // namespace cemscope::commands
