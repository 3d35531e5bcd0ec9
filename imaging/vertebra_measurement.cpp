#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging {

void take_band(VertebraMeasurement& measurement, const BandReading& band, const std::string& source) {
  measurement.band_fill = band.fill, measurement.band_evenness = band.evenness;
  measurement.band_source = band.fill ? source : "";
  measurement.distribution = band.distribution;
  measurement.distribution_confidence = band.confidence;
  measurement.distribution_reason = band.reason;
}

std::string to_string(Distribution distribution) {
  switch (distribution) {
    case Distribution::satisfactory: return "satisfactory";
    case Distribution::unsatisfactory: return "unsatisfactory";
    case Distribution::not_assessable: break;
  }
  return "not_assessable";
}

std::string to_string(LeakageType type) {
  switch (type) {
    case LeakageType::none: return "none";
    case LeakageType::paravertebral: return "paravertebral";
    case LeakageType::other: return "other";
    case LeakageType::both: return "both";
    case LeakageType::not_assessable: break;
  }
  return "not_assessable";
}

std::string to_string(LevelSource source) {
  switch (source) {
    case LevelSource::clinical: return "clinical";
    case LevelSource::mask: return "mask";
    case LevelSource::counted: return "counted";
    case LevelSource::none: break;
  }
  return "none";
}

std::string to_string(CementZone zone) {
  switch (zone) {
    case CementZone::body: return "body";
    case CementZone::paravertebral: return "paravertebral";
    case CementZone::disc: return "disc";
    case CementZone::canal: return "canal";
    case CementZone::foramen: return "foramen";
    case CementZone::vascular: return "vascular";
    case CementZone::needle_tract: return "needle_tract";
  }
  return "";
}

}  // namespace cemscope::imaging
