#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/radiograph/radiograph.h"
#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// A film decoded, and what its tags say of it.
struct LoadedFilm {
  imaging::Radiograph film;
  std::vector<std::string> warnings;  ///< stable codes: "film_tones_inverted_by_content", "film_spacing_unknown" ...
};

/// Decodes one image of a CR, DX, RF, XA or secondary-capture series (any transfer syntax of decode_slice, besides colour pictures of a
/// film, by DCMTK) to a film on which dense is high:
/// - MONOCHROME1 is turned over; PresentationLUTShape INVERSE turns over only together with MONOCHROME2, since with MONOCHROME1 it says the
///   same thing twice (PS3.3 C.11.6); a falling VOI LUT turns over too; a film that is upside down by its content afterwards is turned over
///   with a warning.
/// - Windows and rising VOI LUTs change nothing: they only clip what a viewer shows, and all measures on films are relative.
/// - PixelIntensityRelationship LIN becomes its logarithm; LOG, DISP and films without it stay.
/// Spacing: PixelSpacing (calibrated), else ImagerPixelSpacing or NominalScannedPixelSpacing ("detector mm"), else unknown.
/// Throws Error{unreadable} when it cannot be decoded, Error{unsupported} for several frames, mean pixel aspect other than 1 and films
/// above 64 million pixels.
LoadedFilm load_film(const std::filesystem::path& folder, const Series& series, const ImageRef& image);

}  // namespace cemscope::ingest
