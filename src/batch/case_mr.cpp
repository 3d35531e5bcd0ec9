#include "src/batch/case_mr.h"

#include <algorithm>

#include <fmt/format.h>

#include "src/batch/series_attempt.h"
#include "src/ingest/mr_reader.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;

// Series of one study that are read; thoracic and lumbar, STIR and T2, a repeat.
constexpr int kMaxAttempts = 5;
// A picture whose tags do not state its weighting must itself show suppressed fat and bright fluid.
constexpr double kClearFluidRatio = 2.0;

bool has_any_mr(const ingest::Patient& patient) {
  for (const auto& study : patient.studies)
    for (const auto& series : study.series)
      if (series.modality == "MR") return true;
  return false;
}

class Search {
 public:
  Search(const Job& job, const cohort::Timeline& timeline) : job_(job), parameters_(mr_parameters(job.definitions)) {
    candidates_ = cohort::rank_mr_candidates(job.patient, timeline);
  }

  MrSearch run() {
    int n_attempts = 0;
    for (const auto& candidate : candidates_) {
      const bool is_other_study = result_.measured && result_.measured->candidate.study != candidate.study;
      if (is_other_study || n_attempts == kMaxAttempts) {
        result_.not_taken.emplace(candidate.series, fmt::format("another MR is nearer to what is wanted ({})", candidate.reason));
        continue;
      }
      ++n_attempts;
      if (auto measured = attempt(candidate)) consider(std::move(*measured));
    }
    if (!result_.measured)
      result_.missing_reason = !has_any_mr(job_.patient) ? "no_mr" : candidates_.empty() ? "no_fat_suppressed_mr" : "mr_unreadable";
    return std::move(result_);
  }

 private:
  std::optional<MeasuredMr> attempt(const cohort::MrCandidate& candidate) {
    const auto read = [&] {
      const auto loaded = ingest::load_mr(job_.export_folder, *candidate.series, {job_.n_threads});
      MeasuredMr measured{candidate, imaging::read_mr(loaded.volume, parameters_), {}, loaded.warnings};
      result_.failures.insert(result_.failures.end(), loaded.failures.begin(), loaded.failures.end());
      measured.levels =
          imaging::name_mr_levels(measured.reading, job_.clinical ? job_.clinical->treated_levels : std::vector<std::string>{});
      return measured;
    };
    auto measured = read_or_fail("mr", read, [&](const std::string& code, const std::string& sentence) {
      result_.failures.push_back(series_failure(job_, *candidate.series, code, sentence));
      result_.not_taken[candidate.series] = fmt::format("could not be read ({})", code);
    });
    if (!measured || candidate.is_weighting_stated || shows_suppressed_fat(measured->reading)) return measured;
    result_.not_taken[candidate.series] =
        "its tags do not state the weighting, and the picture does not show suppressed fat and bright fluid";
    return std::nullopt;
  }

  [[nodiscard]] bool shows_suppressed_fat(const imaging::MrReading& reading) const {
    return reading.fat_ratio && *reading.fat_ratio <= parameters_.fat_good_ratio && reading.fluid_ratio >= kClearFluidRatio;
  }

  // Judged soft tissue first, then oedema (the level that matters is in view).
  static int rank(const imaging::MrReading& reading) {
    const bool is_judged = reading.injury.finding.answer != Answer::not_assessable;
    return (reading.acute_bodies.empty() ? 0 : 2) + (is_judged ? 1 : 0) - (reading.canal ? 0 : 4);
  }

  void consider(MeasuredMr measured) {
    if (result_.measured && rank(measured.reading) <= rank(result_.measured->reading)) {
      note_not_taken(measured, *result_.measured);
      return;
    }
    if (result_.measured) note_not_taken(*result_.measured, measured);
    result_.measured = std::move(measured);
  }

  void note_not_taken(const MeasuredMr& other, const MeasuredMr& taken) {
    const auto& finding = other.reading.injury.finding;
    const auto number = taken.candidate.series->series_number;
    result_.not_taken[other.candidate.series] =
        finding.answer == Answer::not_assessable
            ? fmt::format("series {} was preferred: soft tissue not assessable here ({})", number, finding.reason)
        : rank(other.reading) < rank(taken.reading)
            ? fmt::format("series {} of the same study was preferred: it shows the acute level", number)
            : fmt::format("series {} of the same study was preferred", number);
  }

  const Job& job_;
  const imaging::MrParameters parameters_;
  std::vector<cohort::MrCandidate> candidates_;
  MrSearch result_;
};

