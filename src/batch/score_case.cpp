#include "src/batch/score_case.h"

#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/batch/case_band.h"
#include "src/batch/case_ct.h"
#include "src/batch/case_dicom.h"
#include "src/batch/case_film.h"
#include "src/batch/case_followup.h"
#include "src/batch/case_mr.h"
#include "src/batch/case_risk.h"
#include "src/batch/case_series.h"
#include "src/batch/program.h"
#include "src/cohort/model_inputs.h"
#include "src/ingest/parallel.h"
#include "src/report/film_picture.h"
#include "src/report/followup_picture.h"
#include "src/report/label_nrrd.h"
#include "src/report/mr_picture.h"
#include "src/report/pictures.h"

namespace cemscope::batch {
namespace {

constexpr const char* kSchema = "cemscope-case/1";

std::string picture_footer(const Job& job) {
  return fmt::format("cemscope {} - definitions {}", program_version(), job.definitions.version);
}

std::map<std::string, std::string> nrrd_notes(const Job& job) {
  std::map<std::string, std::string> notes{{"cemscope", program_version()},
                                           {"cemscope_definitions", job.definitions.version + " " + job.definitions.hash}};
  for (int label = 1; label <= imaging::kNCementZones; ++label)
    notes[fmt::format("cemscope_label_{}", label)] = to_string(static_cast<imaging::CementZone>(label));
  return notes;
}

void add_vertebrae(ScoredCase& scored, const imaging::CtReading& reading) {
  for (std::size_t i = 0; i < reading.treated.size(); ++i)
    scored.result.vertebrae.push_back({"CT", reading.treated[i].measurement, report::vertebra_picture_name(static_cast<int>(i) + 1)});
}

/// A file of the case and how its bytes are made.
struct FileTask {
  std::string name;
  std::function<std::string()> make;
};

std::vector<FileTask> file_tasks(const Job& job, const MeasuredCt& measured) {
  const auto& volume = measured.ct.volume;
  const auto& reading = measured.reading;
  const auto footer = picture_footer(job);
  std::vector<FileTask> tasks{{report::kOverviewPicture, [&, footer] { return report::render_overview(volume, reading, {"", footer}); }}};
  for (std::size_t i = 0; i < reading.treated.size(); ++i) {
    const auto ordinal = fmt::format("treated vertebra {} of {}", i + 1, reading.treated.size());
    tasks.push_back({report::vertebra_picture_name(static_cast<int>(i) + 1), [&, i, ordinal, footer] {
                       return report::render_vertebra(volume, reading, reading.treated[i], {ordinal, footer});
                     }});
  }
  if (reading.cement.image)
    tasks.push_back({"cement.nrrd", [&] {
                       const auto upright = reorient_to_lps(volume);  // the grid of the labels; the same pixels when it is upright already
                       return report::label_nrrd(reading.cement, reading.region, *upright.image, nrrd_notes(job));
                     }});
  return tasks;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) { to.insert(to.end(), from.begin(), from.end()); }

void append_failures(cohort::CaseResult& result, std::vector<ingest::Failure> failures) {
  for (auto& failure : failures) {
    failure.patient_id = result.patient_id;
    failure.case_id = result.case_id;
    result.failures.push_back(std::move(failure));
  }
}

/// Pictures of a series by name, as far as the case has them.
std::map<std::string, std::string> pictures_of(const ScoredCase& scored, const std::vector<std::string>& names) {
  std::map<std::string, std::string> pictures;
  for (const auto& name : names)
    if (const auto found = scored.files.find(name); found != scored.files.end()) pictures.insert(*found);
  return pictures;
}

/// The pictures go into the study of the series that they show.
void add_secondary_captures(ScoredCase& scored, const Job& job, const CaseReadings& readings, const std::vector<FileTask>& ct_tasks) {
  std::vector<std::pair<const ingest::Series*, std::vector<std::string>>> shown;
  if (readings.ct != nullptr) {
    shown.push_back({readings.ct->candidate.series, {}});
    for (const auto& task : ct_tasks)
      if (task.name.ends_with(".png")) shown.back().second.push_back(task.name);
  }
  if (readings.films != nullptr) shown.push_back({leading_series({.films = readings.films}), {report::kFilmPicture}});
  if (readings.mr != nullptr) shown.push_back({readings.mr->candidate.series, {report::kMrPicture}});
  shown.push_back({leading_series(readings), {report::kFollowupPicture}});
  int number = 1;
  for (const auto& [series, names] : shown) {
    const auto pictures = pictures_of(scored, names);
    if (pictures.empty()) continue;
    auto captures = secondary_captures(job, *series, study_attributes(job, *series), pictures, number);
    number += static_cast<int>(pictures.size());
    scored.files.merge(captures.files);
    append_failures(scored.result, std::move(captures.failures));
  }
}

/// The pictures and labels of the CT, and the DICOM objects of everything that was read.
void add_files(ScoredCase& scored, const Job& job, const CaseReadings& readings) {
  if (leading_series(readings) == nullptr) return;
  const auto tasks = readings.ct != nullptr ? file_tasks(job, *readings.ct) : std::vector<FileTask>{};
  const auto attributes = study_attributes(job, *leading_series(readings));
  std::vector<std::string> bytes(tasks.size());
  DicomFiles dicom;
  ingest::parallel_for(static_cast<int>(tasks.size()) + 1, job.n_threads, [&](int n) {
    const auto i = static_cast<std::size_t>(n);
    if (i == tasks.size())
      dicom = dicom_files(job, readings, attributes);
    else
      bytes[i] = tasks[i].make();
  });
  for (std::size_t i = 0; i < tasks.size(); ++i) scored.files[tasks[i].name] = std::move(bytes[i]);
  scored.files.merge(dicom.files);
  append_failures(scored.result, std::move(dicom.failures));
  if (job.has_secondary_captures) add_secondary_captures(scored, job, readings, tasks);
}

template <typename T>
const T* pointer_to(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

/// File names and what was found in files may name the patient.
void drop_details(std::vector<ingest::Failure>& failures) {
  for (auto& failure : failures) {
    failure.path.clear();
    failure.sentence = kDetailsLeftOut;
  }
}

void add_pictures(ScoredCase& scored, const Job& job, const MrSearch& mr, const FollowupSearch& followup) {
  if (mr.measured)
    scored.files[report::kMrPicture] = report::render_mr(mr.measured->reading, mr.measured->levels, {"", picture_footer(job)});
  if (const auto* one = decisive_comparison(followup))
    scored.files[report::kFollowupPicture] =
        report::render_followup(one->baseline, one->followup, one->comparison, {"", picture_footer(job)});
}

void take_measured(ScoredCase& scored, const MeasuredCt& measured) {
  auto& result = scored.result;
  result.ct_series_uid = measured.candidate.series->series_uid;
  result.hu_l1 = measured.reading.hu_l1;
  append(result.warnings, measured.ct.warnings);
  append(result.warnings, measured.reading.warnings);
  append_failures(result, measured.ct.failures);
  add_vertebrae(scored, measured.reading);
  const auto& cement = measured.reading.cement_present;
  if (cement.answer == imaging::Answer::no) result.warnings.emplace_back("no_cement_found");
  if (cement.answer == imaging::Answer::not_assessable) result.warnings.push_back("cement_present:" + cement.reason);
}

void note_missing_ct(ScoredCase& scored, const CtSearch& search) {
  scored.is_ct_lost = search.n_candidates > 0;
  scored.result.warnings.emplace_back(scored.is_ct_lost ? "ct_unreadable" : "no_postoperative_ct");
  if (scored.is_ct_lost)
    append_failures(scored.result,
                    {{.code = "ct_unreadable",
                      .sentence = fmt::format("none of the patient's {} CT series could be read; findings on CT are not_assessable",
                                              search.n_candidates),
                      .path = {},
                      .patient_id = {},
                      .case_id = {},
                      .series_uid = {}}});
}

}  // namespace

ScoredCase score_case(const Job& job) {
  ScoredCase scored;
  auto& result = scored.result;
  result.patient_id = job.patient.patient_id;
  result.case_id = job.patient.case_id;
  if (!job.clinical) result.warnings.emplace_back("no_clinical_row");
  const int window_days = static_cast<int>(value_of(job.definitions, "timeline.postop_window_days"));
  const auto by_date = cohort::timeline_by_date(job.patient, job.clinical ? job.clinical->surgery_date : "", window_days);
  auto search = find_baseline_ct(job, by_date);
  const auto timeline = final_timeline(job, by_date, search);
  result.surgery_date = timeline.surgery_date;
  if (timeline.source == "inferred") result.warnings.emplace_back("surgery_date_inferred");
  result.stage = stage_of(timeline, search);
  result.series = series_rows(job.patient, timeline, search);
  append_failures(result, search.failures);
  const auto mr = find_baseline_mr(job, timeline);
  BandSearch bands;
  if (search.measured) {
    bands = find_preoperative_bands(job, timeline, *search.measured, mr);
    take_measured(scored, *search.measured);
  } else {
    note_missing_ct(scored, search);
  }
  auto films = find_baseline_films(job, timeline);
  name_levels_by_ct(films, result.vertebrae);
  take_films(result, films);
  if (films.measured) scored.files[report::kFilmPicture] = report::render_films(films.measured->reading, {"", picture_footer(job)});
  take_mr(result, mr);
  take_bands(result, bands);
  const auto followup = find_followup(job, timeline, search, mr, films);
  take_followup(result, followup);
  add_pictures(scored, job, mr, followup);
  fill_patient_findings(result, job.clinical);
  fill_risk(result, job.model, job.prevalence, job.clinical);
  if (job.is_deidentified) drop_details(result.failures);
  add_files(scored, job, {pointer_to(search.measured), pointer_to(films.measured), pointer_to(mr.measured), result.adjacent_fracture});
  return scored;
}

std::string result_json(const Job& job, const cohort::CaseResult& result) {
  const nlohmann::ordered_json document{{"schema", kSchema},
                                        {"program", {{"name", "cemscope"}, {"version", program_version()}}},
                                        {"definitions", {{"version", job.definitions.version}, {"hash", job.definitions.hash}}},
                                        {"model", {{"name", job.model.name}, {"version", job.model.version}, {"hash", job.model.hash}}},
                                        {"case", nlohmann::json(result)}};
  return document.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

cohort::CaseResult parse_result_json(const std::string& text) {
  try {
    const auto document = nlohmann::json::parse(text);
    if (document.at("schema") != kSchema)
      throw Error(ErrorKind::inconsistent, fmt::format("result.json: schema \"{}\" is needed", kSchema));
    return document.at("case").get<cohort::CaseResult>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::inconsistent, fmt::format("result.json: {}", error.what()));
  }
}

}  // namespace cemscope::batch
