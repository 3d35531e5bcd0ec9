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
    if (modality != "CT" && modality != "XR")
      throw Error(ErrorKind::usage, fmt::format("phantoms of modality {} are not simulated yet; use --modalities CT,XR", modality));
  if (arguments.n_patients < 1 || arguments.n_patients > kMaxPatients)
    throw Error(ErrorKind::usage, fmt::format("--patients is {}; 1 to {} are possible", arguments.n_patients, kMaxPatients));
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
  // With both, every other patient has films only.
  for (int number = 1; number <= arguments.n_patients; ++number) {
    const bool has_films = wants("XR") && (!wants("CT") || number % 2 == 0);
    options.patients.push_back(has_films ? phantom::plan_film_patient(arguments.seed, number)
                                         : phantom::plan_patient(arguments.seed, number));
  }
  return options;
}

}  // namespace

int run_phantom(const PhantomArguments& arguments) {
  check(arguments);
  phantom::export_phantoms(arguments.directory, options_of(arguments));
  return 0;
}

}  // namespace cemscope::commands
