#include "imaging/mri/mr_reading.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/order_statistics.h"
#include "imaging/mri/soft_tissue.h"

namespace cemscope::imaging {
namespace {

constexpr double kLeastFluidRatio = 1.7;  // below it nothing tells fluid from muscle: no fluid-sensitive series
constexpr double kMostSpread = 0.22;      // of muscle's logarithm; fatty muscle reaches 0.16, other tissue taken for it more
constexpr double kWideSpread = 0.17, kFaintFluidRatio = 2.5;  // both: what was taken for canal and muscle is something else
constexpr double kFaintShare = 0.75;                          // of the limit of s: how far an injury goes on

constexpr double kOedemaConfidence = 0.85, kGhosts = 0.25;
constexpr double kCleftConfidence = 0.7, kNoCleftConfidence = 0.5;  // of clefts 2-5 mm high half are found

Finding not_assessable(const char* reason) { return {Answer::not_assessable, 0.0, reason}; }

// Below S1 no disc as high as this parts it from another body.
bool lies_above_a_disc(const MrReading& reading, std::size_t n) {
  constexpr double kLeastDisc_mm = 7, kLeastMapped = 0.9;
  if (n + 1 >= reading.bodies.size()) return false;
  const auto& next = reading.bodies[n + 1];
  return !next.is_cut && next.mapped_share >= kLeastMapped && next.top_row - reading.bodies[n].bottom_row >= kLeastDisc_mm;
}

// The first body of the sacrum, where the canal leans back in the lower half of the field, and more than two bodies above; the number of
// bodies when none does.
int first_sacral(const MrReading& reading) {
  constexpr double kSacralSlope = 0.45, kSteeper = 0.2;  // 24 degrees; at L5 the canal leans 10-25, at S1 30-60
  const auto& canal = *reading.canal;
  const int n_rows = reading.stack.signal.ny;
  const auto slope_at = [&](std::size_t n) {
    const double row = 0.5 * (reading.bodies[n].top_row + reading.bodies[n].bottom_row);
    return canal.slope[static_cast<std::size_t>(std::clamp(row, 0.0, n_rows - 1.0))];
  };
  for (std::size_t n = 2; n < reading.bodies.size(); ++n)
    if (reading.bodies[n].top_row > 0.5 * n_rows && slope_at(n) > kSacralSlope && slope_at(n) - slope_at(n - 2) > kSteeper &&
        !lies_above_a_disc(reading, n))
      return static_cast<int>(n);
  return static_cast<int>(reading.bodies.size());
}

bool is_assessable(const mri::MrBody& body, const mri::Sac& sac, const mri::FatState& fat) {
  const int row = static_cast<int>(0.5 * (body.top_row + body.bottom_row));
  return row >= sac.first && body.bottom_row <= sac.last + 1 && !fat.is_failed_row[static_cast<std::size_t>(row)];
}

void judge_marrow(MrReading& reading, const mri::FatState& fat, const mri::Sac& sac) {
  int n_assessable = 0, n_beside_metal = 0;
  for (int n = 0; n < reading.first_sacral; ++n) {
    const auto& body = reading.bodies[static_cast<std::size_t>(n)];
    const auto& marrow = reading.marrow[static_cast<std::size_t>(n)];
    n_beside_metal += marrow.is_beside_metal ? 1 : 0;
    if (!is_assessable(body, sac, fat) || marrow.is_beside_metal) continue;
    ++n_assessable;
    if (marrow.is_oedema) reading.acute_bodies.push_back(n);
  }
  if (n_beside_metal > 0) reading.warnings.emplace_back("metal");
  if (n_assessable < 3) {
    reading.marrow_oedema = not_assessable("too_few_bodies");
    return;
  }
  const double confidence = reading.artefacts.has_ghosts() ? kOedemaConfidence - kGhosts : kOedemaConfidence;
  reading.marrow_oedema = {reading.acute_bodies.empty() ? Answer::no : Answer::yes, confidence, ""};
}

void judge_clefts(MrReading& reading, const Grid<float>& logs) {
  if (reading.acute_bodies.empty()) {
    reading.fluid_cleft = not_assessable("no_acute_body");
    return;
  }
  reading.clefts =
      mri::find_clefts(logs, reading.stack, *reading.canal, reading.muscle, reading.bodies, reading.acute_bodies, reading.fluid_ratio);
  reading.fluid_cleft = {Answer::yes, kCleftConfidence, ""};
  if (reading.clefts.empty()) reading.fluid_cleft = {Answer::no, kNoCleftConfidence, ""};
}

}  // namespace

MrReading read_mr(const MrVolume& volume, const MrParameters& parameters) {
  MrReading reading;
  reading.stack = sagittal_stack(volume);
  const auto back = mri::back_contour(reading.stack);
  auto found = mri::find_canal(reading.stack, back);
  if (!found) {
    reading.injury.finding = reading.marrow_oedema = reading.fluid_cleft = not_assessable("no_spine_found");
    return reading;
  }
  reading.canal = std::move(found->course);
  const auto& canal = *reading.canal;
  const auto& evidence = found->evidence;
  const auto logs = mri::log_signal(reading.stack);
  reading.muscle = mri::first_muscle_field(logs, reading.stack, canal, back);
  reading.fascia = mri::find_fascia(logs, reading.stack, canal, reading.muscle, back);
  reading.muscle = mri::refined_muscle_field(reading.muscle, logs, reading.stack, canal, reading.fascia.x_mm);
  reading.fascia = mri::find_fascia(logs, reading.stack, canal, reading.muscle, back);
  const auto map = mri::body_map(mri::body_picture(logs, reading.stack, canal));
  reading.bodies = mri::find_bodies(reading.stack, canal, evidence, map);
  reading.first_sacral = first_sacral(reading);
  reading.plates = mri::measure_plates(logs, reading.stack, canal, reading.bodies, evidence, map);
  reading.marrow = mri::read_marrow(logs, reading.stack, canal, reading.muscle, reading.bodies, map, parameters);
  reading.artefacts = mri::find_artefacts(logs, reading.stack, canal, reading.muscle);
  reading.fluid_ratio = mri::fluid_ratio_of(logs, reading);
  const auto fat = mri::fat_state(logs, reading, back, parameters);
  reading.fat_ratio = fat.ratio;
  const auto sac = mri::find_sac(logs, reading);
  judge_marrow(reading, fat, sac);
  judge_clefts(reading, logs);
  const bool is_faint = reading.fluid_ratio < kLeastFluidRatio;
  const bool is_no_muscle =
      reading.muscle.spread > kMostSpread || (reading.muscle.spread > kWideSpread && reading.fluid_ratio < kFaintFluidRatio);
  if (is_faint || is_no_muscle) {
    reading.injury.finding = not_assessable(is_faint ? "no_bright_fluid" : "muscle_not_found");
    return reading;
  }
  const double noise_s = mri::s_of(parameters.noise_mads * reading.muscle.spread / 1.48, reading.fluid_ratio);
  const mri::FluidScale scale{reading.fluid_ratio, std::max(parameters.positive_s, noise_s)};
  const mri::FluidScale fainter{reading.fluid_ratio, kFaintShare * scale.threshold_s};
  const auto fluid_at = [&](const mri::FluidScale& at) {
    return mri::find_fluid(logs, reading.stack, canal, reading.muscle, reading.fascia, back, at);
  };
  mri::judge_injury(reading, {fluid_at(scale), fluid_at(fainter), fat, sac}, parameters);
  return reading;
}

}  // namespace cemscope::imaging
