#pragma once

#include "imaging/phantom/mr_tissue.h"

namespace cemscope::imaging::phantom {

/// Oedema, cleft, haemangioma, Modic and Schmorl changes, veins and cement in the marrow at `local` of a body.
void add_lesions(MrPlace& place, const PhantomMrParameters& parameters, const Vertebra& vertebra, const Point_mm& local,
                 const NoiseTexture& texture);

/// Whether a thin vein runs through a place between the spinous processes, `beside_mm` off the midline and `behind_mm` behind the canal.
bool is_interspinous_vein(const Point_mm& point, double beside_mm, double behind_mm);

/// Distance from the nearer pedicle screw: below 1 its field takes all signal.
double metal_distance(const Vertebra& vertebra, const Point_mm& local);

/// 1 in the middle of a disc, 0 in bodies, from a section's continuous level.
double disc_share(double level);

}  // namespace cemscope::imaging::phantom
