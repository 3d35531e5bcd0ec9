#include "src/batch/case_film.h"

#include <algorithm>

#include <fmt/format.h>

#include "imaging/radiograph/view.h"
#include "src/batch/series_attempt.h"
#include "src/ingest/film_reader.h"
#include "src/ingest/series_role.h"
#include "src/report/film_picture.h"

namespace cemscope::batch {
namespace {

using imaging::Answer;
using imaging::FilmView;

// Reading a pair takes about a second; later days are follow-ups, which are no baseline.
constexpr int kMostDays = 3, kMostFollowupDays = 2, kMostFilmsPerDay = 12;

struct Film {
  const ingest::Study* study;
  const ingest::Series* series;
  const ingest::ImageRef* image;
  FilmView view = FilmView::unknown;
  std::string view_source;
  double log_odds_of_lateral = 0;
  ingest::LoadedFilm loaded;
};

/// The words after " by " in the role's reason.
std::string source_in(const std::string& reason) {
  const auto at = reason.rfind(" by ");
  return at == std::string::npos ? std::string("tags") : reason.substr(at + 4);
}

std::vector<Film> films_of(const ingest::Study& study) {
  std::vector<Film> films;
  for (const auto& series : study.series) {
    const bool is_ap = series.role == ingest::SeriesRole::ap_film, is_lateral = series.role == ingest::SeriesRole::lateral_film;
    if (!is_ap && !is_lateral && !ingest::may_be_film(series)) continue;
    for (const auto& image : series.images) {
      Film film{&study, &series, &image, is_ap ? FilmView::ap : is_lateral ? FilmView::lateral : FilmView::unknown, "content", 0, {}};
      if (is_ap || is_lateral) film.view_source = source_in(series.reason);
      films.push_back(std::move(film));
    }
  }
  return films;
}

/// Films by day; studies before surgery are left out, undated ones come last.
std::vector<std::vector<Film>> films_by_day(const ingest::Patient& patient, const cohort::Timeline& timeline) {
  std::map<std::string, std::vector<Film>> days;
  for (const auto& study : patient.studies) {
    if (timeline.phase_of.at(study.study_uid) == cohort::StudyPhase::preop) continue;
    auto films = films_of(study);
    if (films.empty()) continue;
    auto& day = days[study.date.empty() ? "9" + study.study_uid : study.date];
    std::move(films.begin(), films.end(), std::back_inserter(day));
  }
  std::vector<std::vector<Film>> ordered;
  for (auto& [date, films] : days) ordered.push_back(std::move(films));
  return ordered;
}

class Search {
 public:
  Search(const Job& job, const cohort::Timeline& timeline) : job_(job), timeline_(timeline) {}

  FilmSearch run() {
    int n_days = 0;
    for (auto& day : films_by_day(job_.patient, timeline_)) {
      if (n_days == kMostDays || has_cement()) {
        for (const auto& film : day) result_.not_taken.emplace(film.series, "films of another day are the baseline");
        continue;
      }
      if (read_day(std::move(day))) ++n_days;
    }
    return std::move(result_);
  }

  /// The latest day, so many after a date, that shows cement on a lateral film.
  FilmSearch run_followup(const std::string& date, int least_days) {
    if (date.empty()) return {};
    auto days = films_by_day(job_.patient, timeline_);
    int n_days = 0;
    for (auto day = days.rbegin(); day != days.rend() && n_days < kMostFollowupDays; ++day) {
      const auto own = date_of(*day);
      if (own.empty() || cohort::days_between(date, own) < least_days || !read_day(std::move(*day))) continue;
      ++n_days;
      if (has_cement() && shows_cement_on_lateral(result_.measured->reading)) return std::move(result_);
      result_.measured.reset();
    }
    return std::move(result_);
  }

 private:
  static std::string date_of(const std::vector<Film>& day) { return cohort::iso_of_dicom(day.front().study->date); }

  static bool shows_cement_on_lateral(const imaging::FilmReading& reading) {
    return std::any_of(reading.treated.begin(), reading.treated.end(), [](const auto& treated) { return treated.lateral_level >= 0; });
  }

