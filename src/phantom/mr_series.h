#pragma once

#include "imaging/phantom/mr_phantom.h"
#include "src/phantom/image_series.h"

namespace cemscope::phantom {

/// Name of an MR series as the vendor's users see it: "t2_tirm_sag", "Sag STIR" ...
std::string mr_description(MrVendor vendor, imaging::MrSequence sequence);

/// Writes a simulated examination as MR Image Storage objects: names, times and options as the patient's vendor writes them, slices from
/// the right to the left. GE's are numbered in the order of an interleaved acquisition.
void write_mr_series(const imaging::PhantomMrExam& exam, const SeriesIdentity& identity, const MrSeriesPlan& plan, const NameImage& name);

}  // namespace cemscope::phantom
