#include <algorithm>
#include <array>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::Random;

// Treated levels: most fractures lie at T12 and L1.
int draw_treated_level(Random& random) {
  static constexpr std::array<double, 8> kShare{0.04, 0.06, 0.10, 0.20, 0.26, 0.16, 0.10, 0.08};  // T9 ... L4
  double left = random.uniform();
  for (std::size_t n = 0; n < kShare.size(); ++n)
    if ((left -= kShare[n]) < 0) return phantom::level_index("T9") + static_cast<int>(n);
  return phantom::level_index("L5");
}

std::vector<int> draw_treated(Random& random) {
  if (random.chance(0.08)) return {};
  std::vector<int> levels{draw_treated_level(random)};
  const int n_more = random.chance(0.25) ? (random.chance(0.3) ? 2 : 1) : 0;
  for (int n = 0; n < n_more; ++n) {
    const int next = levels.back() + (random.chance(0.5) ? 1 : random.integer(2, 3));
    if (next <= phantom::level_index("L5")) levels.push_back(next);
  }
  return levels;
}

PhantomAnatomy draw_anatomy(Random& random) {
  PhantomAnatomy anatomy;
  anatomy.size_scale = std::clamp(random.normal(1.0, 0.06), 0.86, 1.15);
  anatomy.trabecular_hu = random.chance(0.75) ? random.uniform(30, 100) : random.uniform(90, 180);
  anatomy.cortex_thickness_mm = random.uniform(0.45, 0.95);
  anatomy.cortex_hu = random.uniform(480, 1000);
  anatomy.lordosis_scale = random.uniform(0.4, 1.35);
  anatomy.scoliosis_cobb_deg = random.sign() * (random.chance(0.7) ? random.uniform(0, 9) : random.uniform(9, 25));
  anatomy.axial_rotation_deg = random.sign() * (random.chance(0.7) ? random.uniform(0, 5) : random.uniform(5, 15));
  anatomy.patient_pitch_deg = random.normal(0, 4);
  anatomy.patient_roll_deg = std::clamp(random.normal(0, 3), -9.0, 9.0);
  anatomy.endplate_concavity_mm = random.uniform(1.0, 3.8);
  anatomy.osteophytes = random.chance(0.5) ? random.uniform(0.1, 1.0) : 0.0;
  anatomy.facet_sclerosis_hu = random.chance(0.4) ? random.uniform(150, 650) : random.uniform(0, 100);
  anatomy.endplate_sclerosis_hu = random.chance(0.4) ? random.uniform(60, 380) : 0.0;
  anatomy.disc_hu = random.uniform(62, 100);
  anatomy.has_disc_gas = random.chance(0.25);
  anatomy.subcutaneous_fat_mm = random.uniform(8, 42);
  anatomy.body_half_width_mm = 128 + 0.9 * anatomy.subcutaneous_fat_mm + random.uniform(0, 35);
  anatomy.aorta_hu = random.chance(0.25) ? random.uniform(130, 350) : 40.0;
  anatomy.aortic_calcification = random.chance(0.65) ? random.uniform(0.1, 1.0) : 0.0;
  anatomy.has_oral_contrast = random.chance(0.12);
  anatomy.has_gallstones = random.chance(0.1);
  return anatomy;
}

CementZone draw_zone(Random& random) {
  const double share = random.uniform();
  if (share < 0.33) return CementZone::paravertebral;
  if (share < 0.63) return CementZone::disc;
  if (share < 0.79) return CementZone::canal;
  if (share < 0.95) return CementZone::vascular;
  return CementZone::foramen;
}

double draw_leak_ml(CementZone zone, Random& random) {
  switch (zone) {
    case CementZone::vascular: return random.uniform(0.06, 0.35);
    case CementZone::canal: return random.uniform(0.06, 0.6);
    case CementZone::foramen: return random.uniform(0.06, 0.35);
    default: return random.chance(0.6) ? random.uniform(0.05, 0.4) : random.uniform(0.4, 1.0);
  }
}

PhantomDeposit draw_deposit(int level, Random& random) {
  static constexpr std::array kPatterns{CementPattern::left,           CementPattern::right, CementPattern::bilateral,
                                        CementPattern::central_spread, CementPattern::clump, CementPattern::diffuse};
  PhantomDeposit deposit;
  deposit.level = phantom::level_name(level);
  deposit.pattern = kPatterns[random.integer(0, 5)];
  deposit.body_ml = random.uniform(1.5, 4.5) + (random.chance(0.5) ? random.uniform(0, 3.5) : 0.0);
  deposit.plateau_hu = random.chance(0.1) ? random.uniform(950, 1250) : random.uniform(1300, 3100);
  deposit.texture_fraction = random.uniform(0.03, 0.16);
  const int n_leaks = random.chance(0.5) ? 0 : random.chance(0.75) ? 1 : 2;
  for (int n = 0; n < n_leaks; ++n) {
    const CementZone zone = draw_zone(random);
    deposit.leaks.push_back({zone, draw_leak_ml(zone, random)});
  }
  if (random.chance(0.12)) deposit.leaks.push_back({CementZone::needle_tract, random.uniform(0.04, 0.2)});
  return deposit;
}

