#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/report/html.h"
#include "src/report/markup.h"
#include "src/report/words.h"

namespace cemscope::report {

/// The sections of the report. All of them return finished markup; see html.h for the page.

/// Where the report finds its pictures.
struct PictureSource {
  const PictureLoader& load;
  bool is_embedded = true;
};

/// Tiles with the cohort's key figures, answers with Wilson intervals, histograms of volume and risk, leaks by zone.
Html summary_section(const std::vector<cohort::CaseResult>& cases, const RunInfo& run);

/// Filter chips (one group per finding) and the table's head and rows.
Html filter_chips(const std::vector<cohort::CaseResult>& cases);
Html cohort_table(const std::vector<cohort::CaseResult>& cases);

/// One patient: findings, risk and what makes it, pictures, series, warnings.
Html patient_card(const cohort::CaseResult& result, const RunInfo& run, const PictureSource& pictures);

/// A patient's risk with its range, where the range comes from, and what each input did.
Html risk_section(const cohort::CaseResult& result, const RunInfo& run);

/// The rows of failures.csv, the first `kMaxFailureRows` of them.
inline constexpr std::size_t kMaxFailureRows = 500;
Html failures_section(const std::vector<ingest::Failure>& failures);

/// Versions, the model's words about itself, and how to read the findings.
Html notes_section(const RunInfo& run);

/// A finding's answer as a coloured word.
Html answer_badge(const std::string& words, const std::string& tone_class);
std::string tone_class(Tone tone);

/// id of a patient's card.
std::string card_id(const cohort::CaseResult& result);

}  // namespace cemscope::report
