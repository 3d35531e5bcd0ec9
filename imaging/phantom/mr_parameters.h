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
  double share = 0.7;  ///< of the body's height, from that endplate; 0.3-1
  PhantomEndplate under = PhantomEndplate::upper;
};

/// Fluid in a crack under the upper endplate of a fractured body: as bright as cerebrospinal fluid, sharply bounded.
struct PhantomFluidCleft {
  std::string level = "L1";
  double height_mm = 3;      ///< 1.5-6
  double width_share = 0.6;  ///< of the endplate's width and depth, 0.3-0.8
};

/// A round bright spot in the marrow.
struct PhantomHaemangioma {
  std::string level = "L3";
  double left_mm = 6, back_mm = -3, up_mm = 2;  ///< of its centre, from the body's
  double radius_mm = 6;                         ///< 3-14; it is cut off by the cortex
  double s = 0.6;
};

/// What is bright and no injury, no fresh fracture; and what makes the back hard to read.
struct PhantomMrFindings {
  std::vector<PhantomFluidCleft> clefts;
  std::vector<PhantomHaemangioma> haemangiomas;
  std::vector<std::string> modic_levels;    ///< the disc below has bright endplates (Modic type 1)
  std::vector<std::string> schmorl_levels;  ///< a node in the upper endplate
  std::vector<std::string> cement_levels;   ///< old cement: no signal
  std::vector<std::string> metal_levels;    ///< pedicle screws: no signal round them, and a bright rim
  bool has_facet_fluid = false;
  bool has_veins = false;     ///< basivertebral, and thin ones between the spinous processes
  double skin_fold_mm = 0;    ///< depth of a crease behind L3, 0-12
  double stenosis = 0;        ///< of the sac at lumbar discs, 0-1
  double muscle_atrophy = 0;  ///< fat in the muscles next to the midline, 0-0.8
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

/// What moves while lines of k-space are taken.
enum class PhantomMotion { none, whole, breathing, pulsation };
enum class PhaseDirection { head_foot, front_back };

/// Faults of the encoding in one in-plane direction. A periodic phase error of amplitude a and c cycles over k-space gives ghosts at n c
/// pixels with the weight J_n(a) of what moves (Haacke & Patrick, Magn Reson Imaging 1986;4:381).
struct PhantomMrArtefacts {
  PhaseDirection phase = PhaseDirection::head_foot;
  PhantomMotion motion = PhantomMotion::none;
  double ghost_rad = 0.0;    ///< 0-1
  int ghost_cycles = 40;     ///< 10-100
  double wrap_mm = 0.0;      ///< of the body beyond the field that folds in from the opposite edge, 0-60
  int n_swapped_slices = 0;  ///< Dixon: water and fat taken for each other, from the patient's right
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
  double off_midline_mm = 0.0;      ///< of the middle slice, patient's left positive
  double skin_margin_mm = -1.0;     ///< air behind the skin at the centre level; 0: cut off at the skin, below: drawn, 12-40
  bool has_front_band = false;      ///< saturation in front of the bodies
  PhantomMrArtefacts artefacts;
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
  PhantomMrFindings findings;
  double muscle_fat_fraction = 0.1;  ///< 0-0.5
  double fat_signal = 0.6;           ///< suppressed fat over muscle, 0.3-0.95
  double fluid_signal = 4.2;         ///< cerebrospinal fluid over muscle, 3-5.5
  PhantomMrScan scan;
};

/// A random examination: half have a soft-tissue injury, some of it weak or thin; the others have subcutaneous oedema (also touching the
/// fascia), facet fluid, strong coil shading; about 8 % a failed suppression. The same seed gives the same on every platform.
PhantomMrParameters draw_mr_parameters(std::uint64_t seed);

/// The same examination with difficulties of real ones: clefts, haemangiomas, Modic changes, Schmorl nodes, veins, old cement, metal,
/// atrophied muscle, stenosis, stacks beside the midline, gaps, the skin cut off. About three of them each; no motion and no wrap.
PhantomMrParameters draw_hard_mr_parameters(std::uint64_t seed);

}  // namespace cemscope::imaging