  [[nodiscard]] bool has_cement() const { return result_.measured && result_.measured->reading.cement_present.answer == Answer::yes; }

  bool load(Film& film) {
    const auto read = [&] {
      film.loaded = ingest::load_film(job_.export_folder, *film.series, *film.image);
      if (film.view != FilmView::unknown) return true;
      const auto guess = imaging::radiograph::guess_view(film.loaded.film);
      film.view = guess.view, film.log_odds_of_lateral = guess.log_odds_of_lateral;
      return true;
    };
    const auto fail = [&](const std::string& code, const std::string& sentence) {
      result_.not_taken[film.series] = fmt::format("could not be read ({})", code);
      result_.failures.push_back(series_failure(job_, *film.series, code, sentence, film.image->path));
    };
    return read_or_fail("film", read, fail).has_value();
  }

  /// Two films of unknown view are one of each: the one that looks more lateral is so.
  static void tell_apart(std::vector<Film>& films) {
    const bool all_guessed = std::all_of(films.begin(), films.end(), [](const Film& film) { return film.view_source == "content"; });
    if (!all_guessed || films.size() != 2) return;
    const bool first_is_lateral = films[0].log_odds_of_lateral > films[1].log_odds_of_lateral;
    films[0].view = first_is_lateral ? FilmView::lateral : FilmView::ap;
    films[1].view = first_is_lateral ? FilmView::ap : FilmView::lateral;
  }

  /// The pair to read: tags before content, the same study first, then the largest films.
  static std::pair<Film*, Film*> best_pair(std::vector<Film>& films) {
    Film *ap = nullptr, *lateral = nullptr;
    double best = -1;
    const auto worth = [](const Film* film) {
      if (film == nullptr) return 0.0;
      const double size = static_cast<double>(film->loaded.film.density.values.size()) / 1e8;
      return 10.0 + (film->view_source == "content" ? 0.0 : 2.0) + std::min(1.0, size);
    };
    std::vector<Film*> aps{nullptr}, laterals{nullptr};
    for (auto& film : films) (film.view == FilmView::ap ? aps : laterals).push_back(&film);
    for (Film* a : aps)
      for (Film* l : laterals) {
        const bool is_one_study = a && l && a->study == l->study;
        const double value = worth(a) + worth(l) + (is_one_study ? 3.0 : 0.0);
        if (value > best) best = value, ap = a, lateral = l;
      }
    return {ap, lateral};
  }

  bool read_day(std::vector<Film> films) {
    if (films.size() > kMostFilmsPerDay) films.resize(kMostFilmsPerDay);
    std::erase_if(films, [&](Film& film) { return !load(film); });
    if (films.empty()) return false;
    tell_apart(films);
    const auto [ap, lateral] = best_pair(films);
    MeasuredFilms measured;
    measured.date = date_of(films);
    std::optional<imaging::Radiograph> ap_film, lateral_film;
    if (ap != nullptr)
      measured.ap = {ap->series, ap->view_source}, append(measured.warnings, ap->loaded.warnings), ap_film = std::move(ap->loaded.film);
    if (lateral != nullptr)
      measured.lateral = {lateral->series, lateral->view_source}, append(measured.warnings, lateral->loaded.warnings),
      lateral_film = std::move(lateral->loaded.film);
    const imaging::FilmHints hints{job_.clinical ? job_.clinical->treated_levels : std::vector<std::string>{}};
    for (const auto& film : films)
      if (&film != ap && &film != lateral) result_.not_taken.emplace(film.series, "another film of the same view and day was preferred");
    films.clear();
    measured.reading = imaging::read_films(std::move(ap_film), std::move(lateral_film), hints, film_parameters(job_.definitions));
    consider(std::move(measured));
    return true;
  }

  static void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    for (const auto& code : from)
      if (std::find(to.begin(), to.end(), code) == to.end()) to.push_back(code);
  }

