#pragma once

#include <vector>

#include "imaging/body_place.h"
#include "imaging/mri/mr_levels.h"
#include "imaging/mri/mr_reading.h"
#include "imaging/preop/fracture_sign.h"

namespace cemscope::imaging::preop {

/// Where the bodies of an MR reading lie, top to bottom: frames from the edges of the discs 15 and 31 mm in front of the canal, left along
/// the slices' normal; half-widths and half-depths are not measured and 0.
std::vector<BodyPlace> places_of_mr(const MrReading& reading, const MrLevels& levels);

/// Which endplate the marrow oedema of a body lies under: its layer there has at least 1.8 times the usual marrow's signal and the layer
/// at the other one no more than 1.35 times. Oedema of the whole body points nowhere (both patients of the shared cohort: the darker
/// layer 1.6 and 2.1 times the usual).
FractureSign fracture_on_mr(const MrReading& reading, std::size_t body);

}  // namespace cemscope::imaging::preop
