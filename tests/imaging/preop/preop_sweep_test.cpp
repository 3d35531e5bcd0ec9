#include <chrono>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "imaging/phantom/random.h"
#include "imaging/preop/band_transfer.h"
#include "imaging/preop/ct_fracture.h"
#include "imaging/preop/mr_fracture.h"
#include "tests/imaging/preop/preop_pair.h"

namespace cemscope::imaging::preop {
namespace {

// Nothing was tuned on these seeds; on 31000-31019 a vertebra read as two bodies was seen to be taken for two places.
constexpr std::uint64_t kFirstSeed = 32000;
constexpr int kPatients = 20;

/// A random treated patient; the fracture of the first treated level lies under the lower endplate in every other one and has not
/// collapsed.
std::optional<PhantomParameters> draw_patient(std::uint64_t seed) {
  auto p = draw_phantom_parameters(seed);
  if (p.deposits.empty() || p.scan.plane != SlicePlane::axial || p.scan.gantry_tilt_deg != 0) return std::nullopt;
  phantom::Random random(seed, "pre-operative sweep");
  const auto level = p.deposits.front().level;
  std::erase_if(p.fractures, [&](const auto& fracture) { return fracture.level == level; });
  p.impactions = {
      {level, seed % 2 == 0 ? PhantomEndplate::upper : PhantomEndplate::lower, random.uniform(80, 180), random.uniform(0.28, 0.42)}};
  if (p.scan.columns == 512) p.scan.columns = p.scan.rows = 256, p.scan.pixel_mm = std::min(0.9, 2 * p.scan.pixel_mm);
  return p;
}

PhantomParameters before(PhantomParameters p, std::uint64_t seed, const char* stream) {
  phantom::Random random(seed, stream);
  p.deposits.clear();
  auto& a = p.anatomy;
  a.patient_pitch_deg = std::clamp(a.patient_pitch_deg + random.uniform(-6, 6), -15.0, 15.0);
  a.patient_roll_deg = std::clamp(a.patient_roll_deg + random.uniform(-4, 4), -10.0, 10.0);
  a.axial_rotation_deg = std::clamp(a.axial_rotation_deg + random.uniform(-6, 6), -15.0, 15.0);
  a.patient_shift_mm = {random.uniform(-20, 20), random.uniform(-20, 20), random.uniform(-15, 15)};
  p.scan.slice_thickness_mm = p.scan.slice_spacing_mm = p.scan.slice_thickness_mm < 2 ? random.uniform(2, 3) : random.uniform(0.8, 1.5);
  return p;
}

PhantomMrExam examine(const PhantomParameters& p, std::uint64_t seed) {
  phantom::Random random(seed, "pre-operative sweep MR");
  auto mr = draw_mr_parameters(seed);
  mr.seed = p.seed, mr.anatomy = p.anatomy, mr.fractures = p.fractures, mr.anatomy.screw_levels.clear();
  mr.oedema = {{p.impactions.front().level, random.uniform(0.5, 0.9), random.uniform(0.4, 0.65), p.impactions.front().under}};
  mr.scan.centre_level = p.impactions.front().level;
  return make_mr_phantom(mr);
}

struct Tally {
  int n_right = 0, n_wrong = 0, n_open = 0, n_registered = 0, n_distribution = 0, n_distribution_right = 0;
  double seconds = 0;