PhantomFracture draw_fracture(int level, Random& random) {
  const double share = random.uniform();
  const FractureType type = share < 0.5 ? FractureType::wedge : share < 0.8 ? FractureType::biconcave : FractureType::crush;
  return {phantom::level_name(level), type, random.chance(0.8) ? random.uniform(0.1, 0.45) : random.uniform(0.45, 0.6)};
}

void draw_field(PhantomParameters& parameters, const std::vector<int>& treated, Random& random) {
  PhantomScan& scan = parameters.scan;
  const int first = treated.empty() ? phantom::level_index("L1") : treated.front(),
            last = treated.empty() ? phantom::level_index("L2") : treated.back();
  const int top = std::clamp(first - random.integer(1, 3), 0, phantom::level_index("L2")),
            bottom = std::min(last + random.integer(1, 3), phantom::kFirstSacral);
  scan.top_level = phantom::level_name(top), scan.top_fraction = random.uniform(0.0, 1.2);
  scan.bottom_level = phantom::level_name(bottom), scan.bottom_fraction = random.uniform(-0.3, 0.9);
}

void draw_reconstruction(PhantomScan& scan, const PhantomAnatomy& anatomy, Random& random) {
  static constexpr std::array kKernels{ReconstructionKernel::soft, ReconstructionKernel::standard, ReconstructionKernel::standard,
                                       ReconstructionKernel::bone, ReconstructionKernel::bone};
  scan.kernel = kKernels[random.integer(0, 4)];
  const bool spine_only = random.chance(0.6);
  scan.columns = scan.rows = random.chance(0.7) ? 512 : 256;
  const double field_mm = spine_only ? random.uniform(150, 240) : 2 * anatomy.body_half_width_mm + random.uniform(-20, 40);
  scan.pixel_mm = std::clamp(field_mm / scan.columns, 0.33, spine_only ? 0.95 : 1.5);
  scan.field_offset_x_mm = random.normal(0, spine_only ? 5 : 12);
  scan.field_offset_y_mm = spine_only ? random.uniform(-15, 25) : -30 - 0.1 * anatomy.body_half_width_mm + random.normal(0, 8);
  static constexpr std::array kThickness{0.6, 0.75, 1.0, 1.25, 1.25, 1.5, 2.0, 2.5, 3.0, 3.0, 5.0};
  scan.slice_thickness_mm = kThickness[random.integer(0, 10)];
  const double overlap = random.chance(0.3) ? random.uniform(0.6, 0.9) : 1.0;
  scan.slice_spacing_mm = scan.slice_thickness_mm * overlap;
  scan.psf_fwhm_mm = scan.kernel == ReconstructionKernel::bone ? random.uniform(0.5, 0.8) : random.uniform(0.7, 1.2);
  const double noise =
      random.uniform(10, 30) * std::sqrt(1.25 / scan.slice_thickness_mm) * (scan.kernel == ReconstructionKernel::bone ? 1.4 : 0.9);
  scan.noise_hu = std::clamp(noise, 8.0, 45.0);
  scan.streak_scale = random.uniform(0.3, 1.6);
}

// Rarer things, from a stream of their own.
void draw_rarities(PhantomParameters& parameters, const std::vector<int>& treated) {
  Random random(parameters.seed, "rarities");
  PhantomScan& scan = parameters.scan;
  scan.has_circular_field = random.chance(0.3);
  if (random.chance(0.04))
    scan.gantry_tilt_deg = random.sign() * random.uniform(5, 18);
  else if (random.chance(0.05))
    scan.plane = random.chance(0.75) ? SlicePlane::sagittal : SlicePlane::coronal;
  if (scan.plane != SlicePlane::axial) scan.slice_spacing_mm = scan.slice_thickness_mm = random.uniform(1.5, 3.0);
  if (random.chance(0.1)) scan.saturation_hu = random.chance(0.5) ? 3095 : 2976;
  const int bottom = phantom::level_index(scan.bottom_level);
  if (random.chance(0.08) && bottom <= phantom::level_index("L5"))
    for (int level = bottom - 1; level <= bottom; ++level)
      if (std::find(treated.begin(), treated.end(), level) == treated.end())
        parameters.anatomy.screw_levels.push_back(phantom::level_name(level));
  if (random.chance(0.08))
    parameters.anatomy.slipped_level = random.chance(0.7) ? "L4" : "L3", parameters.anatomy.slip_mm = random.uniform(2, 7);
  parameters.anatomy.has_hip_nail = bottom >= phantom::level_index("L5") && random.chance(0.15);
}

}  // namespace

PhantomParameters draw_phantom_parameters(std::uint64_t seed) {
  Random random(seed, "parameters");
  PhantomParameters parameters;
  parameters.seed = seed;
  parameters.anatomy = draw_anatomy(random);
  const std::vector<int> treated = draw_treated(random);
  for (const int level : treated) {
    if (random.chance(0.85)) parameters.fractures.push_back(draw_fracture(level, random));
    parameters.deposits.push_back(draw_deposit(level, random));
  }
  const int other = draw_treated_level(random);
  if (random.chance(0.25) && std::find(treated.begin(), treated.end(), other) == treated.end())
    parameters.fractures.push_back(draw_fracture(other, random));
  draw_field(parameters, treated, random);
  draw_reconstruction(parameters.scan, parameters.anatomy, random);
  draw_rarities(parameters, treated);
  return parameters;
}

}  // namespace cemscope::imaging