void take_injury(cohort::CaseResult& result, const MeasuredMr& mr) {
  const auto& injury = mr.reading.injury;
  result.soft_tissue_injury = injury.finding;
  if (mr.candidate.phase == cohort::StudyPhase::preop && mr.candidate.days_before_surgery > cohort::kMaxDaysBeforeSurgery) {
    result.warnings.emplace_back("mr_older_than_six_weeks");
    result.soft_tissue_injury.confidence = std::min(0.5, result.soft_tissue_injury.confidence);
  }
  using enum cohort::StudyPhase;
  if (mr.candidate.phase == postop || mr.candidate.phase == followup) result.warnings.emplace_back("soft_tissue_read_on_postoperative_mr");
  if (!mr.candidate.is_weighting_stated) result.warnings.emplace_back("mr_weighting_by_picture_only");
  result.soft_tissue_length_mm = injury.length_mm;
  result.soft_tissue_area_mm2 = injury.area_mm2;
  if (injury.finding.answer != Answer::not_assessable)
    result.inputs["soft_tissue_injury"] = {injury.finding.answer == Answer::yes ? 1.0 : 0.0, "MR", result.soft_tissue_injury.confidence};
}

void take_levels(cohort::CaseResult& result, const MeasuredMr& mr) {
  result.fluid_cleft = mr.reading.fluid_cleft;
  for (const auto& cleft : mr.reading.clefts)
    if (const auto& name = mr.levels.names[static_cast<std::size_t>(cleft.body)]; !name.empty()) result.fluid_cleft_levels.push_back(name);
  for (const int body : mr.reading.acute_bodies)
    if (const auto& name = mr.levels.names[static_cast<std::size_t>(body)]; !name.empty()) result.acute_levels.push_back(name);
  if (!mr.reading.acute_bodies.empty() && result.acute_levels.empty()) result.warnings.emplace_back("acute_levels_not_named");
}

std::string chosen_words(const MeasuredMr& mr) {
  const auto& reading = mr.reading;
  const std::string fat = reading.fat_ratio ? fmt::format("fat {:.2f} of muscle", *reading.fat_ratio) : "no subcutaneous fat in view";
  return fmt::format("read for soft tissue and marrow: {}; {}, fluid {:.1f} of muscle", mr.candidate.reason, fat, reading.fluid_ratio);
}

void take_series(cohort::CaseResult& result, const MrSearch& search) {
  for (auto& row : result.series) {
    if (row.series.modality != "MR") continue;
    const auto role_words = row.series.reason.empty() ? std::string{} : "; " + row.series.reason;
    auto series_of_row = row.series;  // rows carry no images
    series_of_row.images.resize(static_cast<std::size_t>(row.n_images));
    const auto eligibility = cohort::mr_eligibility(series_of_row);
    if (!eligibility.reason.empty()) row.reason = eligibility.reason + role_words;
    for (const auto& [series, reason] : search.not_taken)
      if (is_same_series(*series, row.series)) row.reason = reason + role_words;
    if (!search.measured || !is_same_series(*search.measured->candidate.series, row.series)) continue;
    row.chosen = true;
    row.reason = chosen_words(*search.measured) + role_words;
  }
}

}  // namespace

MrSearch find_baseline_mr(const Job& job, const cohort::Timeline& timeline) { return Search(job, timeline).run(); }

void take_mr(cohort::CaseResult& result, const MrSearch& search) {
  for (auto failure : search.failures) {
    failure.patient_id = result.patient_id;
    failure.case_id = result.case_id;
    result.failures.push_back(std::move(failure));
  }
  take_series(result, search);
  if (!search.measured) {
    result.soft_tissue_injury = result.fluid_cleft = {Answer::not_assessable, 0.0, search.missing_reason};
    return;
  }
  result.mr_series_uid = search.measured->candidate.series->series_uid;
  for (const auto* warnings : {&search.measured->warnings, &search.measured->reading.warnings})
    for (const auto& warning : *warnings) result.warnings.push_back("mr_" + warning);
  take_injury(result, *search.measured);
  take_levels(result, *search.measured);
}

imaging::MrParameters mr_parameters(const cohort::Definitions& definitions) {
  const auto value = [&](const char* name) { return value_of(definitions, std::string("soft_tissue.") + name); };
  imaging::MrParameters parameters;
  parameters.positive_s = value("positive_signal_fraction");
  parameters.noise_mads = value("positive_above_muscle_mad");
  parameters.min_length_mm = value("min_length_mm");
  parameters.min_thickness_mm = value("min_thickness_mm");
  parameters.min_area_mm2 = value("min_area_mm2");
  parameters.min_slices = value("min_neighbouring_slices");
  parameters.single_slice_mm = value("thick_slice_mm");
  parameters.levels_reach = value("n_levels_around");
  parameters.fat_good_ratio = value("fat_to_muscle_good");
  parameters.fat_failed_ratio = value("fat_to_muscle_failed");
  return parameters;
}

}  // namespace cemscope::batch
