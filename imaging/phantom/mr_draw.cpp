#include <algorithm>
#include <array>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/mr_parameters.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::Random;

PhantomFluidStrip draw_strip(const std::string& level, Random& random) {
  PhantomFluidStrip strip;
  strip.level = level;
  strip.shift_mm = random.uniform(-25, 15);
  strip.length_mm = random.uniform(28, 110);
  strip.thickness_mm = random.uniform(2.6, 8);
  strip.centre_x_mm = random.uniform(-14, 14);
  strip.half_width_mm = random.uniform(10, 28);
  strip.s = random.uniform(0.55, 1.0);
  return strip;
}

void draw_injuries(PhantomMrParameters& p, const std::string& level, Random& random) {
  const int n = random.chance(0.7) ? 1 : 2;
  for (int i = 0; i < n; ++i) p.injuries.push_back(draw_strip(level, random));
  if (random.chance(0.25)) p.injuries.back().thickness_mm = random.uniform(2.6, 3.2), p.injuries.back().s = random.uniform(0.55, 0.65);
  if (random.chance(0.3)) {
    PhantomFluidStrip strip = draw_strip(level, random);
    strip.length_mm = random.uniform(14, 30), strip.half_width_mm = 5, strip.centre_x_mm = 0;
    p.interspinous.push_back(strip);
  }
}

// Dependent oedema lies low and long; some of it touches the fascia.
void draw_subcutaneous(PhantomMrParameters& p, Random& random) {
  PhantomFluidStrip strip = draw_strip(phantom::level_name(random.integer(phantom::level_index("L1"), phantom::level_index("L4"))), random);
  strip.length_mm = random.uniform(40, 150), strip.thickness_mm = random.uniform(3, 9), strip.s = random.uniform(0.5, 1.0);
  const std::array<double, 4> gaps{0.0, 1.0, 2.5, 5.0};
  strip.gap_mm = std::min(gaps[random.integer(0, 3)], std::max(0.0, 0.7 * p.anatomy.subcutaneous_fat_mm - strip.thickness_mm - 4));
  strip.thickness_mm = std::min(strip.thickness_mm, 0.6 * p.anatomy.subcutaneous_fat_mm - 2);
  p.subcutaneous.push_back(strip);
}

void draw_coil(PhantomCoil& coil, Random& random) {
  if (random.chance(0.35)) return;
  coil.surface_gain = random.uniform(0.5, 4.0), coil.decay_mm = random.uniform(30, 80);
  coil.element_ripple = random.uniform(0, 0.2), coil.end_falloff = random.uniform(0, 0.6);
}

void draw_failure(PhantomMrScan& scan, Random& random) {
  if (!random.chance(0.2)) return;
  scan.failure_strength = random.uniform(0.35, 1.0);
  const double share = random.uniform();
  scan.failure = share < 0.4 ? SuppressionFailure::everywhere : share < 0.7 ? SuppressionFailure::upper_end : SuppressionFailure::lower_end;
  scan.failure_reach_mm = random.uniform(25, 70);
}

void draw_scan(PhantomMrScan& scan, Random& random) {
  scan.sequence = random.chance(0.5) ? MrSequence::stir : MrSequence::t2_fs;
  const double field_mm = random.uniform(240, 360);
  scan.columns = scan.rows = random.chance(0.5) ? 320 : random.chance(0.5) ? 384 : 256;
  scan.pixel_mm = field_mm / scan.columns;
  scan.thickness_mm = random.uniform(3, 5), scan.spacing_mm = scan.thickness_mm * random.uniform(1.0, 1.25);
  scan.n_slices = static_cast<int>(random.uniform(48, 76) / scan.spacing_mm);
  scan.noise_fraction = random.uniform(0.03, 0.12);
  draw_coil(scan.coil, random);
  draw_failure(scan, random);
}

// A lumbar or low thoracic level without a fresh fracture.
std::string quiet_level(const PhantomMrParameters& p, Random& random) {
  for (;;) {
    const auto level = phantom::level_name(random.integer(phantom::level_index("T11"), phantom::level_index("L4")));
    if (std::none_of(p.oedema.begin(), p.oedema.end(), [&](const auto& oedema) { return oedema.level == level; })) return level;
  }
}

