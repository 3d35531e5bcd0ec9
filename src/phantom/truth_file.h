#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "imaging/phantom/mr_phantom.h"
#include "imaging/phantom/phantom.h"
#include "src/phantom/patient_plan.h"

namespace cemscope::phantom {

/// A patient's entry of truth.json. Volumes in mL, lengths in mm; cells are fills of the fracture band, [right, middle, left][front, back];
/// `borderline` findings lie so near to a limit of DEFINITIONS that either answer is accepted. `leaks` are those
/// that count on this scan (DEFINITIONS: farther out than max(1 mm, half a slice, 1 voxel)); `volumes_ml` holds all cement.
nlohmann::ordered_json truth_entry(const PatientPlan& patient, const imaging::PhantomTruth& truth, const std::string& ct_series_uid);

/// Adds what is true of the MR before surgery: `soft_tissue_injury` by DEFINITIONS, whether that is `soft_tissue_borderline`,
/// `soft_tissue_length_mm`, and `edema_levels`.
void add_mr_truth(nlohmann::ordered_json& entry, const imaging::PhantomMrTruth& truth);

/// Adds `adjacent_fracture`: whether a body next to a treated one has collapsed by the follow-up, and `collapsed_levels`.
void add_follow_up_truth(nlohmann::ordered_json& entry, const PatientPlan& patient);

/// The same for a patient of whom there are films only.
nlohmann::ordered_json film_truth_entry(const PatientPlan& patient, const imaging::PhantomTruth& truth);

/// Bytes of truth_<patient>.npz: `cement` (CementZone values), `labels` (VerSe numbers of whole vertebrae: 13 T6 ... 19 T12, 20 L1 ... 24
/// L5), `bodies` (1..n from the top), all [k up, j back, i left]; `spacing` [z, y, x] and `origin` [x, y, z] in mm, LPS. The volume's axes
/// must be parallel to the patient's; reformats are turned.
std::string truth_npz(const imaging::PhantomPatient& phantom);

}  // namespace cemscope::phantom
