#pragma once

#include "imaging/grid.h"
#include "imaging/mri/mr_reading.h"
#include "imaging/radiograph/film_sight.h"
#include "imaging/volume.h"

namespace cemscope::imaging::followup {

/// The middle of the spine at one time, to be looked at: pixels of 1 mm, x from front to back, y from head to foot, each row from the slice
/// in which the bodies' middle lies there. Empty grids: nothing to show.
struct SagittalView {
  Grid<float> grey;           ///< 0 black, 1 white: -150 to 1,050 HU, or signal up to its 99.5th percentile
  Grid<std::uint8_t> bodies;  ///< 1 + index of the time point's body; 0 elsewhere
};

/// Of a CT and its bodies' labels 1..n_bodies, nearest voxels, 20 mm beyond the bodies above and below. O(voxels).
SagittalView view_of_ct(const CtVolume& volume, const LabelMask& bodies, int n_bodies);

/// Of an MR reading; bodies as found between the discs, from 13 to 35 mm in front of the canal.
SagittalView view_of_mr(const MrReading& reading);

/// Of a lateral film, as exposed; film mm. Bodies as their outlines.
SagittalView view_of_film(const radiograph::FilmSight& lateral, const std::vector<radiograph::BodyBox>& bodies);

}  // namespace cemscope::imaging::followup
