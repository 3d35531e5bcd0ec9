#pragma once

#include <array>
#include <string>
#include <vector>

#include "imaging/phantom/film.h"
#include "imaging/phantom/mr_parameters.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/spine.h"

namespace cemscope::imaging {

enum class PairKind { ct_ct, mr_mr, ct_mr, film_film };

/// A simulated patient at two times after surgery and what is true of the bodies next to the treated ones.
struct FollowUpPair {
  PairKind kind = PairKind::ct_ct;
  PhantomParameters ct_before, ct_after;
  PhantomMrParameters mr_before, mr_after;
  std::vector<PhantomFilmParameters> films_before, films_after;  ///< AP and lateral of ct_before and ct_after
  std::vector<std::string> treated_levels;
  std::vector<std::string> named_before, named_after;  ///< treated levels that are known at that time; empty: levels are nameless
  double loss_fraction = 0;                            ///< the largest of front, middle and back of all adjacent bodies, from the geometry
  double loss_mm = 0;
  bool has_new_oedema = false;  ///< in the body that lost it, where MR can show it
  std::string collapsed_level;
};

/// About half lose nothing, the others a share of 10-40 %. The second examination has its own field, slices, orientation and posture; one
/// in eight does not hold all adjacent bodies; in a third only some names are known; in a sixth a second body is treated meanwhile.
FollowUpPair draw_follow_up_pair(std::uint64_t seed, PairKind kind);

/// Heights at front, middle and back of a body's middle plane, mm.
std::array<double, 3> heights_of(const phantom::Vertebra& vertebra);

}  // namespace cemscope::imaging
