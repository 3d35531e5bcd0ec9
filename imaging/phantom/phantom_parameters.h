#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging {

/// How cement lies in a vertebral body.
enum class CementPattern { left, right, bilateral, central_spread, clump, diffuse };
enum class FractureType { wedge, biconcave, crush };
enum class ReconstructionKernel { soft, standard, bone };
enum class SlicePlane { axial, sagittal, coronal };

/// One leak of wanted volume; zone is any but body. needle_tract is cement in the pedicle, which is no leak.
struct PhantomLeak {
  CementZone zone = CementZone::paravertebral;
  double volume_ml = 0.2;  ///< 0.05-1
};

/// Cement of one treated vertebra. Levels are "T8" ... "L5".
struct PhantomDeposit {
  std::string level = "L1";
  CementPattern pattern = CementPattern::bilateral;
  double body_ml = 4.0;  ///< 1-8, cement inside the body; limited to 45 % of the body's volume
  std::vector<PhantomLeak> leaks;
  double plateau_hu = 2200.0;     ///< 900 (low barium) - 3500 (clips at the scan's saturation)
  double texture_fraction = 0.1;  ///< SD of the density inside the cement over the plateau
  bool is_round_screws = false;   ///< clouds round the tips of the level's pedicle screws instead of the pattern's places
};

/// A collapsed vertebra; also of levels that were not treated.
struct PhantomFracture {
  std::string level = "L1";
  FractureType type = FractureType::wedge;
  double compression = 0.3;  ///< 0-0.6, height lost at the lowest place
};

/// A fracture without a visible collapse: spongiosa impacted under one endplate, denser than the rest of the body.
enum class PhantomEndplate { upper, lower };
struct PhantomImpaction {
  std::string level = "L1";
  PhantomEndplate under = PhantomEndplate::lower;
  double density_hu = 110.0;  ///< added to the spongiosa, 40-250
  double share = 1.0 / 3;     ///< of the body's height, 0.15-0.5
};

/// The patient. Angles in degrees, densities in HU.
struct PhantomAnatomy {
  double size_scale = 1.0;             ///< 0.85-1.15 of the published mean vertebra
  double trabecular_hu = 90.0;         ///< 30-180
  double cortex_thickness_mm = 0.7;    ///< 0.45-1 of the bodies' shell
  double cortex_hu = 740.0;            ///< 480-1100 before blurring
  double lordosis_scale = 1.0;         ///< 0.3-1.5 of a supine lumbar lordosis of about 45 degrees
  double scoliosis_cobb_deg = 0.0;     ///< 0-25, signed
  double axial_rotation_deg = 0.0;     ///< 0-15, signed
  double patient_pitch_deg = 0.0;      ///< -15-15, about the left-right axis
  double patient_roll_deg = 0.0;       ///< -10-10, in the coronal plane
  Point_mm patient_shift_mm{0, 0, 0};  ///< of the spine on the table, each to 40
  double endplate_concavity_mm = 2.0;  ///< 1-4
  double osteophytes = 0.0;            ///< 0 (none) - 1 (bridging)
  double facet_sclerosis_hu = 0.0;     ///< added to facets, 0-700
  double endplate_sclerosis_hu = 0.0;  ///< added under some endplates, 0-400
  double disc_hu = 80.0;               ///< 60-100
  bool has_disc_gas = false;           ///< vacuum phenomenon in a disc
  double subcutaneous_fat_mm = 20.0;   ///< 8-45
  double body_half_width_mm = 160.0;   ///< of the trunk, 135-200
  double aorta_hu = 40.0;              ///< 40 unenhanced, 150-350 with contrast
  double aortic_calcification = 0.0;   ///< 0-1
  bool has_oral_contrast = false;
  bool has_gallstones = false;
  std::string slipped_level;              ///< slipped forward on the level below (spondylolisthesis), with all above it; empty: none
  double slip_mm = 0.0;                   ///< 0-8
  std::vector<std::string> screw_levels;  ///< pedicle screws with rods through these levels
  std::vector<std::string> cage_levels;   ///< interbody cages in the discs below these levels
  bool has_metal_cages = false;           ///< titanium; otherwise radiolucent with marker pins
  bool has_hip_nail = false;
};

/// The scan and its reconstruction.
struct PhantomScan {
  SlicePlane plane = SlicePlane::axial;
  ReconstructionKernel kernel = ReconstructionKernel::standard;
  double pixel_mm = 0.7;  ///< 0.35-0.9
  int columns = 256, rows = 256;
  double slice_thickness_mm = 1.25;  ///< 0.6-5
  double slice_spacing_mm = 1.25;    ///< 0.5-5; may differ from the thickness
  double psf_fwhm_mm = 0.8;          ///< in-plane, 0.5-1.2
  double noise_hu = 20.0;            ///< SD in the middle of the trunk, 8-45
  double streak_scale = 1.0;         ///< beam hardening of cement and metal, 0-2
  double gantry_tilt_deg = 0.0;      ///< -20-20, axial plane only; see PhantomPatient::ct
  std::string top_level = "T11";     ///< the field starts in or above this vertebra ...
  double top_fraction = 0.5;         ///< ... at this fraction of its height, 0 its lower endplate, 1 its upper one
  std::string bottom_level = "L4";   ///< and ends here; "S1" reaches into the sacrum
  double bottom_fraction = 0.5;
  double field_offset_x_mm = 0.0;    ///< of the field's centre from the spine, patient's left positive
  double field_offset_y_mm = -20.0;  ///< posterior positive
  bool has_circular_field = false;   ///< padding (-1024) outside the reconstruction circle
  std::int16_t saturation_hu = 3071;
};

/// Everything that makes a phantom. Anatomy, cement and scan draw from separate random streams of `seed`: changing the scan
/// leaves the patient as is, removing the deposits gives the same patient before the operation.
struct PhantomParameters {
  std::uint64_t seed = 1;
  PhantomAnatomy anatomy;
  std::vector<PhantomFracture> fractures;
  std::vector<PhantomImpaction> impactions;
  std::vector<PhantomDeposit> deposits;  ///< empty: an untreated patient
  PhantomScan scan;
};

/// A random patient and scan: the population that the CT reading is tuned and judged on. About 8 % are untreated, 25 % have two or
/// three treated vertebrae (also adjacent), half leak. The same seed gives the same patient on every platform.
PhantomParameters draw_phantom_parameters(std::uint64_t seed);

}  // namespace cemscope::imaging
