#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "src/phantom/patient_plan.h"

namespace cemscope::phantom {

/// How much truth goes with an export.
enum class TruthFiles { json_only, json_and_npz };

struct ExportOptions {
  std::vector<PatientPlan> patients;
  TruthFiles truth = TruthFiles::json_and_npz;
  bool has_junk = true;  ///< files that are no images, one of them cut off
  std::function<void(int n_done, int n_total)> progress = {};
};

/// Writes the patients as a PACS would export them, with clinical.csv and truth.json (and truth_<patient>.npz) beside them: into
/// `folder`/export when npz files are asked for (the layout that agreement.py reads: COHORT/export, COHORT/truth.json), else all into
/// `folder`. Each patient's studies, series and files are named in a style of its own. The same plans make the same bytes.
/// `folder` must be empty or absent. Throws Error{usage} otherwise, Error{unreadable} when a file cannot be written.
void export_phantoms(const std::filesystem::path& folder, const ExportOptions& options);

}  // namespace cemscope::phantom
