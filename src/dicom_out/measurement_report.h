#pragma once

#include <optional>
#include <vector>

#include "src/dicom_out/report_findings.h"
#include "src/dicom_out/source_study.h"

namespace cemscope::dicom_out {

/// Images of a series other than the source series that findings rest on, also of another study.
struct OtherSeries {
  std::string study_uid, series_uid, sop_class_uid;
  std::vector<SourceImage> images;
};

/// The procedures a report can rest on.
enum class Procedure { ct, radiography, mr };

/// What a measurement report says and on what it rests.
struct ReportContent {
  std::vector<FindingGroup> groups;
  std::vector<CodedFinding> overall;
  std::vector<SourceImage> images;          ///< of the source series that the findings rest on
  std::optional<DicomObject> segmentation;  ///< to which the groups' segment numbers refer
  std::vector<OtherSeries> others = {};     ///< films and MR beside a CT
  std::vector<Procedure> procedures = {Procedure::ct};
};

/// A Comprehensive 3D SR document after TID 1500 (PS3.16): TID 1411 groups where there is a segment, TID 1501 groups where there is none,
/// each number with the algorithm's name and version. Throws Error{inconsistent} when DCMTK refuses a value.
DicomObject write_measurement_report(const ReportContent& content, const SourceStudy& source, const Producer& producer);

}  // namespace cemscope::dicom_out
