#pragma once

#include <filesystem>
#include <map>

#include "imaging/phantom/film_projection.h"
#include "tests/tools/film_maps.h"

namespace cemscope::tools {

/// A vertebra's mid-sagittal plane: x = slope * y + x_mm.
struct Midline {
  double slope = 0, x_mm = 0;
};

/// A vertebra of a scan that was given cement.
struct ScannedVertebra {
  imaging::PhantomVertebraTruth truth;
  int label = 0;
  std::vector<imaging::phantom::CementCube> cubes;
  std::vector<imaging::CementZone> zones;  ///< of each cube
};

/// A patient that warp_films.py made of a labelled scan. Millimetres from the first voxel's centre; x to the left, y back, z up.
struct ScannedPatient {
  imaging::phantom::TrunkVolume trunk;
  std::vector<std::uint8_t> bodies;        ///< on the trunk's grid: number of the vertebral body, 0 for none
  std::map<int, Midline> midlines;         ///< of every body that has one
  std::vector<ScannedVertebra> vertebrae;  ///< treated
};
/// Throws std::runtime_error when the file is cut short.
ScannedPatient read_scanned(const std::filesystem::path& file);

/// How a pair of films of a seed is taken: as phantoms' films, with the pixels and the height that a scan allows.
std::vector<imaging::PhantomFilmParameters> draw_films_of(const ScannedPatient& patient, unsigned seed);

imaging::PhantomFilmStudy make_films(const ScannedPatient& patient, const std::vector<imaging::PhantomFilmParameters>& films,
                                     unsigned seed);

/// See the phantoms' in film_maps.h.
TruthMaps truth_maps(const ScannedPatient& patient, const imaging::PhantomFilmParameters& film,
                     const imaging::radiograph::WorkingFilm& working);

}  // namespace cemscope::tools
