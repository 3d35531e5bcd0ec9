#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/risk.h"
#include "src/cohort/case_result.h"

namespace cemscope::report {

/// What the report says about the run as a whole. Nothing in it may depend on time, the number of jobs or the machine: same input, same
/// bytes (times stand in run.json).
struct RunInfo {
  std::string program_version;
  std::string definitions_version, definitions_hash;
  std::optional<analysis::RiskModel> model;  ///< for its title, citation, version, hash and the inputs' contributions
  std::string clinical_table;                ///< file name of the clinical table, empty when none was given
  std::int64_t n_files = 0, n_dicom = 0, n_not_dicom = 0;
  bool is_deidentified = false;
  std::vector<ingest::Failure> failures;  ///< every row of failures.csv, those of the cases included
};

/// The bytes of cases/<case_id>/<file>, a PNG; empty when there is no such picture.
using PictureLoader = std::function<std::string(const std::string& case_id, const std::string& file)>;

/// Up to this many pictures are put into report.html itself; a larger cohort's pictures are referenced beside it (cases/<case id>/...),
/// and the report says so. 100 pictures of about 350 kB make a file of some 50 MB, which browsers still open at once.
inline constexpr int kMaxEmbeddedPictures = 100;

/// report.html: one self-contained page (no network; styles, script and pictures inside) with the cohort's summary, a table that sorts and
/// filters, a card per patient, the failures and notes. All text of DICOM and of tables is escaped; a content security policy
/// forbids everything but the page's own style, script and pictures. The order of cases is kept. Deterministic.
std::string render_report(const std::vector<cohort::CaseResult>& cases, const RunInfo& run, const PictureLoader& load_picture);

}  // namespace cemscope::report
