#pragma once

#include "imaging/radiograph/strip_picture.h"

namespace cemscope::imaging::radiograph {

/// A convolutional network of two steps down and up (after Ronneberger et al., MICCAI 2015;9351:234; nine layers, some 90,000 weights, one
/// set per view: shadow_weights.h), learned from films of simulated patients and of labelled CT scans whose shadows are known
/// (tests/tools/fit_shadows.py). It sees some 40 mm about a pixel, so that it knows pedicles and neighbours; a leak whose shadow lies
/// within the body's is not looked for. Some 7,000 multiplications a pixel.
FilmShadows film_shadows(const StripPicture& picture, FilmView view);

}  // namespace cemscope::imaging::radiograph
