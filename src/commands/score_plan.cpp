#include "src/commands/score_plan.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/cohort/content_hash.h"
#include "src/cohort/ct_choice.h"
#include "src/masks/mask_folder.h"
#include "src/statistics/model_file.h"

namespace cemscope::commands {
namespace {

bool is_wanted(const ScoreArguments& arguments, const std::string& patient_id) {
  const auto& wanted = arguments.patients;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), patient_id) != wanted.end();
}

batch::Job job_for(const ScoreArguments& arguments, const ScoreInputs& inputs, const ingest::Patient& patient) {
  batch::Job job;
  job.export_folder = arguments.export_folder;
  job.patient = patient;
  job.definitions = inputs.definitions;
  job.model = inputs.model;
  job.prevalence = arguments.prevalence;
  job.is_deidentified = arguments.is_deidentified;
  job.has_secondary_captures = arguments.has_secondary_captures;
  return job;
}

std::string hash_of(const masks::MaskFiles& files) {
  cohort::ContentHash hash;
  for (const auto& file : files) {
    hash.add_text(file.filename().string());
    hash.add_file(file);
  }
  return hash.hex();
}

void add_masks(batch::Job& job, const masks::MaskFolder& folder) {
  std::map<masks::MaskFiles, std::string> hashes;
  for (const auto& study : job.patient.studies)
    for (const auto& series : study.series) {
      if (!cohort::is_measurable_ct(series)) continue;
      for (const auto& files : folder.masks_for(job.patient, series)) {
        auto& hash = hashes[files];
        if (hash.empty()) hash = hash_of(files);
        job.masks.push_back({series.series_uid, files, hash});
      }
    }
}

/// How many patients of the export carry this PatientID; two are told apart by name or birth date.
std::ptrdiff_t n_with_id(const ingest::ExportIndex& index, const std::string& patient_id) {
  return std::count_if(index.patients.begin(), index.patients.end(), [&](const auto& patient) { return patient.patient_id == patient_id; });
}

/// Gives the job its clinical row; a row that two patients could claim belongs to neither.
void add_clinical_row(batch::Job& job, const ScoreInputs& inputs, const ingest::ExportIndex& index,
                      std::vector<ingest::Failure>& failures) {
  if (!inputs.clinical) return;
  const auto& patient = job.patient;
  const auto row = inputs.clinical->rows.find(patient.patient_id);
  if (row == inputs.clinical->rows.end()) return;
  if (n_with_id(index, patient.patient_id) == 1)
    job.clinical = row->second;
  else
    failures.push_back(
        {.code = "ambiguous_clinical_row",
         .sentence = "the clinical table's row fits two patients of the export with the same PatientID and is used for neither",
         .path = {},
         .patient_id = patient.patient_id,
         .case_id = patient.case_id,
         .series_uid = {}});
}

std::vector<std::string> ids_of(const ingest::ExportIndex& index) {
  std::vector<std::string> ids;
  for (const auto& patient : index.patients) ids.push_back(patient.patient_id);
  return ids;
}

std::vector<ingest::Failure> wanted_patients_not_found(const ScoreArguments& arguments, const ingest::ExportIndex& index) {
  std::vector<ingest::Failure> failures;
  const auto ids = ids_of(index);
  for (const auto& id : arguments.patients)
    if (std::find(ids.begin(), ids.end(), id) == ids.end())
      failures.push_back({.code = "patient_not_in_export",
                          .sentence = "--patients names a patient of whom the export holds nothing",
                          .path = {},
                          .patient_id = id,
                          .case_id = {},
                          .series_uid = {}});
  return failures;
}

std::vector<ingest::Failure> failures_outside_workers(const ScoreArguments& arguments, const ScoreInputs& inputs,
                                                      const ingest::ExportIndex& index) {
  std::vector<ingest::Failure> failures;
  for (const auto& failure : index.failures)
    if (failure.patient_id.empty() || is_wanted(arguments, failure.patient_id)) failures.push_back(failure);
  const auto append = [&](const std::vector<ingest::Failure>& more) { failures.insert(failures.end(), more.begin(), more.end()); };
  append(wanted_patients_not_found(arguments, index));
  if (!inputs.clinical) return failures;
  append(inputs.clinical->failures);
  append(unmatched_rows(*inputs.clinical, ids_of(index), arguments.clinical_table->filename().string()));
  return failures;
}

/// Rows of the clinical table know the patient, not the case.
void add_case_ids(std::vector<ingest::Failure>& failures, const ingest::ExportIndex& index) {
  for (auto& failure : failures)
    for (const auto& patient : index.patients)
      if (failure.case_id.empty() && failure.patient_id == patient.patient_id && n_with_id(index, patient.patient_id) == 1)
        failure.case_id = patient.case_id;
}

void hide_identity(ScorePlan& plan, const batch::Pseudonymizer& pseudonymizer) {
  for (auto& job : plan.jobs) {
    if (job.clinical) job.clinical = deidentified(*job.clinical, job.patient.case_id, pseudonymizer);
    job.patient = deidentified(job.patient, pseudonymizer);
    for (auto& mask : job.masks) mask.series_uid = pseudonymizer.uid(mask.series_uid);
  }
  for (auto& failure : plan.failures) failure = deidentified(failure, pseudonymizer);
}

}  // namespace

ScoreInputs read_inputs(const ScoreArguments& arguments) {
  ScoreInputs inputs{cohort::load_definitions(arguments.definitions), statistics::load_model(arguments.model), std::nullopt};
  if (arguments.clinical_table) inputs.clinical = cohort::read_clinical_table(*arguments.clinical_table);
  return inputs;
}

ScorePlan make_plan(const ScoreArguments& arguments, const ScoreInputs& inputs, const ingest::ExportIndex& index,
                    const std::optional<batch::Pseudonymizer>& pseudonymizer) {
  ScorePlan plan;
  plan.failures = failures_outside_workers(arguments, inputs, index);
  std::optional<masks::MaskFolder> folder;
  if (arguments.masks) folder.emplace(*arguments.masks, index.patients);
  for (const auto& patient : index.patients) {
    if (!is_wanted(arguments, patient.patient_id)) continue;
    plan.jobs.push_back(job_for(arguments, inputs, patient));
    if (folder) add_masks(plan.jobs.back(), *folder);
    add_clinical_row(plan.jobs.back(), inputs, index, plan.failures);
  }
  add_case_ids(plan.failures, index);
  if (pseudonymizer) hide_identity(plan, *pseudonymizer);
  std::sort(plan.jobs.begin(), plan.jobs.end(), [](const auto& a, const auto& b) { return a.patient.case_id < b.patient.case_id; });
  return plan;
}

}  // namespace cemscope::commands
