#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "imaging/radiograph/film_reading.h"
#include "src/batch/job.h"
#include "src/cohort/case_result.h"
#include "src/cohort/timeline.h"

namespace cemscope::batch {

/// A film that was read, and how its view is known: "ViewPosition", "view code", "PatientOrientation", "description" or "content".
struct ChosenFilm {
  const ingest::Series* series = nullptr;
  std::string view_source;
};

/// The patient's post-operative films of one day as they were read.
struct MeasuredFilms {
  ChosenFilm ap, lateral;  ///< without a series where there is none
  std::string date;        ///< YYYY-MM-DD; empty when unknown
  imaging::FilmReading reading;
  std::vector<std::string> warnings;
};

/// What came of the search for post-operative films.
struct FilmSearch {
  std::optional<MeasuredFilms> measured;
  std::map<const ingest::Series*, std::string> not_taken;  ///< why a film is not used
  std::vector<ingest::Failure> failures;
};

/// Reads the films of each day after surgery (undated days last, days before surgery never) until one shows cement; at most three days. AP
/// and lateral are paired within a day, those of one study first, then the nearest in time. Where no tag tells the view, content does; of
/// two films that look alike the one that looks more lateral is the lateral one. Obliques, functional views and other parts of the body are
/// left out.
FilmSearch find_baseline_films(const Job& job, const cohort::Timeline& timeline);

/// Reads the films of the latest day, `least_days` or more after `date` (YYYY-MM-DD), that has a lateral one with cement; at most two days.
/// Nothing without a date.
FilmSearch find_followup_films(const Job& job, const cohort::Timeline& timeline, const std::string& date, int least_days);

/// Films name no level themselves. Where CT (`rows` of modality CT, top to bottom) and films show the same number of treated vertebrae,
/// those are the same ones: a film's row without a name takes the one that CT has, and its source.
void name_levels_by_ct(FilmSearch& search, const std::vector<cohort::VertebraRow>& rows);

/// Adds the reading to a case: rows of modality XR, the films' UIDs, warnings and failures, and what series.csv says of the films.
void take_films(cohort::CaseResult& result, const FilmSearch& search);

/// Parameters of the film reading with the definitions' values.
imaging::FilmParameters film_parameters(const cohort::Definitions& definitions);

}  // namespace cemscope::batch
