#include "src/batch/case_dicom.h"

#include <set>

#include "imaging/error.h"
#include "src/batch/program.h"
#include "src/dicom_out/measurement_report.h"
#include "src/dicom_out/secondary_capture.h"
#include "src/dicom_out/segmentation.h"

namespace cemscope::batch {
namespace {

dicom_out::SourceStudy source_study(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes) {
  const auto& patient = job.patient;
  const auto& study = *measured.candidate.study;
  const auto& series = *measured.candidate.series;
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
DicomFiles guarded(const Job& job, const MeasuredCt& measured, Make make) {
  try {
    return {make(), {}};
  } catch (const Error& error) {
    return {{},
            {{.code = "dicom_output_failed",
              .sentence = job.is_deidentified ? kDetailsLeftOut : error.what(),
              .path = {},
              .patient_id = {},
              .case_id = {},
              .series_uid = measured.candidate.series->series_uid}}};
  }
}

std::map<std::string, std::string> make_files(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes) {
  const auto source = source_study(job, measured, attributes);
  const auto producer = producer_of(job);
  const auto& ct = measured.ct;
  const auto grid = dicom_out::frame_grid(ct.volume, *measured.candidate.series, ct.slices);
  const auto layout = lay_out_segments(measured.reading, ct.volume, grid);
  const auto sources = dicom_out::slice_sources(ct.slices);
  dicom_out::ReportContent content{
      finding_groups(measured.reading, layout, source), dicom_out::overall_findings(measured.reading), images_of(layout, sources), {}};
  std::map<std::string, std::string> files;
  if (!layout.frames.empty()) {
    content.segmentation = write_segmentation(layout, ct.volume, sources, source, producer);
    files["cement.seg.dcm"] = std::move(content.segmentation->bytes);
  }
  files["measurements.sr.dcm"] = write_measurement_report(content, source, producer).bytes;
  return files;
}

}  // namespace

ingest::StudyAttributes study_attributes(const Job& job, const MeasuredCt& measured) {
  if (job.is_deidentified) return {};
  return ingest::read_study_attributes(job.export_folder, measured.candidate.series->images.front());
}

DicomFiles dicom_files(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes) {
  return guarded(job, measured, [&] { return make_files(job, measured, attributes); });
}

DicomFiles secondary_captures(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes,
                              const std::map<std::string, std::string>& pictures) {
  return guarded(job, measured, [&] {
    const auto source = source_study(job, measured, attributes);
    std::map<std::string, std::string> files;
    int number = 0;
    for (const auto& [name, png] : pictures) {
      const auto stem = name.substr(0, name.rfind('.'));
      files[stem + ".sc.dcm"] = dicom_out::write_secondary_capture(png, ++number, stem, source, producer_of(job)).bytes;
    }
    return files;
  });
}

}  // namespace cemscope::batch
