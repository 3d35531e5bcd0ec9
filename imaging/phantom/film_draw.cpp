#include <algorithm>
#include <cmath>

#include "imaging/phantom/film.h"
#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging {
namespace {

using phantom::Random;

double height_of(const std::string& level) {
  // Lumbar levels are about 34 mm apart, thoracic ones 27 mm; L1 lies near 0.
  const int steps = phantom::level_index("L1") - phantom::level_index(level);
  return steps < 0 ? 34.0 * steps : 27.0 * steps;
}

void add_screws(PhantomParameters& parameters, Random& random) {
  const int first = random.integer(phantom::level_index("T12"), phantom::level_index("L3")), n_levels = random.integer(2, 4);
  parameters.anatomy.screw_levels.clear();
  for (int n = 0; n < n_levels && first + n < phantom::kFirstSacral; ++n)
    parameters.anatomy.screw_levels.emplace_back(phantom::vertebra_sizes()[first + n].level);
  const double kind = random.uniform();
  if (kind < 0.5) parameters.deposits.clear();
  if (kind < 0.8) return;
  for (auto& deposit : parameters.deposits) deposit.level = parameters.anatomy.screw_levels.front();
  parameters.deposits.resize(std::min<std::size_t>(parameters.deposits.size(), 1));
}

PhantomFilmParameters draw_film(const PhantomParameters& patient, PhantomFilmView view, Random& random) {
  PhantomFilmParameters film;
  film.view = view;
  film.pixel_mm = random.chance(0.5) ? random.uniform(0.14, 0.2) : random.uniform(0.2, 0.4);
  film.height_mm = random.chance(0.6) ? random.uniform(360, 430) : random.uniform(240, 360);
  film.width_mm = random.chance(0.4) ? random.uniform(150, 220) : random.uniform(220, 400);
  film.width_mm = std::min(film.width_mm, film.height_mm);
  film.source_to_detector_mm = random.uniform(1000, 1500), film.patient_to_detector_mm = random.uniform(25, 110);
  double middle = random.uniform(-80, 20), low = -1e9, high = 1e9;
  for (const auto& deposit : patient.deposits) {
    const double reach = 0.5 * film.height_mm / 1.25 - 40;
    low = std::max(low, height_of(deposit.level) - reach), high = std::min(high, height_of(deposit.level) + reach);
  }
  if (low < high) middle = std::clamp(middle, low, high);
  film.centre_z_mm = middle;
  film.centre_offset_mm = random.normal(0, view == PhantomFilmView::ap ? 10 : 18);
  film.rotation_deg = random.normal(0, 3);
  film.is_mirrored = view == PhantomFilmView::lateral && random.chance(0.5);
  film.scatter_ratio = random.uniform(0.2, 1.2), film.noise = random.uniform(0.004, 0.02), film.blur_mm = random.uniform(0.1, 0.3);
  film.unsharp_gain = random.chance(0.4) ? 0.0 : random.uniform(0.2, 1.5), film.unsharp_radius_mm = random.uniform(2, 18);
  film.is_monochrome1 = random.chance(0.25);
  film.bits_stored = random.chance(0.3) ? 8 : random.integer(10, 14);
  film.window_low = random.uniform(0.0, 0.02), film.window_high = random.uniform(0.992, 1.0);
  film.is_linear = random.chance(0.08);
  if (random.chance(0.35))
    for (double& border : film.collimation_mm) border = random.chance(0.5) ? random.uniform(3, 20) : 0.0;
  film.letters = random.chance(0.7) ? (random.chance(0.5) ? "L" : "R") : "";
  film.n_clips = random.chance(0.15) ? random.integer(1, 6) : 0;
  return film;
}

/// Two to five levels in a row; sometimes the fractured one between the others has no screws.
std::vector<int> draw_screw_levels(Random& random) {
  const int first = random.integer(phantom::level_index("T10"), phantom::level_index("L4")), n_levels = random.integer(2, 5);
  std::vector<int> levels;
  for (int level = first; level < std::min(first + n_levels, phantom::kFirstSacral); ++level) levels.push_back(level);
  if (levels.size() >= 3 && random.chance(0.4)) levels.erase(levels.begin() + 1);
  return levels;
}

PhantomDeposit deposit_at(int level, Random& random, std::vector<PhantomDeposit>& drawn) {
  PhantomDeposit deposit = drawn.empty() ? PhantomDeposit{} : drawn.front();
  if (drawn.empty()) deposit.plateau_hu = random.uniform(1300, 3100);
  deposit.level = phantom::vertebra_sizes()[level].level;
  return deposit;
}

/// Cement round the screws of some levels.
void add_screw_cement(PhantomParameters& parameters, const std::vector<int>& levels, Random& random) {
  const bool is_everywhere = random.chance(0.6);
  for (const int level : levels) {
    if (!is_everywhere && !random.chance(0.5)) continue;
    PhantomDeposit deposit;
    deposit.level = phantom::vertebra_sizes()[level].level, deposit.pattern = CementPattern::bilateral;
    deposit.body_ml = random.uniform(1.2, 4.0), deposit.plateau_hu = random.uniform(1300, 3100);
    deposit.texture_fraction = random.uniform(0.05, 0.16), deposit.is_round_screws = true;
    parameters.deposits.push_back(deposit);
  }
}

void instrument(PhantomParameters& parameters, Random& random) {
  const std::vector<int> levels = draw_screw_levels(random);
  std::vector<PhantomDeposit> drawn;
  drawn.swap(parameters.deposits);
  for (const int level : levels) parameters.anatomy.screw_levels.emplace_back(phantom::vertebra_sizes()[level].level);
  const double kind = random.uniform();
  if (kind > 0.35 && kind < 0.75) add_screw_cement(parameters, levels, random);
  if (kind > 0.65) {
    const int beside = levels.front() - 1, between = levels.front() + 1;
    const bool is_between = levels.size() > 1 && levels[1] != between;
    const int level = is_between ? between : random.chance(0.5) ? beside : levels.back() + 1;
    if (level >= 2 && level < phantom::kFirstSacral) parameters.deposits.push_back(deposit_at(level, random, drawn));
  }
  parameters.anatomy.has_metal_cages = random.chance(0.4);
  if (random.chance(0.25) && levels.front() + 1 < phantom::kFirstSacral)
    parameters.anatomy.cage_levels.emplace_back(phantom::vertebra_sizes()[levels.front()].level);
}

void display(PhantomFilmParameters& film, Random& random) {
  film.pixel_mm = random.uniform(0.14, 0.2);
  film.blur_mm = random.uniform(0.08, 0.2), film.noise = random.uniform(0.004, 0.012);
  film.bits_stored = random.chance(0.6) ? 8 : 12;
  film.is_linear = false;
  film.unsharp_gain = random.uniform(0.3, 2.0), film.unsharp_radius_mm = random.uniform(3, 15);
  film.edge_gain = random.chance(0.6) ? random.uniform(0.2, 1.2) : 0.0, film.edge_radius_mm = random.uniform(0.5, 1.5);
  film.window_low = random.uniform(0.005, 0.05), film.window_high = random.uniform(0.96, 0.9995);
  film.display_steepness = random.chance(0.7) ? random.uniform(1.0, 3.5) : 0.0;
  film.n_clips = random.chance(0.25) ? random.integer(1, 8) : 0;
}

}  // namespace

