#include "tests/imaging/sweep/follow_up_pair.h"

#include <algorithm>
#include <cmath>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
std::array<double, 3> heights_of(const phantom::Vertebra& vertebra) {
  const double y = vertebra.body.half_depth_mm - 5.5;
  std::array<double, 3> heights{};
  for (const double x : {-4.0, 0.0, 4.0}) {
    heights[0] += vertebra.body.height_mm(x, -y) / 3, heights[1] += vertebra.body.height_mm(x, 0) / 3;
    heights[2] += vertebra.body.height_mm(x, y) / 3;
  }
  return heights;
}

namespace {

using phantom::level_index;
using phantom::Random;

constexpr double kPitchOnFilms = 0.4;  // as draw_film_patient has it

std::string level_name(int index) { return std::string(phantom::vertebra_sizes()[static_cast<std::size_t>(index)].level); }

PhantomParameters draw_treated_patient(std::uint64_t seed) {
  for (;; seed += 1'000'003) {
    auto patient = draw_phantom_parameters(seed);
    patient.anatomy.screw_levels.clear(), patient.anatomy.has_hip_nail = false;
    if (!patient.deposits.empty()) return patient;
  }
}

bool is_treated(const PhantomParameters& patient, int level) {
  return std::any_of(patient.deposits.begin(), patient.deposits.end(), [&](const auto& d) { return level_index(d.level) == level; });
}

std::vector<int> adjacent_levels(const PhantomParameters& patient) {
  std::vector<int> levels;
  for (int level = level_index("T7"); level <= level_index("L5"); ++level)
    if (!is_treated(patient, level) && (is_treated(patient, level - 1) || is_treated(patient, level + 1))) levels.push_back(level);
  return levels;
}

void draw_small_scan(PhantomScan& scan, Random& random) {
  static constexpr std::array kThickness{1.0, 1.5, 2.0, 2.5, 3.0};
  scan.plane = random.chance(0.8) ? SlicePlane::axial : SlicePlane::sagittal;
  scan.columns = scan.rows = 192, scan.pixel_mm = random.uniform(0.7, 1.0);
  scan.slice_thickness_mm =
      scan.plane == SlicePlane::axial ? kThickness[static_cast<std::size_t>(random.integer(0, 4))] : random.uniform(1.5, 3.0);
  scan.slice_spacing_mm = scan.slice_thickness_mm, scan.gantry_tilt_deg = 0;
  scan.kernel = random.chance(0.5) ? ReconstructionKernel::soft : ReconstructionKernel::standard;
  scan.psf_fwhm_mm = random.uniform(0.8, 1.2), scan.noise_hu = random.uniform(10, 35);
  scan.field_offset_x_mm = random.normal(0, 4), scan.field_offset_y_mm = random.uniform(-10, 15);
}

// Two to three bodies beyond the treated ones, or the field ends next to them.
void draw_field(PhantomScan& scan, const PhantomParameters& patient, Random& random) {
  const int first = level_index(patient.deposits.front().level), last = level_index(patient.deposits.back().level);
  const bool is_short = random.chance(0.12);
  scan.top_level = level_name(std::max(0, first - (is_short ? 1 : random.integer(2, 3)))), scan.top_fraction = random.uniform(0.2, 1.1);
  scan.bottom_level = level_name(std::min(phantom::kFirstSacral, last + random.integer(2, 3))),
  scan.bottom_fraction = random.uniform(-0.2, 0.8);
}

// The bodies lie a little otherwise on the table.
void change_posture(PhantomAnatomy& anatomy, Random& random) {
  anatomy.patient_pitch_deg += random.normal(0, 3),
      anatomy.patient_roll_deg = std::clamp(anatomy.patient_roll_deg + random.normal(0, 2), -9.0, 9.0);
  anatomy.lordosis_scale *= random.uniform(0.9, 1.1);
}

void fill_truth(FollowUpPair& pair, const PhantomParameters& before, const PhantomParameters& after) {
  const phantom::NoiseTexture texture(before.seed);
  const auto first = make_spine(before, texture), second = make_spine(after, texture);
  for (const int level : adjacent_levels(before)) {
    const auto n = static_cast<std::size_t>(level);
    const auto earlier = heights_of(first.vertebrae[n]), later = heights_of(second.vertebrae[n]);
    for (std::size_t place = 0; place < earlier.size(); ++place)
      if (const double loss = 1 - later[place] / earlier[place]; loss > pair.loss_fraction)
        pair.loss_fraction = loss, pair.loss_mm = earlier[place] - later[place];
  }
}

void collapse(FollowUpPair& pair, PhantomParameters& after, Random& random) {
  static constexpr std::array kTypes{FractureType::wedge, FractureType::wedge, FractureType::biconcave, FractureType::crush};
  const auto adjacent = adjacent_levels(after);
  const bool is_lost = random.chance(0.5);
  const auto type = kTypes[static_cast<std::size_t>(random.integer(0, 3))];
  const double share = random.chance(0.25) ? random.uniform(0.08, 0.2) : random.uniform(0.22, 0.45);
  const auto level = adjacent[static_cast<std::size_t>(random.integer(0, static_cast<int>(adjacent.size()) - 1))];
  if (!is_lost) return;
  pair.collapsed_level = level_name(level);
  auto& fractures = after.fractures;
  const auto old = std::find_if(fractures.begin(), fractures.end(), [&](const auto& f) { return f.level == pair.collapsed_level; });
  if (old == fractures.end())
    fractures.push_back({pair.collapsed_level, type, share});
  else
    old->compression = std::min(0.6, old->compression + share);
}

// A body two or three levels off the first is treated between the two times.
void treat_another(FollowUpPair& pair, PhantomParameters& after, Random& random) {
  const int level = level_index(after.deposits.back().level) + 2;
  if (!random.chance(0.17) || level > level_index("L4") || level_name(level) == pair.collapsed_level) return;
  auto deposit = after.deposits.back();
  deposit.level = level_name(level), deposit.leaks.clear();
  after.deposits.push_back(std::move(deposit));
}

PhantomMrParameters mr_of(const PhantomParameters& patient, const FollowUpPair& pair, std::uint64_t seed, Random& random) {
  auto mr = draw_mr_parameters(seed);
  mr.seed = patient.seed, mr.anatomy = patient.anatomy, mr.fractures = patient.fractures;
  mr.oedema.clear(), mr.injuries.clear(), mr.interspinous.clear(), mr.subcutaneous.clear(), mr.findings.haemangiomas.clear();
  for (const auto& deposit : patient.deposits) mr.findings.cement_levels.push_back(deposit.level);
  mr.scan.columns = mr.scan.rows = 256, mr.scan.pixel_mm = random.uniform(0.9, 1.25), mr.scan.failure = SuppressionFailure::none;
  mr.scan.centre_level =
      level_name(std::clamp(level_index(pair.treated_levels.front()) + random.integer(-1, 2), level_index("T11"), level_index("L3")));
  return mr;
}

// Smaller and coarser than most real films: simulating them takes most of the time. The treated levels lie at least 40 mm inside.
std::vector<PhantomFilmParameters> films_of(const PhantomParameters& patient, std::uint64_t seed) {
  constexpr double kFinestPixel_mm = 0.25, kLongest_mm = 300, kWidest_mm = 200, kEnlarged = 1.25, kInside_mm = 40;
  constexpr double kLumbarPitch_mm = 34, kThoracicPitch_mm = 27;
  const auto height_of = [](const std::string& level) {
    const int above_l1 = level_index("L1") - level_index(level);
    return above_l1 * (above_l1 < 0 ? kLumbarPitch_mm : kThoracicPitch_mm);
  };
  auto films = draw_films_of(patient, seed);
  for (auto& film : films) {
    film.pixel_mm = std::max(film.pixel_mm, kFinestPixel_mm);
    film.height_mm = std::min(film.height_mm, kLongest_mm), film.width_mm = std::min(film.width_mm, kWidest_mm);
    const double reach = 0.5 * film.height_mm / kEnlarged - kInside_mm;
    const double low = height_of(patient.deposits.front().level) - reach, high = height_of(patient.deposits.back().level) + reach;
    if (low < high) film.centre_z_mm = std::clamp(film.centre_z_mm, low, high);
  }
  return films;
}

std::vector<std::string> levels_of(const PhantomParameters& patient) {
  std::vector<std::string> levels;
  for (const auto& deposit : patient.deposits) levels.push_back(deposit.level);
  return levels;
}

}  // namespace

