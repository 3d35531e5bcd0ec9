#include "src/batch/case_band.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "imaging/preop/band_transfer.h"
#include "imaging/preop/ct_fracture.h"
#include "imaging/preop/mr_fracture.h"
#include "src/batch/series_attempt.h"

namespace cemscope::batch {
namespace {

using imaging::TreatedVertebra;
using imaging::preop::FracturedPart;
using imaging::preop::FractureSign;
using imaging::preop::VertebraMatch;

constexpr std::size_t kMaxAttempts = 2;  // pre-operative CT series that are read, the second when the first cannot be

struct EarlierCt {
  const ingest::Study* study;
  const ingest::Series* series;
  int days;  ///< before surgery; 0 when a date is missing
};

const char* part_word(FracturedPart part) { return part == FracturedPart::lower ? "lower third" : "upper third"; }

std::string carried_words(const VertebraMatch& match) {
  if (!match.is_accepted()) return fmt::format("carried over by level, not registered ({})", match.refusal);
  const auto by =
      fmt::format("registered, {:.1f} mm and {:.0f} degrees off the bodies' frames", match.correction.shift_mm, match.correction.angle_deg);
  return match.correlation > 0 ? fmt::format("{}, correlation {:.2f}", by, match.correlation) : by;
}

class Search {
 public:
  Search(const Job& job, const cohort::Timeline& timeline, MeasuredCt& measured, const MrSearch& mr)
      : job_(job), timeline_(timeline), measured_(measured), mr_(mr), parameters_(ct_parameters(job.definitions)) {
    parameters_.n_threads = job.n_threads;
    for (auto& vertebra : measured.reading.treated) open_.push_back(&vertebra);
  }

  BandSearch run() {
    read_mr_bands();
    if (!open_.empty()) read_ct_bands();
    return std::move(result_);
  }

 private:
  [[nodiscard]] imaging::preop::TreatedBody body_of(const TreatedVertebra& vertebra) const {
    return {measured_.ct.volume, measured_.reading, vertebra};
  }

  void take(TreatedVertebra& vertebra, const imaging::BodyPlace& before, const FractureSign& sign, const VertebraMatch& match,
            const char* source) {
    const auto band = imaging::preop::carry_band(body_of(vertebra), before, sign.part, match);
    auto& measurement = vertebra.measurement;
    imaging::take_band(measurement, imaging::read_band(vertebra.bands, *band, parameters_.distribution), source);
    measurement.band_detail = fmt::format("{} ({}); {}", part_word(sign.part), sign.words, carried_words(match));
    std::erase(open_, &vertebra);
  }

  [[nodiscard]] bool is_mr_of_fracture() const {
    return mr_.measured && mr_.measured->candidate.phase == cohort::StudyPhase::preop &&
           mr_.measured->candidate.days_before_surgery <= cohort::kMaxDaysBeforeSurgery;
  }

  void read_mr_bands() {
    if (!is_mr_of_fracture()) return;
    const auto& reading = mr_.measured->reading;
    const auto bodies = imaging::preop::places_of_mr(reading, mr_.measured->levels);
    const auto image = imaging::image_of(reading.stack);
    for (auto* vertebra : std::vector(open_)) {
      const auto& level = vertebra->measurement.level;
      const auto body = std::find_if(bodies.begin(), bodies.end(), [&](const auto& one) { return !level.empty() && one.level == level; });
      if (body == bodies.end()) {
        vertebra->measurement.band_detail = "pre-operative MR: level not found";
        continue;
      }
      const auto sign = imaging::preop::fracture_on_mr(reading, static_cast<std::size_t>(body - bodies.begin()));
      if (sign.part == FracturedPart::unclear)
        vertebra->measurement.band_detail = "pre-operative MR: " + sign.words;
      else
        take(*vertebra, *body, sign, imaging::preop::match_on_mr(body_of(*vertebra), *image, bodies), "preop_mr");
    }
  }

