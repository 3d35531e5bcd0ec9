#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/phantom/phantom_parameters.h"

namespace cemscope::imaging {

enum class MrSequence { t1, t2, t2_fs, stir };
std::string to_string(MrSequence sequence);

/// Fluid in front of the thoracolumbar fascia (an injury) or behind it in the subcutaneous layer (none). Strengths are the s of
/// DEFINITIONS: 0 muscle, 1 cerebrospinal fluid.
struct PhantomFluidStrip {
  std::string level = "L1";   ///< the strip's middle lies behind this body
  double shift_mm = 0;        ///< upwards from there
  double length_mm = 60;      ///< along the fascia, 10-200
  double thickness_mm = 5;    ///< 1-12
  double gap_mm = 0;          ///< between the strip and the fascia
  double centre_x_mm = 0;     ///< from the midline, patient's left positive
  double half_width_mm = 20;  ///< to each side of centre_x
  double s = 0.9;             ///< 0.2-1.2
};

/// Water in a vertebral body's marrow.
struct PhantomMarrowOedema {
  std::string level = "L1";
  double s = 0.7;
  double share = 0.7;  ///< of the body's height, from the upper endplate; 0.3-1
};

/// Where fat is not suppressed: smoothly from `strength` at the middle of the place to nothing.
enum class SuppressionFailure { none, upper_end, lower_end, everywhere };

/// The receive coil. Gain falls with the depth below the skin and towards the coil's ends.
struct PhantomCoil {
  double surface_gain = 0.0;    ///< extra gain at the skin over the gain deep inside, 0 (body coil or normalised) - 4
  double decay_mm = 50;         ///< depth at which the extra gain has fallen to 1/e, 30-90
  double element_ripple = 0.0;  ///< relative ripple along the body, 0-0.3
  double end_falloff = 0.0;     ///< share of the gain lost at the field's upper and lower end, 0-0.7
};

struct PhantomMrScan {
  MrSequence sequence = MrSequence::stir;
  double pixel_mm = 0.9;  ///< 0.5-1.2
  int columns = 320, rows = 320, n_slices = 15;
  double thickness_mm = 4.0, spacing_mm = 4.4;  ///< 3-6
  double noise_fraction = 0.05;                 ///< SD over the signal of muscle 40 mm below the skin, 0.02-0.15; Rician
  PhantomCoil coil;
  SuppressionFailure failure = SuppressionFailure::none;
  double failure_strength = 0.0;    ///< 0-1, 1: fat as bright as without suppression
  double failure_reach_mm = 80;     ///< how far from the end it reaches
  std::string centre_level = "L1";  ///< in the middle of the field
};

/// A simulated MR examination of the phantom's anatomy. Deterministic in its parameters.
struct PhantomMrParameters {
  std::uint64_t seed = 1;
  PhantomAnatomy anatomy;
  std::vector<PhantomFracture> fractures;
  std::vector<PhantomMarrowOedema> oedema;
  std::vector<PhantomFluidStrip> injuries;      ///< in front of the fascia
  std::vector<PhantomFluidStrip> interspinous;  ///< between spinous processes; thickness is unused, half_width about 5
  std::vector<PhantomFluidStrip> subcutaneous;  ///< behind the fascia
  bool has_facet_fluid = false, has_haemangioma = false;
  double muscle_fat_fraction = 0.1;  ///< 0-0.5
  double fat_signal = 0.6;           ///< suppressed fat over muscle, 0.3-0.95
  double fluid_signal = 4.2;         ///< cerebrospinal fluid over muscle, 3-5.5
  PhantomMrScan scan;
};

/// A random examination: half have a soft-tissue injury, some of it weak or thin; the others have subcutaneous oedema (also touching the
/// fascia), facet fluid, strong coil shading; about 8 % a failed suppression. The same seed gives the same on every platform.
PhantomMrParameters draw_mr_parameters(std::uint64_t seed);

}  // namespace cemscope::imaging
