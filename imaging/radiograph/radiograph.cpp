#include "imaging/radiograph/radiograph.h"

namespace cemscope::imaging {

std::string to_string(FilmView view) {
  switch (view) {
    case FilmView::ap: return "AP";
    case FilmView::lateral: return "lateral";
    case FilmView::other: return "other";
    case FilmView::unknown: break;
  }
  return "unknown";
}

std::string to_string(SpacingSource source) {
  switch (source) {
    case SpacingSource::calibrated: return "calibrated";
    case SpacingSource::detector: return "detector";
    case SpacingSource::none: break;
  }
  return "none";
}

}  // namespace cemscope::imaging
