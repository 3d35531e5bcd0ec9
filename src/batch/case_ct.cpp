#include "src/batch/case_ct.h"

#include <algorithm>

#include <fmt/format.h>

#include "imaging/error.h"
#include "imaging/spine_location.h"
#include "src/batch/series_attempt.h"
#include "src/masks/vertebra_check.h"
#include "src/masks/vertebra_mask.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;

// Decoding and reading takes about a second a series; a patient with more CTs than this has follow-ups, which are no baseline.
constexpr int kMaxAttempts = 4;
// Slices that a quick look decodes: one in six of a 300-slice scan meets a body's cement several times.
constexpr int kProbeSlices = 48;
// From here on two readings, one of them coarse, cost less than the memory of one.
constexpr std::int64_t kLargeScan_voxels = 24'000'000;
constexpr double kOverviewGrid_mm = 2.7;  // a canal is six such voxels wide

imaging::CtParameters parameters_of(const Job& job) {
  auto parameters = ct_parameters(job.definitions);
  parameters.n_threads = job.n_threads;
  return parameters;
}

imaging::LabelMask believed_mask(const JobMask& mask, const imaging::CtVolume& volume) {
  auto vertebrae = masks::read_vertebra_mask(mask.files);
  masks::check_fit(vertebrae, volume);
  return vertebrae;
}

class Search {
 public:
  Search(const Job& job, const cohort::Timeline& timeline) : job_(job), parameters_(parameters_of(job)) {
    const auto value = [&](const char* name) { return value_of(job.definitions, name); };
    const int probe_hu = static_cast<int>(value("timeline.cement_probe_hu"));
    const auto probe = [&, probe_hu](const ingest::Series& series) { return dense_mm3(series, probe_hu); };
    candidates_ = rank_baseline_candidates(job.patient, timeline, probe, value("timeline.min_probe_mm3"));
    result_.n_candidates = static_cast<int>(candidates_.size());
  }

  CtSearch run() {
    for (const auto& candidate : candidates_) {
      if (n_attempts_ == kMaxAttempts) break;
      if (result_.studies_without_cement.contains(candidate.study->study_uid)) continue;
      ++n_attempts_;
      auto measured = attempt(candidate);
      if (measured && consider(std::move(*measured))) return std::move(result_);
    }
    reload_if_dropped();
    return std::move(result_);
  }

 private:
  double dense_mm3(const ingest::Series& series, int hu) {
    try {
      return ingest::probe_dense_volume_mm3(job_.export_folder, series, kProbeSlices, hu);
    } catch (const Error&) {
      return 0.0;  // the attempt to read it will say what is wrong
    }
  }

  std::optional<MeasuredCt> attempt(const cohort::CtCandidate& candidate) {
    drop_pixels();
    const auto read = [&] {
      MeasuredCt measured{candidate, load_near_spine(job_, *candidate.series), {}};
      const auto hints = hints_for(job_, *candidate.series, measured.ct);
      measured.reading = imaging::read_ct(measured.ct.volume, hints, parameters_);
      return measured;
    };
    return read_or_fail("ct", read, [&](const std::string& code, const std::string& sentence) {
      result_.failures.push_back(series_failure(job_, *candidate.series, code, sentence));
      result_.not_taken[candidate.series] = fmt::format("could not be read ({})", code);
    });
  }

  /// Takes the reading over when it is the best so far; true when the search is over.
  bool consider(MeasuredCt measured) {
    const auto& finding = measured.reading.cement_present;
    if (finding.answer == Answer::no) result_.studies_without_cement.insert(measured.candidate.study->study_uid);
    const bool has_cement = finding.answer == Answer::yes;
    if (result_.measured && !has_cement && rank(finding) <= rank(result_.measured->reading.cement_present)) {
      note_not_taken(measured);
      return false;
    }
    if (result_.measured) note_not_taken(*result_.measured);
    result_.measured = std::move(measured);
    return has_cement;
  }

  static int rank(const imaging::Finding& finding) { return finding.answer == Answer::not_assessable ? 0 : 1; }

  void note_not_taken(const MeasuredCt& measured) {
    const auto& finding = measured.reading.cement_present;
    result_.not_taken[measured.candidate.series] =
        finding.answer == Answer::no ? std::string("no cement found in it") : fmt::format("could not be assessed ({})", finding.reason);
  }

  /// Two volumes at a time would double the worker's memory.
  void drop_pixels() {
    if (result_.measured) result_.measured->ct.volume.image = nullptr;
  }

  void reload_if_dropped() {
    if (!result_.measured || result_.measured->ct.volume.image) return;
    result_.measured->ct = load_near_spine(job_, *result_.measured->candidate.series);
  }

  const Job& job_;
  const imaging::CtParameters parameters_;
  std::vector<cohort::CtCandidate> candidates_;
  CtSearch result_;
  int n_attempts_ = 0;
};

}  // namespace

ingest::LoadedCt load_near_spine(const Job& job, const ingest::Series& series) {
  ingest::CtStack stack(job.export_folder, series);
  if (stack.n_voxels() < kLargeScan_voxels || !stack.can_be_windowed()) return stack.load();
  const auto spine = imaging::locate_spine(stack.overview(kOverviewGrid_mm), job.n_threads);
  if (!spine) return stack.load();
  return stack.load(stack.window_around(*spine));
}

imaging::CtHints hints_for(const Job& job, const ingest::Series& series, ingest::LoadedCt& ct) {
  imaging::CtHints hints;
  if (job.clinical) hints.treated_levels = job.clinical->treated_levels;
  std::vector<std::string> reasons;
  for (const auto& mask : job.masks) {
    if (mask.series_uid != series.series_uid) continue;
    const auto note = [&](const std::string&, const std::string& sentence) {
      if (std::find(reasons.begin(), reasons.end(), sentence) == reasons.end()) reasons.push_back(sentence);
    };
    const auto believed = read_or_fail(
        "mask", [&] { return believed_mask(mask, ct.volume); }, note);
    if (!believed) continue;
    hints.vertebra_mask = *believed;
    return hints;
  }
  if (reasons.empty()) return hints;
  ct.warnings.emplace_back(kMaskRefused);
  ct.failures.push_back(series_failure(
      job, series, kMaskRefused, fmt::format("no mask of this series can be used, it is read without one: {}", fmt::join(reasons, "; "))));
  return hints;
}

CtSearch find_baseline_ct(const Job& job, const cohort::Timeline& timeline) { return Search(job, timeline).run(); }

}  // namespace cemscope::batch