PhantomParameters draw_film_patient(std::uint64_t seed) {
  PhantomParameters parameters = draw_phantom_parameters(seed);
  Random random(seed, "film patient");
  parameters.anatomy.screw_levels.clear();
  parameters.anatomy.patient_pitch_deg = 0.4 * parameters.anatomy.patient_pitch_deg;
  if (random.chance(1.0 / 6)) add_screws(parameters, random);
  return parameters;
}

std::vector<PhantomFilmParameters> draw_film_pair(std::uint64_t seed) { return draw_films_of(draw_film_patient(seed), seed); }

std::vector<PhantomFilmParameters> draw_films_of(const PhantomParameters& patient, std::uint64_t seed) {
  Random random(seed, "film pair");
  return {draw_film(patient, PhantomFilmView::ap, random), draw_film(patient, PhantomFilmView::lateral, random)};
}

PhantomParameters draw_instrumented_patient(std::uint64_t seed) {
  PhantomParameters parameters = draw_phantom_parameters(seed);
  Random random(seed, "instrumented patient");
  parameters.anatomy.screw_levels.clear();
  parameters.anatomy.patient_pitch_deg = 0.4 * parameters.anatomy.patient_pitch_deg;
  if (random.chance(0.5))
    instrument(parameters, random);
  else if (random.chance(0.25))
    parameters.deposits.clear();
  return parameters;
}

std::vector<PhantomFilmParameters> draw_display_pair(std::uint64_t seed) {
  const PhantomParameters patient = draw_instrumented_patient(seed);
  Random random(seed, "display pair");
  std::vector<PhantomFilmParameters> films{draw_film(patient, PhantomFilmView::ap, random),
                                           draw_film(patient, PhantomFilmView::lateral, random)};
  for (PhantomFilmParameters& film : films) display(film, random);
  return films;
}

}  // namespace cemscope::imaging
