#pragma once

#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "src/dicom_out/codes.h"
#include "src/dicom_out/segment_frames.h"
#include "src/dicom_out/source_study.h"

namespace cemscope::dicom_out {

/// A number with its unit (UCUM).
struct NumericFinding {
  Code concept_name;
  double value = 0.0;
  Code unit;
};

/// A finding in a coded word; `text` instead of a code for a reason.
struct CodedFinding {
  Code concept_name, value;
  std::string text;
};

/// A measurement group: what it is about, where, and what was found.
struct FindingGroup {
  std::string tracking_id, tracking_uid;
  Code finding, site;
  int segment_number = 0;  ///< of the segmentation, from 1; 0: none
  std::vector<NumericFinding> numbers;
  std::vector<CodedFinding> words;
};

/// The groups of a reading: one per treated vertebra with everything measured of it, one per cement segment with its volume, and the
/// trabecular density of L1. What was not measured is left out; a finding that could not be made is there as not assessable with its
/// reason.
std::vector<FindingGroup> finding_groups(const imaging::CtReading& reading, const SegmentFrames& layout, const SourceStudy& source);

/// What is said of the scan as a whole: whether it holds cement.
std::vector<CodedFinding> overall_findings(const imaging::CtReading& reading);

}  // namespace cemscope::dicom_out
