#pragma once

#include <optional>
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

/// A group per treated vertebra that the films show ("Vertebra L1 on radiographs"), from top to bottom.
std::vector<FindingGroup> film_groups(const std::vector<imaging::VertebraMeasurement>& treated, const SourceStudy& source);

/// What the MR shows of one patient. Levels run from the top downwards.
struct MrFindings {
  imaging::Finding soft_tissue_injury;
  std::optional<double> length_mm, area_mm2;  ///< of the injury
  imaging::Finding marrow_oedema;
  std::vector<std::string> acute_levels;  ///< with marrow oedema, named ones only
};

/// A group of the soft tissue behind the spine and one per level with marrow oedema.
std::vector<FindingGroup> mr_groups(const MrFindings& findings, const SourceStudy& source);

/// What is said of the scan as a whole: whether it holds cement.
std::vector<CodedFinding> overall_findings(const imaging::CtReading& reading);

/// Whether the films show cement; whether MR shows marrow oedema; whether a neighbouring vertebra broke after surgery.
CodedFinding film_cement_finding(const imaging::Finding& cement_present);
std::vector<CodedFinding> marrow_findings(const MrFindings& findings);
std::vector<CodedFinding> adjacent_fracture_findings(const imaging::Finding& finding);

}  // namespace cemscope::dicom_out
