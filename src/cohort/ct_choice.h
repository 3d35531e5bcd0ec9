#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/cohort/timeline.h"
#include "src/ingest/export_index.h"

namespace cemscope::cohort {

/// A CT series that could be measured, in the order in which to try them.
struct CtCandidate {
  const ingest::Study* study = nullptr;
  const ingest::Series* series = nullptr;
  std::string reason;  ///< why it stands at this place, for series.csv
};

/// The volume above a density in a series, in mm3 (ingest::probe_dense_volume_mm3); costs some decoding.
using DenseVolumeProbe = std::function<double(const ingest::Series&)>;

/// Whether the role is one that is measured: axial, reformatted or thick CT.
bool is_measurable_ct(const ingest::Series& series);

/// Measurable CT series of one study, best first: by ingest's score, but a series that misses cement which another one shows comes after
/// it. Coverage is probed only when the series do not cover the same stretch of the patient.
std::vector<CtCandidate> rank_in_study(const ingest::Study& study, const DenseVolumeProbe& probe);

/// Measurable CT series of the patient in the order in which to try them as the post-operative baseline: by date from the day of
/// surgery on, undated studies last, preop studies never. When no study has a phase, studies whose probe shows at least
/// `min_dense_mm3` come before the others.
std::vector<CtCandidate> rank_baseline_candidates(const ingest::Patient& patient, const Timeline& timeline, const DenseVolumeProbe& probe,
                                                  double min_dense_mm3);

}  // namespace cemscope::cohort
