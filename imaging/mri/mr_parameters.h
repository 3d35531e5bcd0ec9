#pragma once

namespace cemscope::imaging {

/// Thresholds of the MR reading. Those marked [D] are DEFINITIONS' and come from the definitions file; the others were chosen on the even
/// seeds of draw_mr_parameters and on seeds 101-200 of draw_hard_mr_parameters.
struct MrParameters {
  double positive_s = 0.40;       ///< [D] of fluid signal, (I - muscle) / (CSF - muscle)
  double noise_mads = 4.0;        ///< [D] above muscle, in MADs of its logarithm
  double min_length_mm = 20;      ///< [D] of a strip
  double min_thickness_mm = 2;    ///< [D]
  double min_area_mm2 = 150;      ///< [D] or this on one slice
  double min_slices = 2;          ///< [D] neighbouring slices that show it
  double single_slice_mm = 5;     ///< [D] from this slice distance on, one slice is enough
  double levels_reach = 3;        ///< [D] levels above and below the treated or acute one
  double fat_good_ratio = 0.9;    ///< [D] subcutaneous fat over muscle after correction: suppression is good below
  double fat_failed_ratio = 1.2;  ///< [D] and failed above
  double oedema_ratio = 1.8;      ///< of a body's signal over its neighbours'
  double oedema_ratio_cut = 2.0;  ///< the same for a body that the field cuts, and low in the field
};

}  // namespace cemscope::imaging