  void consider(MeasuredFilms measured) {
    const bool is_better = !result_.measured || measured.reading.cement_present.answer == Answer::yes;
    const MeasuredFilms& loser = is_better && result_.measured ? *result_.measured : measured;
    if (result_.measured)
      for (const auto* film : {&loser.ap, &loser.lateral})
        if (film->series != nullptr) result_.not_taken[film->series] = "no cement found on the films of its day";
    if (is_better) result_.measured = std::move(measured);
  }

  const Job& job_;
  const cohort::Timeline& timeline_;
  FilmSearch result_;
};

void mark_row(cohort::CaseResult& result, const ChosenFilm& film, const char* view) {
  if (film.series == nullptr) return;
  for (auto& row : result.series) {
    if (!is_same_series(row.series, *film.series)) continue;
    row.chosen = true;
    row.reason = fmt::format("post-operative {} film; view by {}", view, film.view_source);
  }
}

void mark_rows(cohort::CaseResult& result, const FilmSearch& search) {
  for (const auto& [series, reason] : search.not_taken)
    for (auto& row : result.series)
      if (is_same_series(row.series, *series)) row.reason = reason;
  if (!search.measured) return;
  mark_row(result, search.measured->ap, "AP");
  mark_row(result, search.measured->lateral, "lateral");
}

}  // namespace

imaging::FilmParameters film_parameters(const cohort::Definitions& definitions) {
  imaging::FilmParameters parameters;
  parameters.min_minor_side_fraction = value_of(definitions, "distribution.min_minor_side_fraction");
  parameters.min_reach_mm = value_of(definitions, "distribution.min_reach_mm");
  parameters.max_confidence_of_no_leak = value_of(definitions, "radiograph.max_confidence_of_no_leak");
  parameters.max_midline_disagreement_mm = value_of(definitions, "radiograph.max_midline_disagreement_mm");
  parameters.compression = cohort::ct_parameters(definitions).compression;
  return parameters;
}

FilmSearch find_baseline_films(const Job& job, const cohort::Timeline& timeline) { return Search(job, timeline).run(); }

FilmSearch find_followup_films(const Job& job, const cohort::Timeline& timeline, const std::string& date, int least_days) {
  return Search(job, timeline).run_followup(date, least_days);
}

void name_levels_by_ct(FilmSearch& search, const std::vector<cohort::VertebraRow>& rows) {
  if (!search.measured) return;
  auto& treated = search.measured->reading.treated;
  std::vector<const imaging::VertebraMeasurement*> on_ct;
  for (const auto& row : rows)
    if (row.modality == "CT") on_ct.push_back(&row.measurement);
  if (on_ct.size() != treated.size()) return;
  for (std::size_t n = 0; n < treated.size(); ++n) {
    auto& own = treated[n].measurement;
    if (own.level.empty()) own.level = on_ct[n]->level, own.level_source = on_ct[n]->level_source;
  }
}

void take_films(cohort::CaseResult& result, const FilmSearch& search) {
  mark_rows(result, search);
  result.failures.insert(result.failures.end(), search.failures.begin(), search.failures.end());
  if (!search.measured) return;
  const MeasuredFilms& films = *search.measured;
  if (films.ap.series != nullptr) result.ap_uid = films.ap.series->series_uid;
  if (films.lateral.series != nullptr) result.lateral_uid = films.lateral.series->series_uid;
  for (const auto& warning : films.warnings) result.warnings.push_back(warning);
  for (const auto& warning : films.reading.warnings) result.warnings.push_back(warning);
  if (films.reading.cement_present.answer == Answer::no) result.warnings.emplace_back("no_cement_found_on_films");
  if (films.reading.cement_present.answer == Answer::not_assessable)
    result.warnings.push_back("cement_present_on_films:" + films.reading.cement_present.reason);
  // One picture shows all levels of both films; it stands at the first of them.
  for (const auto& treated : films.reading.treated)
    result.vertebrae.push_back({"XR", treated.measurement, &treated == &films.reading.treated.front() ? report::kFilmPicture : ""});
}

}  // namespace cemscope::batch
