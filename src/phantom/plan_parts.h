#pragma once

#include "imaging/phantom/random.h"
#include "src/phantom/patient_plan.h"

namespace cemscope::phantom {

/// "YYYYMMDD" some days after (or before) another date of that form.
std::string shifted_date(const std::string& date, int n_days);

/// "YYYY-MM-DD".
std::string iso_date(const std::string& date);

/// Examination number `number` of an export: its vendor.
MrVendor vendor_of(int number);

/// What MR shows of the patient whom CT shows treated: the same bones, oedema where cement will be, injuries behind it.
imaging::PhantomMrParameters mr_of(const PatientPlan& patient);

/// "L1;L2" of the deposits.
std::string treated_levels(const imaging::PhantomParameters& parameters);

/// Name of a kernel as vendors print it, by the style of pixels.
std::string kernel_name(imaging::ReconstructionKernel kernel, const PixelStyle& pixels);

/// "L-SPINE 1.25 BONE".
std::string series_description(const imaging::PhantomScan& scan);

/// Plan of an image series.
SeriesPlan plan_series(SeriesKind kind, int number, const imaging::PhantomScan& scan, const PixelStyle& pixels);

/// Plan of an MR examination before surgery with the patient's MR parameters, series from number 2 in the order given.
StudyPlan plan_mr_study(const PatientPlan& patient, const std::string& date, std::vector<imaging::MrSequence> sequences);

/// Values of the clinical table for a patient, complete.
ClinicalRow full_clinical_row(const PatientPlan& patient, const std::string& surgery_date, imaging::phantom::Random& random);

}  // namespace cemscope::phantom
