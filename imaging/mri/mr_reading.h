#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/finding.h"
#include "imaging/mri/artefacts.h"
#include "imaging/mri/bodies.h"
#include "imaging/mri/cleft.h"
#include "imaging/mri/endplates.h"
#include "imaging/mri/fascia.h"
#include "imaging/mri/fluid.h"
#include "imaging/mri/marrow.h"
#include "imaging/mri/mr_parameters.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging {

/// The injury of the soft tissue behind the spine, by DEFINITIONS. Empty lengths: nothing was measured.
struct SoftTissueInjury {
  Finding finding;
  std::optional<double> length_mm;     ///< along the body, from the first to the last row of all its patches; 0 when the answer is no
  std::optional<double> area_mm2;      ///< on the slice where it is largest
  std::optional<double> thickness_mm;  ///< of the longest patch
  std::optional<double> peak_s;        ///< 0 muscle, 1 cerebrospinal fluid
  int extent_grade = 0;                ///< 0 none, 1 up to one level, 2 more
  std::vector<int> bodies;             ///< indices of the bodies behind which it lies
  std::vector<mri::FluidPatch> patches;
};

struct MrReading {
  SagittalStack stack;
  std::optional<mri::CanalCourse> canal;
  std::vector<mri::MrBody> bodies;        ///< top to bottom
  std::vector<mri::PlateHeights> plates;  ///< heights of each body
  int first_sacral = 0;                   ///< index of S1's body, bodies.size() when the sacrum is not in view
  std::vector<mri::MarrowSignal> marrow;  ///< of each body
  std::vector<int> acute_bodies;          ///< with oedema
  Finding marrow_oedema;                  ///< of any body
  std::vector<mri::FluidCleft> clefts;    ///< of the acute bodies
  Finding fluid_cleft;                    ///< of any acute body; not_assessable without one ("no_acute_body")
  SoftTissueInjury injury;
  mri::Fascia fascia;
  mri::MuscleField muscle;
  mri::Artefacts artefacts;
  int first_region_row = 0, last_region_row = -1;  ///< between which the soft tissue was judged
  std::vector<mri::FluidPatch> other_fluid;  ///< subcutaneous, small or of unclear side
  std::optional<double> fat_ratio;           ///< subcutaneous fat over muscle, corrected; median along the body
  double fluid_ratio = 0;                    ///< cerebrospinal fluid over muscle
  std::vector<std::string> warnings;         ///< "fat_suppression_weak", "fat_suppression_failed_in_part" ...
};

/// Reads a sagittal, fluid-sensitive, fat-suppressed series, the soft tissue within 3 levels of a body with oedema, or everywhere when
/// there is none. What the picture does not allow is not_assessable with the reason: "no_spine_found", "fat_not_suppressed",
/// "no_bright_fluid", "muscle_not_found", "canal_unclear", "fluid_beside_fascia_side_unclear". Throws Error{inconsistent} when the slices
/// are not sagittal. About 0.3 s and 100 MB for 17 x 384 x 384.
MrReading read_mr(const MrVolume& volume, const MrParameters& parameters = {});

}  // namespace cemscope::imaging
