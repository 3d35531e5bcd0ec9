#pragma once

#include <string>
#include <vector>

#include "src/ingest/export_index.h"
#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// Images of one SeriesInstanceUID that belong to one stack (or one kind of picture).
struct SeriesPart {
  std::vector<const FileHeader*> images;  ///< sorted along the normal, else by instance number and path
  std::string difference;                 ///< what tells the parts apart, e.g. "kernel"; empty when the series is whole
};

struct SplitSeries {
  std::vector<SeriesPart> parts;  ///< largest first
  std::vector<Failure> failures;  ///< slices without the geometry that their neighbours have
};

/// Splits a series whose images are no single stack: different SOP class, matrix, image type, kernel, echo, film view, orientation,
/// pixel spacing, or several images at one position (told apart by acquisition, time point or echo, else by their order).
/// `images`: usable headers, sorted by path. Deterministic.
SplitSeries split_series(const std::vector<const FileHeader*>& images);

}  // namespace cemscope::ingest
