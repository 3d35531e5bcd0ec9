#pragma once

#include "imaging/cement/distribution.h"
#include "imaging/cement/leakage.h"

namespace cemscope::imaging::cement {

/// What the findings of one treated vertebra rest on.
struct Evidence {
  Deposit deposit;
  LeakageMeasurement leakage;
  DistributionMeasurement distribution;
  BodyHeights heights;
  double reference_height_mm = 0;   ///< of the nearest unfractured bodies; 0 when there is none
  double midline_spread_mm = 0;     ///< disagreement of the midline's voters
  double slice_mm = 1;              ///< largest voxel edge
  bool body_cut = false;            ///< the scan ends inside the body
};

/// What another fracture band is read from (read_band): state_findings takes the third that the scan itself points to, a pre-operative
/// examination may know better.
BandEvidence band_evidence(const Evidence& evidence, const Finding& midline_crossed);

/// Evidence put into the words and columns of the contract: yes/no/not_assessable with confidences. A finding that the scan's end or metal
/// may hide is not_assessable unless it is positive all the same. Level, centre and warnings of the spine are the caller's.
VertebraMeasurement state_findings(const Evidence& evidence, const CtParameters& parameters);

}  // namespace cemscope::imaging::cement
