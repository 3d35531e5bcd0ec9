#pragma once

#include "imaging/volume.h"

namespace cemscope::masks {

/// The mask (VerSe numbers) with only what can be vertebrae: of each its largest component, which must hold 80 % of it; the first and the
/// last when below 3 mL (the field cuts them) and a sacrum that is none are left out. Throws Error{inconsistent} with the reason when a
/// vertebra falls into parts, has less than 3 or more than 120 mL, lies above its upper neighbour or at less than 0.4 or more than 2.5
/// times the usual distance from it, or when fewer than two are left. The volumes hold for whole vertebrae and for bodies alone, also
/// collapsed ones.
imaging::LabelMask checked_vertebrae(const imaging::LabelMask& mask);

/// Throws Error{inconsistent} unless at least two vertebrae of the mask lie by half in the scan, and what lies in it is bone: densities
/// within -200 to 500 HU (fat and cement would outvote the rest) above 80 HU on average. Soft tissue has 60 at most, whole vertebrae 192
/// in TotalSegmentator's example and 213 in a simulated osteoporotic spine.
void check_fit(const imaging::LabelMask& mask, const imaging::CtVolume& ct);

}  // namespace cemscope::masks