void draw_findings(PhantomMrParameters& p, Random& random) {
  auto& findings = p.findings;
  if (!p.oedema.empty() && random.chance(0.3))
    findings.clefts = {{p.oedema.front().level, random.uniform(2, 5), random.uniform(0.45, 0.75)}};
  if (random.chance(0.25))
    findings.haemangiomas = {{quiet_level(p, random), random.uniform(-6, 6), random.uniform(-4, 4), random.uniform(-2, 2),
                              random.uniform(5, 11), random.uniform(0.4, 0.8)}};
  if (random.chance(0.25)) findings.modic_levels = {quiet_level(p, random)};
  if (random.chance(0.2)) findings.schmorl_levels = {quiet_level(p, random)};
  if (random.chance(0.12)) findings.cement_levels = {quiet_level(p, random)};
  if (random.chance(0.08)) findings.metal_levels = {"L4", "L5"};
  findings.has_veins = random.chance(0.4);
  if (random.chance(0.15)) findings.skin_fold_mm = random.uniform(4, 12);
  if (random.chance(0.3)) findings.stenosis = random.uniform(0.4, 1.0);
  if (random.chance(0.4)) findings.muscle_atrophy = random.uniform(0.2, 0.8);
}

void draw_hard_scan(PhantomMrScan& scan, Random& random) {
  if (random.chance(0.4)) scan.off_midline_mm = random.uniform(-10, 10);
  if (random.chance(0.3)) scan.thickness_mm = random.uniform(4, 5), scan.spacing_mm = scan.thickness_mm * random.uniform(1.2, 1.5);
  scan.n_slices = std::max(9, std::min(scan.n_slices, static_cast<int>(80 / scan.spacing_mm)));
  if (random.chance(0.15)) scan.skin_margin_mm = random.uniform(0, 6);
  scan.has_front_band = random.chance(0.5);
  if (random.chance(0.3)) {
    const int matrix = random.chance(0.5) ? 512 : 224;
    scan.pixel_mm *= static_cast<double>(scan.columns) / matrix, scan.columns = scan.rows = matrix;
  }
}

}  // namespace

PhantomMrParameters draw_hard_mr_parameters(std::uint64_t seed) {
  auto p = draw_mr_parameters(seed);
  Random random(seed, "mr difficulties");
  draw_findings(p, random);
  draw_hard_scan(p.scan, random);
  return p;
}

PhantomMrParameters draw_mr_parameters(std::uint64_t seed) {
  const PhantomParameters patient = draw_phantom_parameters(seed);
  Random random(seed, "mr");
  PhantomMrParameters p;
  p.seed = seed, p.anatomy = patient.anatomy;
  p.anatomy.screw_levels.clear();
  const int acute = std::clamp(phantom::level_index("T11") + random.integer(0, 5), 0, phantom::level_index("L4"));
  const std::string level = phantom::level_name(acute);
  const int n_acute = random.chance(0.1) ? 0 : random.chance(0.8) ? 1 : 2;
  for (int n = 0; n < n_acute; ++n) {
    const std::string name = phantom::level_name(std::min(acute + 2 * n, phantom::level_index("L5")));
    p.oedema.push_back({name, random.uniform(0.35, 0.85), random.uniform(0.45, 1.0)});
    if (random.chance(0.7))
      p.fractures.push_back({name, random.chance(0.5) ? FractureType::wedge : FractureType::biconcave, random.uniform(0.1, 0.5)});
  }
  if (random.chance(0.3))
    p.fractures.push_back({phantom::level_name(acute - 3), FractureType::wedge, random.uniform(0.15, 0.4)});  // an old one
  p.muscle_fat_fraction = random.uniform(0.03, 0.4), p.fat_signal = random.uniform(0.35, 0.9), p.fluid_signal = random.uniform(3.1, 5.2);
  p.findings.has_facet_fluid = random.chance(0.3);
  if (random.chance(0.12)) p.findings.haemangiomas = {{}};
  if (random.chance(0.5)) draw_injuries(p, level, random);
  if (random.chance(0.45)) draw_subcutaneous(p, random);
  draw_scan(p.scan, random);
  p.scan.centre_level =
      phantom::level_name(std::clamp(acute + random.integer(-1, 1), phantom::level_index("T11"), phantom::level_index("L3")));
  return p;
}

}  // namespace cemscope::imaging
