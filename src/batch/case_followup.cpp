#include "src/batch/case_followup.h"

#include <algorithm>

#include <fmt/format.h>

#include "imaging/followup/time_point.h"
#include "src/batch/series_attempt.h"
#include "src/ingest/mr_reader.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;
using imaging::followup::TimePoint;

constexpr int kMaxAttempts = 2;  // of one modality
// Confidence at most: heights of two modalities, and a baseline before surgery where DEFINITIONS wants one after it.
constexpr double kMostOfMixed = 0.6, kMostBeforeSurgery = 0.7;
// Of two films: outlines of ray sums, learned on simulated films and on films cast from CT scans.
constexpr double kMostOfFilms = 0.8;

TimePoint time_point(const imaging::CtReading& reading, const imaging::CtVolume& volume, const ingest::Study& study) {
  auto point = imaging::followup::time_point_of_ct(reading, volume);
  point.date = cohort::iso_of_dicom(study.date);
  return point;
}

TimePoint time_point(const MeasuredMr& mr, const std::vector<std::string>& treated) {
  auto point = imaging::followup::time_point_of_mr(mr.reading, mr.levels, treated);
  point.date = cohort::iso_of_dicom(mr.candidate.study->date);
  return point;
}

TimePoint time_point(const MeasuredFilms& films) {
  auto point = imaging::followup::time_point_of_film(films.reading);
  point.date = films.date;
  return point;
}

imaging::followup::ComparisonParameters comparison_parameters(const cohort::Definitions& definitions) {
  const auto value = [&](const char* name) { return value_of(definitions, std::string("adjacent_fracture.") + name); };
  return {value("min_loss_fraction"), value("min_loss_mm"), value("min_loss_fraction_with_oedema"), 1};
}

struct LaterSeries {
  const ingest::Study* study;
  const ingest::Series* series;
};

bool is_after(const ingest::Study& study, const std::string& date) {
  const auto own = cohort::iso_of_dicom(study.date);
  return !own.empty() && !date.empty() && own > date;
}

class Search {
 public:
  Search(const Job& job, const cohort::Timeline& timeline, const CtSearch& ct, const MrSearch& mr, const FilmSearch& films)
      : job_(job), timeline_(timeline), ct_(ct), mr_(mr), films_(films), parameters_(comparison_parameters(job.definitions)) {}

  FollowupSearch run() {
    const bool has_baseline_ct = ct_.measured && ct_.measured->reading.cement_present.answer == Answer::yes;
    if (has_baseline_ct) compare_ct();
    compare_mr();
    if (has_baseline_ct && result_.comparisons.empty()) compare_ct_with_mr();
    if (!is_judged()) compare_films();
    if (!is_judged() && has_baseline_ct) compare_ct_with_films();
    if (result_.comparisons.empty() && result_.missing_reason.empty()) result_.missing_reason = "one_time_point";
    return std::move(result_);
  }

 private:
  // Latest study first; within it by ingest's score.
  [[nodiscard]] std::vector<LaterSeries> later_cts() const {
    const auto baseline_date = cohort::iso_of_dicom(ct_.measured->candidate.study->date);
    std::vector<LaterSeries> later;
    for (const auto& study : job_.patient.studies)
      for (const auto& series : study.series)
        if (is_after(study, baseline_date) && cohort::is_measurable_ct(series)) later.push_back({&study, &series});
    std::stable_sort(later.begin(), later.end(), [](const LaterSeries& a, const LaterSeries& b) {
      return a.study->date != b.study->date ? a.study->date > b.study->date : a.series->score > b.series->score;
    });
    return later;
  }

  void compare_ct() {
    int n_attempts = 0;
    for (const auto& later : later_cts()) {
      if (n_attempts++ == kMaxAttempts) break;
      const auto point = read_or_fail(
          "followup", [&] { return ct_point(later); }, fail_of(*later.series));
      if (!point || point->bodies.empty()) continue;
      add(*later.series, time_point(ct_.measured->reading, ct_.measured->ct.volume, *ct_.measured->candidate.study), *point);
      return;
    }
  }

  TimePoint ct_point(const LaterSeries& later) {
    auto loaded = load_near_spine(job_, *later.series);
    auto parameters = ct_parameters(job_.definitions);
    parameters.n_threads = job_.n_threads;
    const auto hints = hints_for(job_, *later.series, loaded);
    std::copy_if(loaded.failures.begin(), loaded.failures.end(), std::back_inserter(result_.failures),
                 [](const auto& failure) { return failure.code == kMaskRefused; });
    return time_point(imaging::read_ct(loaded.volume, hints, parameters), loaded.volume, *later.study);
  }

