#include "src/batch/case_dicom.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/dicom_out/measurement_report.h"
#include "src/dicom_out/secondary_capture.h"
#include "src/dicom_out/segmentation.h"

namespace cemscope::batch {
namespace {

const ingest::Study& study_of(const ingest::Patient& patient, const ingest::Series& series) {
  const auto is_its = [&](const ingest::Study& study) { return study.study_uid == series.study_uid; };
  return *std::find_if(patient.studies.begin(), patient.studies.end(), is_its);
}

dicom_out::SourceStudy source_study(const Job& job, const ingest::Series& series, const ingest::StudyAttributes& attributes) {
  const auto& patient = job.patient;
  const auto& study = study_of(patient, series);
  return {.patient_id = patient.patient_id,
          .patient_name = patient.patient_name,
          .birth_date = patient.birth_date,
          .sex = patient.sex,
          .study_uid = study.study_uid,
          .date = study.date,
          .time = study.time,
          .description = study.description,
          .study_id = attributes.study_id,
          .accession_number = attributes.accession_number,
          .referring_physician = attributes.referring_physician,
          .series_uid = series.series_uid,
          .sop_class_uid = series.sop_class_uid,
          .frame_of_reference_uid = series.frame_of_reference_uid,
          .position_reference = attributes.position_reference,
          .is_deidentified = job.is_deidentified};
}

/// The images behind the slices that hold a segment; all images when there is none.
std::vector<dicom_out::SourceImage> images_of(const dicom_out::SegmentFrames& layout, const dicom_out::SliceSources& sources) {
  std::set<int> slices;
  for (const auto& frame : layout.frames) slices.insert(frame.k);
  std::vector<dicom_out::SourceImage> images;
  std::set<std::string> known;
  for (std::size_t k = 0; k < sources.size(); ++k) {
    if (!slices.empty() && !slices.contains(static_cast<int>(k))) continue;
    for (const auto& image : sources[k])
      if (known.insert(image.sop_instance_uid).second) images.push_back(image);
  }
  return images;
}

dicom_out::Producer producer_of(const Job& job) { return {program_version(), job.definitions.version + " " + job.definitions.hash}; }

/// The files that `make` returns, or the failure in their place.
template <typename Make>
DicomFiles guarded(const Job& job, const ingest::Series& series, Make make) {
  try {
    return {make(), {}};
  } catch (const Error& error) {
    return {{},
            {{.code = "dicom_output_failed",
              .sentence = job.is_deidentified ? kDetailsLeftOut : error.what(),
              .path = {},
              .patient_id = {},
              .case_id = {},
              .series_uid = series.series_uid}}};
  }
}

std::vector<dicom_out::SourceImage> images_of(const ingest::Series& series) {
  std::vector<dicom_out::SourceImage> images;
  std::set<std::string> known;
  for (const auto& image : series.images)
    if (known.insert(image.sop_instance_uid).second) images.push_back({image.sop_instance_uid, 0});
  return images;
}

std::vector<const ingest::Series*> film_series(const MeasuredFilms& films) {
  std::vector<const ingest::Series*> series;
  for (const auto* film : {&films.ap, &films.lateral})
    if (film->series != nullptr && std::find(series.begin(), series.end(), film->series) == series.end()) series.push_back(film->series);
  return series;
}

/// Everything that was read but the leading series, whose images are listed apart.
std::vector<dicom_out::OtherSeries> other_series(const CaseReadings& readings) {
  std::vector<const ingest::Series*> all;
  if (readings.films != nullptr) all = film_series(*readings.films);
  if (readings.mr != nullptr) all.push_back(readings.mr->candidate.series);
  std::vector<dicom_out::OtherSeries> others;
  for (const auto* series : all)
    if (series != leading_series(readings))
      others.push_back({series->study_uid, series->series_uid, series->sop_class_uid, images_of(*series)});
  return others;
}

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void add_films(const MeasuredFilms& films, const dicom_out::SourceStudy& source, dicom_out::ReportContent& content) {
  std::vector<imaging::VertebraMeasurement> treated;
  for (const auto& vertebra : films.reading.treated) treated.push_back(vertebra.measurement);
  append(content.groups, dicom_out::film_groups(treated, source));
  content.overall.push_back(dicom_out::film_cement_finding(films.reading.cement_present));
  content.procedures.push_back(dicom_out::Procedure::radiography);
}

void add_mr(const MeasuredMr& mr, const dicom_out::SourceStudy& source, dicom_out::ReportContent& content) {
  const auto& injury = mr.reading.injury;
  dicom_out::MrFindings findings{injury.finding, injury.length_mm, injury.area_mm2, mr.reading.marrow_oedema, {}};
  for (const int body : mr.reading.acute_bodies)
    if (const auto& name = mr.levels.names.at(static_cast<std::size_t>(body)); !name.empty()) findings.acute_levels.push_back(name);
  append(content.groups, dicom_out::mr_groups(findings, source));
  append(content.overall, dicom_out::marrow_findings(findings));
  content.procedures.push_back(dicom_out::Procedure::mr);
}

/// The content that rests on the CT, and its segmentation.
dicom_out::ReportContent ct_content(const MeasuredCt& measured, const dicom_out::SourceStudy& source, const dicom_out::Producer& producer,
                                    std::map<std::string, std::string>& files) {
  const auto& ct = measured.ct;
  const auto grid = dicom_out::frame_grid(ct.volume, *measured.candidate.series, ct.slices);
  const auto layout = lay_out_segments(measured.reading, ct.volume, grid);
  const auto sources = dicom_out::slice_sources(ct.slices);
  dicom_out::ReportContent content{
      finding_groups(measured.reading, layout, source), dicom_out::overall_findings(measured.reading), images_of(layout, sources), {}};
  if (layout.frames.empty()) return content;
  content.segmentation = write_segmentation(layout, ct.volume, sources, source, producer);
  files["cement.seg.dcm"] = std::move(content.segmentation->bytes);
  return content;
}

std::map<std::string, std::string> make_files(const Job& job, const CaseReadings& readings, const ingest::StudyAttributes& attributes) {
  const auto& leading = *leading_series(readings);
  const auto source = source_study(job, leading, attributes);
  const auto producer = producer_of(job);
  std::map<std::string, std::string> files;
  dicom_out::ReportContent content;
  if (readings.ct != nullptr) {
    content = ct_content(*readings.ct, source, producer, files);
  } else {
    content.images = images_of(leading);
    content.procedures.clear();
  }
  content.others = other_series(readings);
  if (readings.films != nullptr) add_films(*readings.films, source, content);
  if (readings.mr != nullptr) add_mr(*readings.mr, source, content);
  append(content.overall, dicom_out::adjacent_fracture_findings(readings.adjacent_fracture));
  files["measurements.sr.dcm"] = write_measurement_report(content, source, producer).bytes;
  return files;
}

}  // namespace

const ingest::Series* leading_series(const CaseReadings& readings) {
  if (readings.ct != nullptr) return readings.ct->candidate.series;
  if (readings.films != nullptr) return film_series(*readings.films).front();
  return readings.mr != nullptr ? readings.mr->candidate.series : nullptr;
}

ingest::StudyAttributes study_attributes(const Job& job, const ingest::Series& series) {
  if (job.is_deidentified) return {};
  return ingest::read_study_attributes(job.export_folder, series.images.front());
}

DicomFiles dicom_files(const Job& job, const CaseReadings& readings, const ingest::StudyAttributes& attributes) {
  return guarded(job, *leading_series(readings), [&] { return make_files(job, readings, attributes); });
}

DicomFiles secondary_captures(const Job& job, const ingest::Series& series, const ingest::StudyAttributes& attributes,
                              const std::map<std::string, std::string>& pictures, int first_number) {
  return guarded(job, series, [&] {
    const auto source = source_study(job, series, attributes);
    std::map<std::string, std::string> files;
    int number = first_number;
    for (const auto& [name, png] : pictures) {
      const auto stem = name.substr(0, name.rfind('.'));
      files[stem + ".sc.dcm"] = dicom_out::write_secondary_capture(png, number++, stem, source, producer_of(job)).bytes;
    }
    return files;
  });
}

}  // namespace cemscope::batch
