#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/body_place.h"
#include "imaging/cement/outlying_cement.h"
#include "imaging/ct_parameters.h"
#include "imaging/vertebra_measurement.h"
#include "imaging/volume.h"

namespace cemscope::imaging {

/// What is known of the patient before the scan is read.
struct CtHints {
  std::vector<std::string> treated_levels;  ///< from the clinical table, top to bottom; empty when unknown
  LabelMask vertebra_mask{};  ///< VerSe numbers (1-7 C1-C7, 8-19 T1-T12, 20-24 L1-L5, 25 L6, 26 sacrum, 28 T13), any grid and orientation in LPS; image null: none
};

/// One treated vertebra as measured on CT, with what a picture of it needs.
struct TreatedVertebra {
  VertebraMeasurement measurement;
  VertebralFrame frame;
  std::uint8_t body_label = 0;  ///< its label in CtReading::bodies
  std::vector<cement::OutlyingCement> outlying{};  ///< what of its cement lies outside the body, leaks or not
  BandEvidence bands{};         ///< for read_band, when a pre-operative examination shows where the fracture lies
};

/// Whether the scan holds cement at all: yes, no, or not_assessable with the reason (e.g. "no_spine_found",
/// "values_clipped_below_cement").
struct CtReading {
  Finding cement_present;
  std::vector<TreatedVertebra> treated;       ///< top to bottom
  LabelMask cement;                           ///< CementZone values on the volume reoriented to LPS, cropped to `region`
  LabelMask owners;  ///< where there is cement, the label in `bodies` of the vertebra it came from; same grid and crop
  LabelMask bodies;                           ///< vertebral bodies 1..n from the top, same grid and crop
  Region region;                              ///< where `cement` and `bodies` lie in the reoriented volume (reorient_to_lps)
  int n_bodies = 0;
  std::vector<CtBody> ct_bodies;              ///< place and endplate signs of the bodies 1..n from the top
  std::int16_t saturation_hu = 3071;          ///< the highest density the scan can express
  std::vector<Point_mm> canal_course_mm;      ///< centre of the spinal canal, top to bottom
  std::optional<double> hu_l1;                ///< trabecular density of L1 or the nearest usable level, HU
  std::string hu_l1_level;                    ///< the level it was measured in, empty when unnamed
  std::vector<std::string> warnings;          ///< stable codes
};

/// Reads a post-operative CT of the spine: canal, vertebral bodies, cement, leakage zones and distribution.
/// Input: any orientation; 0.3-5 mm slices; HU. A scan without cement gives cement_present=no and no rows; a scan that
/// cannot be read gives not_assessable, never `no`. Throws Error only for a volume that breaks CtVolume's contract.
CtReading read_ct(const CtVolume& volume, const CtHints& hints, const CtParameters& parameters);

/// Evenness and distribution of a treated vertebra with `band` as its fracture band; not_assessable where the scan's end or metal may hide
/// the answer.
BandReading read_band(const BandEvidence& evidence, const HeightBand& band, const DistributionParameters& parameters);

}  // namespace cemscope::imaging
