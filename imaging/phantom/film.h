#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "imaging/phantom/phantom.h"

namespace cemscope::imaging {

enum class PhantomFilmView { ap, lateral };

/// How a film is taken and processed.
struct PhantomFilmParameters {
  PhantomFilmView view = PhantomFilmView::ap;
  double pixel_mm = 0.2;  ///< 0.1-0.5, at the detector
  double width_mm = 350, height_mm = 430;
  double source_to_detector_mm = 1150;  ///< 1000-1800
  double patient_to_detector_mm = 60;   ///< skin to detector, 20-150
  double centre_z_mm = -40;             ///< height of the central ray; L1 lies near 0
  double centre_offset_mm = 0;          ///< central ray beside the spine, along the film's rows
  double rotation_deg = 0;              ///< of the patient about the long axis: 0-15 is careless, 25-60 an oblique view
  bool is_mirrored = false;             ///< columns run the other way
  double scatter_ratio = 0.6;           ///< scattered over primary in the trunk's shadow, behind the grid; 0.1-1.5
  double noise = 0.01;                  ///< relative, where the trunk's shadow has its median; 0.003-0.03
  double blur_mm = 0.2;                 ///< SD of focal spot and detector, 0.08-0.35
  double unsharp_gain = 0.6;            ///< 0-2
  double unsharp_radius_mm = 8;         ///< 2-20
  double edge_gain = 0;                 ///< 0-2, a second mask of edge_radius_mm: displays that sharpen fine detail
  double edge_radius_mm = 1;            ///< 0.4-2
  bool is_linear = false;               ///< stored proportional to exposure instead of its logarithm
  bool is_monochrome1 = false;
  int bits_stored = 12;                              ///< 8-16
  double window_low = 0.002, window_high = 0.9995;   ///< quantiles of the trunk's shadow stored as darkest and brightest
  double display_steepness = 0;                      ///< 0: stored straight between them; 1-4: an S-shaped display curve that saturates
  std::array<double, 4> collimation_mm{0, 0, 0, 0};  ///< black borders left, right, top, bottom
  std::string letters = "L";                         ///< lead marker; empty: none
  int n_clips = 0;                                   ///< surgical clips and wires in front of the spine
};

/// A vertebral body's outline on a film: corners upper left, upper right, lower right, lower left of the picture, pixels.
struct PhantomFilmBody {
  std::string level;
  std::array<Eigen::Vector2d, 4> corners_px;
  Eigen::Vector2d centre_px;
};

/// A simulated film: stored values row by row, and where the bodies of T6-L5 lie.
struct PhantomFilm {
  PhantomFilmParameters parameters;
  int columns = 0, rows = 0;
  std::vector<std::uint16_t> stored;
  std::vector<PhantomFilmBody> bodies;  ///< whose centre lies in the exposed field, top to bottom
  std::vector<float> cement_mm;         ///< length of cement that each pixel's ray crosses, mm
};

/// A patient's films with the truth about the treated vertebrae that at least one of them shows.
struct PhantomFilmStudy {
  std::vector<PhantomFilm> films;
  PhantomTruth truth;
};

/// Films of a patient: the CT phantom's geometry on a 1 mm grid is ray-cast with a divergent beam; cement is projected from its 0.4 mm
/// cells and metal from its analytic shape at the film's own resolution, so that their edges are as sharp as the detector allows. Energy
/// about 60 keV: water 0.0206/mm (NIST XCOM), titanium 0.345/mm. The films share one patient and are deterministic in the parameters.
/// Throws Error{usage} for a parameter out of its range.
PhantomFilmStudy make_phantom_films(const PhantomParameters& parameters, const std::vector<PhantomFilmParameters>& films);

/// A random patient for films: draw_phantom_parameters without scan limits; every sixth patient carries pedicle screws, half of these
/// without cement, some with cement round the screws.
PhantomParameters draw_film_patient(std::uint64_t seed);

/// A random AP and lateral pair of that patient.
std::vector<PhantomFilmParameters> draw_film_pair(std::uint64_t seed);

/// A random AP and lateral pair that shows a patient's treated levels, as far as one pair of films can: taken by other hands and on another
/// day for another seed.
std::vector<PhantomFilmParameters> draw_films_of(const PhantomParameters& patient, std::uint64_t seed);

/// A random patient as spine surgeons have them: half carry pedicle screws with rods, of these a third without cement, two fifths with
/// cement round screws and the rest with a cemented vertebra between or beside them; some have cages. A quarter of the others is untreated.
PhantomParameters draw_instrumented_patient(std::uint64_t seed);

/// A random AP and lateral pair of that patient as hospitals show them: 0.14-0.2 mm, often 8 bit, sharpened, saturated at the bright end.
std::vector<PhantomFilmParameters> draw_display_pair(std::uint64_t seed);

}  // namespace cemscope::imaging
