#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "analysis/risk.h"
#include "src/cohort/clinical_table.h"
#include "src/cohort/definitions.h"
#include "src/ingest/export_index.h"

namespace cemscope::batch {

/// A mask of vertebrae made elsewhere that may belong to one of the patient's CT series.
struct JobMask {
  std::string series_uid;                    ///< as in the job's patient
  std::vector<std::filesystem::path> files;  ///< absolute; one, or one per structure
  std::string content_hash;                  ///< of the files, by which a changed mask is noticed
};

/// All that one worker process needs to score one patient, sent to it as JSON.
struct Job {
  std::filesystem::path export_folder;  ///< read only
  std::filesystem::path output_folder;  ///< exists and is empty; becomes cases/<case id> when the worker is done
  ingest::Patient patient;              ///< as indexed; under --deidentify already without identifiers, file paths excepted
  std::optional<cohort::ClinicalRow> clinical;
  std::vector<JobMask> masks;  ///< to be tried in this order
  cohort::Definitions definitions;
  analysis::RiskModel model;
  std::optional<double> prevalence;  ///< 0-1; empty: the model's own
  int n_threads = 1;
  bool is_deidentified = false;         ///< then no file path may stand in a result
  bool has_secondary_captures = false;  ///< the pictures are written as DICOM images, too
};

void to_json(nlohmann::json& json, const Job& job);
void from_json(const nlohmann::json& json, Job& job);

/// The sentence of every failure under --deidentify.
inline constexpr const char* kDetailsLeftOut = "details are left out by --deidentify; see the code";

/// What a worker says when it is done.
struct Outcome {
  bool is_scored = false;
  std::string code, sentence;  ///< why not, when it is not scored
  bool is_ct_lost = false;     ///< scored, but there was a CT to measure and none could be read
  std::string content_hash;    ///< of the patient's files
};

void to_json(nlohmann::json& json, const Outcome& outcome);
void from_json(const nlohmann::json& json, Outcome& outcome);

/// XXH3-128 over the bytes of the patient's files (each once, by path).
std::string hash_files(const std::filesystem::path& export_folder, const ingest::Patient& patient);

/// The key under which a finished case is remembered: content of its files, everything in the job that a result depends on, program and
/// build. Folders, threads and limits are no part of it.
std::string case_key(const Job& job, const std::string& content_hash, const std::string& build);

}  // namespace cemscope::batch