  void add(const std::optional<HeightBand>& band, bool is_lower) {
    if (!band)
      ++n_open;
    else
      ++((band->low == 0) == is_lower ? n_right : n_wrong);
  }
  void add_distribution(Distribution said, const PhantomVertebraTruth& truth) {
    if (truth.distribution_borderline) return;
    ++n_distribution;
    n_distribution_right += said == (truth.satisfactory ? Distribution::satisfactory : Distribution::unsatisfactory) ? 1 : 0;
  }
};

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

const TreatedVertebra* treated_at(const CtReading& reading, const PhantomVertebraTruth& truth) {
  for (const auto& treated : reading.treated)
    if ((treated.frame.centre_mm - truth.frame.centre_mm).norm() < 12) return &treated;
  return nullptr;
}

Distribution with_band(const TreatedVertebra& treated, const std::optional<HeightBand>& band) {
  return band ? read_band(treated.bands, *band, {}).distribution : treated.measurement.distribution;
}

std::optional<HeightBand> ct_band(const TreatedBody& treated, const PhantomParameters& after, Tally& tally) {
  const auto scan = make_phantom(before(after, after.seed, "CT pose"));
  const double start = now_s();
  const auto reading = read_ct(scan.ct, {}, {});
  const auto match = match_on_ct(treated, scan.ct, reading.ct_bodies);
  std::optional<HeightBand> band;
  FractureSign sign{FracturedPart::unclear, "not matched"};
  if (match.is_accepted()) {
    ++tally.n_registered;
    sign = fracture_on_ct(reading.ct_bodies, match.body);
    band = carry_band(treated, reading.ct_bodies[match.body].place, sign.part, match);
  }
  tally.seconds += now_s() - start;
  fmt::print("  CT {} {:.2f} (next {:.2f}): {}\n", match.refusal, match.correlation, match.runner_up, sign.words);
  return band;
}

std::optional<HeightBand> mr_band(const TreatedBody& treated, const PhantomParameters& after, Tally& tally) {
  const auto exam = examine(before(after, after.seed, "MR pose"), after.seed);
  const auto reading = read_mr(exam.volume);
  const double start = now_s();
  const auto& level = treated.vertebra.measurement.level;
  const auto places = places_of_mr(reading, name_mr_levels(reading, {level}));
  const auto match = match_on_mr(treated, *exam.volume.image, places);
  std::optional<HeightBand> band;
  FractureSign sign{FracturedPart::unclear, "level not found"};
  if (match.refusal != "level_not_found") {
    tally.n_registered += match.is_accepted() ? 1 : 0;
    sign = fracture_on_mr(reading, match.body);
    band = carry_band(treated, places[match.body], sign.part, match);
  }
  tally.seconds += now_s() - start;
  fmt::print("  MR {} corrected by {:.1f} mm {:.0f} deg: {}\n", match.refusal, match.correction.shift_mm, match.correction.angle_deg,
             sign.words);
  return band;
}

void print(const char* name, const Tally& t, int n) {
  fmt::print("{}: band right {} of {}, wrong {}, open {}; registered {}; distribution right {} of {}; {:.2f} s a patient\n", name,
             t.n_right, n, t.n_wrong, t.n_open, t.n_registered, t.n_distribution_right, t.n_distribution, t.seconds / n);
}

TEST(PreopSweep, TheBandOfFracturesWithoutACollapse) {
  Tally scan, ct, mr;
  int n = 0;
  for (std::uint64_t seed = kFirstSeed; n < kPatients; ++seed) {
    const auto parameters = draw_patient(seed);
    if (!parameters) continue;
    const auto after = make_phantom(*parameters);
    const auto& level = parameters->impactions.front().level;
    const auto truth =
        std::find_if(after.truth.vertebrae.begin(), after.truth.vertebrae.end(), [&](const auto& v) { return v.level == level; });
    const auto reading = read_ct(after.ct, {{}, {}}, {});
    const auto* found = truth == after.truth.vertebrae.end() ? nullptr : treated_at(reading, *truth);
    if (found == nullptr) continue;
    ++n;
    auto vertebra = *found;
    vertebra.measurement.level = level;  // as the clinical table names it
    const TreatedBody treated{after.ct, reading, vertebra};
    fmt::print("seed {} {} {}\n", seed, level, truth->is_band_lower ? "lower" : "upper");
    scan.add(vertebra.measurement.band_source == "collapsed_lower" ? kLowerThird : kUpperThird, truth->is_band_lower);
    scan.add_distribution(vertebra.measurement.distribution, *truth);
    const auto by_ct = ct_band(treated, *parameters, ct), by_mr = mr_band(treated, *parameters, mr);
    ct.add(by_ct, truth->is_band_lower), mr.add(by_mr, truth->is_band_lower);
    ct.add_distribution(with_band(vertebra, by_ct), *truth), mr.add_distribution(with_band(vertebra, by_mr), *truth);
  }
  print("scan alone", scan, n);
  print("with CT before", ct, n);
  print("with MR before", mr, n);
  EXPECT_LE(ct.n_wrong, 1);
  EXPECT_LE(mr.n_wrong, 1);
  EXPECT_GE(ct.n_right, kPatients / 2);
  EXPECT_GE(mr.n_right, kPatients / 2);
}

}  // namespace
}  // namespace cemscope::imaging::preop