  [[nodiscard]] std::vector<std::string> treated_levels() const {
    if (job_.clinical && !job_.clinical->treated_levels.empty()) return job_.clinical->treated_levels;
    std::vector<std::string> levels;
    if (ct_.measured)
      for (const auto& treated : ct_.measured->reading.treated) levels.push_back(treated.measurement.level);
    return levels;
  }

  // Latest first, after surgery and after `date`.
  [[nodiscard]] std::vector<cohort::MrCandidate> later_mrs(const std::string& date) const {
    std::vector<cohort::MrCandidate> later;
    for (const auto& candidate : cohort::rank_mr_candidates(job_.patient, timeline_)) {
      const bool is_postoperative = timeline_.surgery_date.empty() || is_after(*candidate.study, timeline_.surgery_date);
      if (is_after(*candidate.study, date) && is_postoperative && candidate.is_weighting_stated) later.push_back(candidate);
    }
    std::stable_sort(later.begin(), later.end(), [](const auto& a, const auto& b) { return a.study->date > b.study->date; });
    if (later.size() > kMaxAttempts) later.resize(kMaxAttempts);
    return later;
  }

  // The MR that was read for soft tissue is the earlier one; the latest MR after surgery the later one.
  void compare_mr() {
    if (!mr_.measured) return;
    for (const auto& candidate : later_mrs(cohort::iso_of_dicom(mr_.measured->candidate.study->date))) {
      const auto point = read_or_fail(
          "followup", [&] { return mr_point(candidate); }, fail_of(*candidate.series));
      if (!point || point->bodies.empty()) continue;
      add(*candidate.series, time_point(*mr_.measured, treated_levels()), *point);
      return;
    }
  }

  // Endplates lie otherwise on MR, but alike for all bodies; oedema is new unless the MR before surgery showed it.
  void compare_ct_with_mr() {
    const auto& study = *ct_.measured->candidate.study;
    for (const auto& candidate : later_mrs(cohort::iso_of_dicom(study.date))) {
      const auto point = read_or_fail(
          "followup", [&] { return mr_point(candidate); }, fail_of(*candidate.series));
      if (!point || point->bodies.empty()) continue;
      auto baseline = time_point(ct_.measured->reading, ct_.measured->ct.volume, study);
      if (mr_.measured) note_earlier_oedema(baseline, time_point(*mr_.measured, treated_levels()));
      add(*candidate.series, std::move(baseline), *point);
      return;
    }
  }

  [[nodiscard]] bool is_judged() const {
    return std::any_of(result_.comparisons.begin(), result_.comparisons.end(),
                       [](const auto& one) { return one.comparison.adjacent_fracture.answer != Answer::not_assessable; });
  }

  void compare_films() {
    if (!films_.measured || films_.measured->reading.cement_present.answer != Answer::yes) return;
    if (const auto* later = later_films(films_.measured->date, 1)) compare_with(*later, time_point(*films_.measured));
  }

  // Films of the days of surgery would only say that nothing has happened yet.
  void compare_ct_with_films() {
    const auto& study = *ct_.measured->candidate.study;
    const auto window_days = static_cast<int>(value_of(job_.definitions, "timeline.postop_window_days"));
    if (const auto* later = later_films(cohort::iso_of_dicom(study.date), window_days))
      compare_with(*later, time_point(ct_.measured->reading, ct_.measured->ct.volume, study));
  }

  void compare_with(const MeasuredFilms& later, TimePoint before) {
    auto after = time_point(later);
    if (!before.bodies.empty() && !after.bodies.empty()) add(*later.lateral.series, std::move(before), std::move(after));
  }

  /// The latest films that show cement, so many days after a date; what was found is not read again.
  const MeasuredFilms* later_films(const std::string& date, int least_days) {
    if (date.empty()) return nullptr;
    if (!later_films_.measured) {
      const bool has_failed = !later_films_.failures.empty();
      later_films_ = find_followup_films(job_, timeline_, date, least_days);
      const auto& failures = later_films_.failures;
      if (!has_failed) result_.failures.insert(result_.failures.end(), failures.begin(), failures.end());
      if (!failures.empty() && !later_films_.measured) result_.missing_reason = "followup_unreadable";
    }
    const auto& measured = later_films_.measured;
    return measured && cohort::days_between(date, measured->date) >= least_days ? &*measured : nullptr;
  }

  static void note_earlier_oedema(TimePoint& baseline, const TimePoint& earlier) {
    for (auto& body : baseline.bodies)
      for (const auto& seen : earlier.bodies)
        if (!body.level.empty() && body.level == seen.level) body.has_oedema = seen.has_oedema;
  }

