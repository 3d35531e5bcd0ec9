#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "imaging/finding.h"
#include "imaging/volume.h"

namespace cemscope::imaging {

/// Where cement lies (DEFINITIONS: leakage zones). The values are the labels of cases/<id>/cement.nrrd; 0 is background.
enum class CementZone : std::uint8_t {
  body = 1, paravertebral = 2, disc = 3, canal = 4, foramen = 5, vascular = 6, needle_tract = 7
};
inline constexpr int kNCementZones = 7;

enum class Distribution { satisfactory, unsatisfactory, not_assessable };
enum class LeakageType { none, paravertebral, other, both, not_assessable };
enum class LevelSource { none, clinical, mask, counted };

/// Cement of one zone in one treated vertebra.
struct ZoneVolume {
  double volume_ml = 0.0;
  double extent_mm = 0.0;  ///< farthest distance beyond the body's surface
};

/// Right-handed frame of a vertebra: unit vectors in LPS and the points that pictures draw.
struct VertebralFrame {
  Point_mm centre_mm{0, 0, 0};          ///< centre of the body
  Direction left{1, 0, 0};              ///< across, patient's left; the mid-sagittal plane's normal
  Direction posterior{0, 1, 0};
  Direction superior{0, 0, 1};
  double half_width_mm = 0.0;           ///< centre to lateral wall
  double half_depth_mm = 0.0;           ///< centre to posterior wall
  double half_height_mm = 0.0;          ///< centre to endplate
  double axial_rotation_deg = 0.0;      ///< of the frame against the scanner's axes, about superior
  double sagittal_tilt_deg = 0.0;
  double coronal_tilt_deg = 0.0;
};

/// Every measured column of vertebrae.csv for one treated vertebra in one modality. Empty = not measured.
/// Volumes in mL, lengths in mm, fractions 0-1, coordinates LPS.
struct VertebraMeasurement {
  std::string level;                    ///< "T12", "L1" ... or empty
  LevelSource level_source = LevelSource::none;
  std::optional<Point_mm> centre_mm;
  std::optional<double> cement_ml, cement_half_max_ml, cement_600_ml, cement_1000_ml, saturated_fraction;
  std::optional<double> body_ml, fill, left_ml, right_ml, minor_side_fraction, reach_contralateral;
  std::optional<double> band_fill, band_evenness;
  std::string band_source;              ///< "collapsed_upper", "collapsed_lower", "upper_third", "preop_mr", "preop_ct"
  std::string band_detail;              ///< in words: which part of the body a pre-operative examination shows, and how it was carried over
  std::string endplate_contact;         ///< "none", "upper", "lower", "both"
  std::string texture;                  ///< "blocky", "spongy"
  Finding midline_crossed, leakage, leakage_radiographic;
  Distribution distribution = Distribution::not_assessable;
  double distribution_confidence = 0.0;
  std::string distribution_reason;
  LeakageType leakage_type = LeakageType::not_assessable;
  std::optional<double> leak_ml, leak_paravertebral_ml, leak_disc_ml, leak_canal_ml, leak_foramen_ml, leak_vascular_ml, needle_tract_ml;
  std::optional<double> height_anterior_mm, height_middle_mm, height_posterior_mm, compression;
  std::string compression_class;        ///< "none", "1/4", "1/2", "severe" or empty
  bool hardware = false;
  double confidence = 0.0;              ///< that this is a treated vertebra and its frame is right
  std::vector<std::string> warnings;    ///< stable codes
};

/// Cement and bone of a body by place: layers of equal relative height from the lower endplate upwards, each in the six cells of the band.
struct BandLayers {
  static constexpr int kLayers = 60;
  using Cells = std::array<std::array<double, 2>, 3>;  ///< left, middle, right x front, back
  std::array<Cells, kLayers> cement_ml{}, bone_ml{};
};

/// Part of a body between two relative heights, 0 at the lower, 1 at the upper endplate.
struct HeightBand {
  double low = 0, high = 1.0 / 3;
};
inline constexpr HeightBand kLowerThird{0, 1.0 / 3}, kUpperThird{2.0 / 3, 1};

/// Evenness and distribution with part of the body's height as the fracture band.
struct BandReading {
  std::optional<double> fill, evenness;
  Distribution distribution = Distribution::not_assessable;
  double confidence = 0;
  std::string reason;
};

/// What the reading of a band rests on.
struct BandEvidence {
  BandLayers layers;
  Finding midline_crossed;
  bool body_cut = false, touches_metal = false;
};

/// Makes `band` the vertebra's fracture band, known from `source`.
void take_band(VertebraMeasurement& measurement, const BandReading& band, const std::string& source);

std::string to_string(Distribution distribution);
std::string to_string(LeakageType type);
std::string to_string(LevelSource source);
std::string to_string(CementZone zone);

}  // namespace cemscope::imaging
