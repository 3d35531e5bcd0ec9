#pragma once

#include "src/batch/job.h"
#include "src/cohort/timeline.h"
#include "src/ingest/export_index.h"
#include "src/phantom/phantom_export.h"
#include "tests/src/batch/temporary_folder.h"

namespace cemscope::batch {

/// A simulated patient's export in a folder of its own, and the job that reads it.
class SimulatedExport {
 public:
  explicit SimulatedExport(const phantom::PatientPlan& plan) : SimulatedExport(plan, [](const std::filesystem::path&) {}) {}

  /// `damage` may change the files before they are indexed.
  template <typename Damage>
  SimulatedExport(const phantom::PatientPlan& plan, const Damage& damage) {
    phantom::ExportOptions options;
    options.patients = {plan}, options.truth = phantom::TruthFiles::json_only, options.has_junk = false;
    const auto root = folder_.path() / "export";
    phantom::export_phantoms(root, options);
    damage(root);
    job.export_folder = root;
    job.patient = ingest::index_export(root, {1}).patients.at(0);
    job.definitions = cohort::load_definitions(std::nullopt);
    job.clinical.emplace();
    job.clinical->surgery_date = plan.clinical.surgery_date;
    if (!plan.clinical.treated_levels.empty()) job.clinical->treated_levels = {plan.clinical.treated_levels};
    timeline = cohort::timeline_by_date(job.patient, plan.clinical.surgery_date, 30);
  }

  Job job;
  cohort::Timeline timeline;

 private:
  TemporaryFolder folder_;
};

}  // namespace cemscope::batch
