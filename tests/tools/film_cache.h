#pragma once

#include <filesystem>

#include "imaging/phantom/film.h"
#include "imaging/radiograph/radiograph.h"

namespace cemscope::tools {

/// A simulated pair on disk, so that a change of the reading need not wait for the simulation: stored values and truth, nothing derived.
/// Throws std::runtime_error when a file cannot be written or read.
void save_pair(const std::filesystem::path& file, const imaging::PhantomParameters& patient, const imaging::PhantomFilmStudy& study);

struct CachedPair {
  imaging::PhantomFilmStudy study;
  std::vector<std::string> screw_levels;
};
CachedPair load_pair(const std::filesystem::path& file);

/// What ingest would make of a simulated film.
imaging::Radiograph radiograph_of(const imaging::PhantomFilm& film);

}  // namespace cemscope::tools
