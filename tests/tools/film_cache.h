#pragma once

#include <filesystem>

#include "imaging/phantom/film.h"
#include "tests/imaging/sweep/phantom_radiograph.h"

namespace cemscope::tools {

/// A simulated pair on disk, so that a change of the reading need not wait for the simulation: stored values and truth, nothing derived.
/// Throws std::runtime_error when a file cannot be written or read.
void save_pair(const std::filesystem::path& file, const imaging::PhantomParameters& patient, const imaging::PhantomFilmStudy& study);

struct CachedPair {
  imaging::PhantomFilmStudy study;
  std::vector<std::string> screw_levels;
};
CachedPair load_pair(const std::filesystem::path& file);

}  // namespace cemscope::tools
