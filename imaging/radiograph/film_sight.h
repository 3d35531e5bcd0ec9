#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "imaging/radiograph/body_box.h"
#include "imaging/radiograph/film_shadows.h"

namespace cemscope::imaging::radiograph {

/// What a dense thing is taken for.
enum class ThingKind { bone, cement, metal };

/// A level of one film that may hold cement.
struct FilmLevel {
  std::vector<int> things;  ///< indices into FilmSight::things
  int body = -1;            ///< index into ColumnStrip::bodies; -1: none found, box is the deposit's span between the walls
  BodyBox box;
  double log_odds = 0;  ///< that cement is seen here, by this film alone
  double unusual = 0;   ///< mean excess of its deposit over the same place in untreated neighbours, over the deposit's height; -1 to 1
  double shadow = 0;    ///< mean log odds that the network sees cement where its deposit lies, each within +-6
  bool has_hardware = false;
  double first_row = 0, last_row = 0;  ///< rows between which the middle 70 % of it lies
};

/// One film as it was read.
struct FilmSight {
  std::unique_ptr<Radiograph> film;
  WorkingFilm working;
  Column column;
  Relief relief;
  ColumnStrip strip;
  FilmShadows shadows;  ///< of bodies and cement along the strip
  std::vector<DenseThing> things;
  std::vector<ThingKind> kinds;
  std::vector<FilmLevel> levels;  ///< candidates, top to bottom
  Plane<std::uint8_t> hardware;   ///< rods, screws and their surroundings; working grid
  bool has_hardware = false;
};

/// Reads one film of a known view: column, dense things, what they are, candidate levels. Takes the film over.
FilmSight see_film(Radiograph film, FilmView view);

/// Log odds that a thing is cement rather than bone or metal, by features that do not depend on the film's scale of grey: logistic
/// regressions of their own for films with and without hardware (thing_weights.h).
double cement_log_odds(const DenseThing& thing, const FilmSight& sight);

}  // namespace cemscope::imaging::radiograph
