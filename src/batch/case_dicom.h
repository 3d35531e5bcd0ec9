#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/batch/case_ct.h"
#include "src/batch/case_film.h"
#include "src/batch/case_mr.h"
#include "src/ingest/study_attributes.h"

namespace cemscope::batch {

/// What was read of a case; null or empty where nothing was.
struct CaseReadings {
  const MeasuredCt* ct = nullptr;
  const MeasuredFilms* films = nullptr;
  const MeasuredMr* mr = nullptr;
  imaging::Finding adjacent_fracture = {};
};

/// The series to whose study the case's objects belong: the CT's, else a film's, else the MR's; null when nothing was read.
const ingest::Series* leading_series(const CaseReadings& readings);

/// What the DICOM objects need of the series' study besides the index; empty under --deidentify.
ingest::StudyAttributes study_attributes(const Job& job, const ingest::Series& series);

/// The case's DICOM objects by file name, and why one is missing.
struct DicomFiles {
  std::map<std::string, std::string> files;
  std::vector<ingest::Failure> failures;  ///< "dicom_output_failed"
};

/// measurements.sr.dcm with the findings of all readings, and cement.seg.dcm when there is anything on CT to segment.
DicomFiles dicom_files(const Job& job, const CaseReadings& readings, const ingest::StudyAttributes& attributes);

/// Pictures (PNG by file name) made from a series as "<name>.sc.dcm", numbered in the order of their names from `first_number` on.
DicomFiles secondary_captures(const Job& job, const ingest::Series& series, const ingest::StudyAttributes& attributes,
                              const std::map<std::string, std::string>& pictures, int first_number = 1);

}  // namespace cemscope::batch