FollowUpPair draw_follow_up_pair(std::uint64_t seed, PairKind kind) {
  Random random(seed, "follow-up pair");
  FollowUpPair pair;
  pair.kind = kind;
  pair.ct_before = draw_treated_patient(seed);
  if (kind == PairKind::film_film) pair.ct_before.anatomy.patient_pitch_deg *= kPitchOnFilms;
  pair.treated_levels = levels_of(pair.ct_before);
  draw_small_scan(pair.ct_before.scan, random), draw_field(pair.ct_before.scan, pair.ct_before, random);
  pair.ct_after = pair.ct_before;
  collapse(pair, pair.ct_after, random);
  treat_another(pair, pair.ct_after, random);
  change_posture(pair.ct_after.anatomy, random);
  draw_small_scan(pair.ct_after.scan, random), draw_field(pair.ct_after.scan, pair.ct_after, random);
  fill_truth(pair, pair.ct_before, pair.ct_after);
  if (random.chance(0.67)) pair.named_before = pair.treated_levels;
  if (random.chance(0.67)) pair.named_after = levels_of(pair.ct_after);
  pair.mr_before = mr_of(pair.ct_before, pair, seed, random);
  pair.mr_after = mr_of(pair.ct_after, pair, seed + 500'000, random);
  pair.films_before = films_of(pair.ct_before, seed), pair.films_after = films_of(pair.ct_after, seed + 500'000);
  pair.has_new_oedema = (kind == PairKind::mr_mr || kind == PairKind::ct_mr) && !pair.collapsed_level.empty() && random.chance(0.7);
  if (pair.has_new_oedema) pair.mr_after.oedema = {{pair.collapsed_level, random.uniform(0.4, 0.8), random.uniform(0.5, 1.0)}};
  return pair;
}

}  // namespace cemscope::imaging
