#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/batch/case_ct.h"
#include "src/ingest/study_attributes.h"

namespace cemscope::batch {

/// What the DICOM objects need of the study besides the index; empty under --deidentify.
ingest::StudyAttributes study_attributes(const Job& job, const MeasuredCt& measured);

/// The case's DICOM objects by file name, and why one is missing.
struct DicomFiles {
  std::map<std::string, std::string> files;
  std::vector<ingest::Failure> failures;  ///< "dicom_output_failed"
};

/// measurements.sr.dcm, and cement.seg.dcm when there is anything to segment.
DicomFiles dicom_files(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes);

/// The pictures (PNG by file name, of the CT) as "<name>.sc.dcm", numbered in the order of their names.
DicomFiles secondary_captures(const Job& job, const MeasuredCt& measured, const ingest::StudyAttributes& attributes,
                              const std::map<std::string, std::string>& pictures);

}  // namespace cemscope::batch