  // Nearest study first; within it by ingest's score.
  [[nodiscard]] std::vector<EarlierCt> earlier_cts() const {
    std::vector<EarlierCt> earlier;
    for (const auto& study : job_.patient.studies) {
      if (timeline_.phase_of.at(study.study_uid) != cohort::StudyPhase::preop) continue;
      const auto date = cohort::iso_of_dicom(study.date);
      const bool is_dated = !date.empty() && !timeline_.surgery_date.empty();
      const int days = is_dated ? cohort::days_between(date, timeline_.surgery_date) : 0;
      if (days > cohort::kMaxDaysBeforeSurgery) continue;
      for (const auto& series : study.series)
        if (cohort::is_measurable_ct(series)) earlier.push_back({&study, &series, days});
    }
    std::stable_sort(earlier.begin(), earlier.end(), [](const EarlierCt& a, const EarlierCt& b) {
      return a.days != b.days ? a.days < b.days : a.series->score > b.series->score;
    });
    if (earlier.size() > kMaxAttempts) earlier.resize(kMaxAttempts);
    return earlier;
  }

  void read_ct_bands() {
    for (const auto& earlier : earlier_cts()) {
      const auto fail = [&](const std::string& code, const std::string& sentence) {
        result_.failures.push_back(series_failure(job_, *earlier.series, code, sentence));
      };
      const auto words = read_or_fail(
          "preop_ct", [&] { return read_ct_bands(*earlier.series); }, fail);
      if (!words) continue;
      result_.read[earlier.series] = *words;
      return;
    }
  }

  /// What the series shows, in words.
  std::string read_ct_bands(const ingest::Series& series) {
    auto loaded = load_near_spine(job_, series);
    const auto hints = hints_for(job_, series, loaded);
    const auto before = imaging::read_ct(loaded.volume, hints, parameters_);
    std::vector<VertebraMatch> matches;
    std::vector<std::size_t> treated;
    for (const auto& vertebra : measured_.reading.treated) {
      matches.push_back(imaging::preop::match_on_ct(body_of(vertebra), loaded.volume, before.ct_bodies));
      if (matches.back().is_accepted()) treated.push_back(matches.back().body);
    }
    std::vector<std::string> shown;
    for (std::size_t n = 0; n < matches.size(); ++n) {
      auto& vertebra = measured_.reading.treated[n];
      if (std::find(open_.begin(), open_.end(), &vertebra) == open_.end()) continue;
      shown.push_back(read_ct_band(vertebra, before, matches[n], treated));
    }
    return fmt::format("{}", fmt::join(shown, "; "));
  }

  std::string read_ct_band(TreatedVertebra& vertebra, const imaging::CtReading& before, const VertebraMatch& match,
                           const std::vector<std::size_t>& treated) {
    auto& measurement = vertebra.measurement;
    const auto name = measurement.level.empty() ? std::string("treated vertebra") : measurement.level;
    if (!match.is_accepted()) return note_open(measurement, name, fmt::format("not matched ({})", match.refusal));
    const auto sign = imaging::preop::fracture_on_ct(before.ct_bodies, match.body, treated);
    if (sign.part == FracturedPart::unclear) return note_open(measurement, name, sign.words);
    take(vertebra, before.ct_bodies[match.body].place, sign, match, "preop_ct");
    return fmt::format("{} {} ({})", name, part_word(sign.part), sign.words);
  }

  static std::string note_open(imaging::VertebraMeasurement& measurement, const std::string& name, const std::string& why) {
    measurement.band_detail += fmt::format("{}pre-operative CT: {}", measurement.band_detail.empty() ? "" : "; ", why);
    return fmt::format("{} {}", name, why);
  }

  const Job& job_;
  const cohort::Timeline& timeline_;
  MeasuredCt& measured_;
  const MrSearch& mr_;
  imaging::CtParameters parameters_;
  std::vector<TreatedVertebra*> open_;
  BandSearch result_;
};

}  // namespace

BandSearch find_preoperative_bands(const Job& job, const cohort::Timeline& timeline, MeasuredCt& measured, const MrSearch& mr) {
  return Search(job, timeline, measured, mr).run();
}

void take_bands(cohort::CaseResult& result, const BandSearch& search) {
  for (auto failure : search.failures) {
    failure.patient_id = result.patient_id;
    failure.case_id = result.case_id;
    result.failures.push_back(std::move(failure));
  }
  for (const auto& [series, words] : search.read)
    for (auto& row : result.series)
      if (is_same_series(row.series, *series)) {
        row.chosen = true;
        row.reason = fmt::format("pre-operative, read for the fracture band: {}; {}", words, row.series.reason);
      }
}

}  // namespace cemscope::batch