  [[nodiscard]] TimePoint mr_point(const cohort::MrCandidate& candidate) const {
    const auto loaded = ingest::load_mr(job_.export_folder, *candidate.series, {job_.n_threads});
    MeasuredMr measured{candidate, imaging::read_mr(loaded.volume, mr_parameters(job_.definitions)), {}, {}};
    measured.levels = imaging::name_mr_levels(measured.reading, {});
    return time_point(measured, treated_levels());
  }

  void add(const ingest::Series& series, TimePoint baseline, TimePoint followup) {
    MeasuredFollowup measured{&series, std::move(baseline), std::move(followup), {}};
    measured.comparison = imaging::followup::compare(measured.baseline, measured.followup, parameters_);
    auto& confidence = measured.comparison.adjacent_fracture.confidence;
    if (measured.baseline.modality != measured.followup.modality) confidence = std::min(confidence, kMostOfMixed);
    if (measured.followup.modality == "XR") confidence = std::min(confidence, kMostOfFilms);
    if (measured.baseline.date < timeline_.surgery_date) confidence = std::min(confidence, kMostBeforeSurgery);
    result_.comparisons.push_back(std::move(measured));
  }

  std::function<void(const std::string&, const std::string&)> fail_of(const ingest::Series& series) {
    return [this, &series](const std::string& code, const std::string& sentence) {
      result_.missing_reason = "followup_unreadable";
      result_.failures.push_back(series_failure(job_, series, code, sentence));
    };
  }

  const Job& job_;
  const cohort::Timeline& timeline_;
  const CtSearch& ct_;
  const MrSearch& mr_;
  const FilmSearch& films_;
  const imaging::followup::ComparisonParameters parameters_;
  FollowupSearch result_;
  FilmSearch later_films_;
};

cohort::HeightRow height_row(const MeasuredFollowup& followup, const imaging::followup::BodyChange& change) {
  const auto& before = followup.baseline.bodies[static_cast<std::size_t>(change.baseline)];
  const auto& after = followup.followup.bodies[static_cast<std::size_t>(change.followup)];
  cohort::HeightRow row{change.level, before.is_treated || after.is_treated, change.is_adjacent, {}, {}, change.losses, change.fracture};
  if (!before.is_cut) row.before_mm = {before.anterior_mm, before.middle_mm, before.posterior_mm};
  for (std::size_t place = 0; place < row.after_mm.size(); ++place)
    if (row.before_mm[place] && change.losses[place]) row.after_mm[place] = *row.before_mm[place] * (1 - *change.losses[place]);
  return row;
}

cohort::HeightTable height_table(const MeasuredFollowup& followup) {
  cohort::HeightTable table;
  table.before = fmt::format("{} of {}", followup.baseline.modality, followup.baseline.date);
  table.after = fmt::format("{} of {}", followup.followup.modality, followup.followup.date);
  table.is_in_mm = followup.baseline.is_in_mm;
  for (const auto& change : followup.comparison.changes) table.rows.push_back(height_row(followup, change));
  return table;
}

}  // namespace

FollowupSearch find_followup(const Job& job, const cohort::Timeline& timeline, const CtSearch& ct, const MrSearch& mr,
                             const FilmSearch& films) {
  return Search(job, timeline, ct, mr, films).run();
}

const MeasuredFollowup* decisive_comparison(const FollowupSearch& search) {
  const MeasuredFollowup* best = nullptr;
  for (const auto& one : search.comparisons) {
    const auto answer = one.comparison.adjacent_fracture.answer;
    if (answer == Answer::yes) return &one;
    if (!best || (best->comparison.adjacent_fracture.answer == Answer::not_assessable && answer == Answer::no)) best = &one;
  }
  return best;
}

void take_followup(cohort::CaseResult& result, const FollowupSearch& search) {
  for (auto failure : search.failures) {
    failure.patient_id = result.patient_id;
    failure.case_id = result.case_id;
    result.failures.push_back(std::move(failure));
  }
  for (const auto& one : search.comparisons)
    for (auto& row : result.series)
      if (is_same_series(row.series, *one.series)) {
        row.chosen = true;
        row.reason =
            fmt::format("follow-up, heights compared with {} of {}; {}", one.baseline.modality, one.baseline.date, row.series.reason);
      }
  const auto* one = decisive_comparison(search);
  if (!one) {
    result.adjacent_fracture = {Answer::not_assessable, 0.0, search.missing_reason};
    return;
  }
  result.adjacent_fracture = one->comparison.adjacent_fracture;
  if (!one->comparison.changes.empty()) result.heights = height_table(*one);
  if (result.adjacent_fracture.answer != Answer::not_assessable)
    result.inputs["adjacent_fracture"] = {result.adjacent_fracture.answer == Answer::yes ? 1.0 : 0.0, one->followup.modality,
                                          result.adjacent_fracture.confidence};
}

}  // namespace cemscope::batch
