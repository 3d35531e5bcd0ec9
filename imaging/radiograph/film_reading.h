#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/compression.h"
#include "imaging/radiograph/film_leak.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging {

/// What is known of the patient before the films are read.
struct FilmHints {
  std::vector<std::string> treated_levels;  ///< from the clinical table, top to bottom; empty when unknown
};

struct FilmParameters {
  double min_minor_side_fraction = 0.05, min_reach_mm = 3.0;  ///< DEFINITIONS, Midline crossing
  double max_confidence_of_no_leak = 0.6;                     ///< DEFINITIONS, Radiographs
  double max_midline_disagreement_mm = 3.0;
  CompressionParameters compression;
};

/// Cement outside a body where one film shows it.
struct LeakOnFilm {
  FilmView view = FilmView::ap;
  CementZone zone = CementZone::paravertebral;  ///< paravertebral (beside or before the body), disc or canal
  radiograph::PlaceBeyond place;                ///< on the film's working grid
};

/// One treated vertebra as seen on films.
struct TreatedOnFilm {
  VertebraMeasurement measurement;
  int ap_level = -1, lateral_level = -1;  ///< indices into FilmSight::levels; -1 where it is not seen
  std::vector<CementZone> leak_zones;     ///< what a "yes" of the leakage rests on; empty with any other answer
  std::vector<LeakOnFilm> leaks;          ///< of these zones, AP first; a zone may show no place of its own (faint signs on both films)
};

/// What a pair of films (or one of them) shows. cement_present is not_assessable when neither film could be read.
struct FilmReading {
  Finding cement_present;
  std::optional<radiograph::FilmSight> ap, lateral;
  std::vector<TreatedOnFilm> treated;  ///< top to bottom
  std::vector<std::string> warnings;   ///< stable codes
};

/// The body of a treated vertebra on the lateral film: index into its strip's bodies; -1 where it is not seen or none was found.
int lateral_body(const FilmReading& reading, const TreatedOnFilm& treated);

/// Reads an AP and a lateral film of one study. Findings follow DEFINITIONS (Radiographs): cement stands out of bone by its thickness,
/// density and edge (see radiograph/film_sight.h); what rods and screws cover is not_assessable; `no` leak carries at most 0.6. No
/// volumes come from films; heights are film mm, where the film has a scale, and those of the outline: of a concave endplate it shows the
/// rims. Either film may be missing. Throws nothing for films that cannot be read: see `warnings`.
FilmReading read_films(std::optional<Radiograph> ap, std::optional<Radiograph> lateral, const FilmHints& hints,
                       const FilmParameters& parameters);

}  // namespace cemscope::imaging
