#include "imaging/mri/mr_reading.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "imaging/mri/order_statistics.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging {
namespace {

using mri::FluidPatch;

constexpr double kLeastFluidRatio = 1.7;  // below it nothing tells fluid from muscle: no fluid-sensitive series
constexpr double kMostSpread = 0.22;      // of muscle's logarithm; fatty muscle reaches 0.16, other tissue taken for it more
constexpr double kWideSpread = 0.17, kFaintFluidRatio = 2.5;  // both: what was taken for canal and muscle is something else
constexpr double kClearSide = 1.0;                            // 1.5 mm, or less with a dark line: see FluidRun::side
constexpr double kStrongShare = 0.5;
constexpr double kFaintShare = 0.75;  // of the limit of s: how far an injury goes on
constexpr double kFatDepth_mm = 14;   // of the subcutaneous layer behind the fascia
constexpr double kFatShare = 0.2;     // the darkest fifth of the layer is fat even where oedema fills most of it
constexpr int kFatBlock = 10;         // rows

Finding not_assessable(const char* reason) { return {Answer::not_assessable, 0.0, reason}; }

// Cerebrospinal fluid over muscle: the bright part of the canal in windows along the body, the middle window's.
double fluid_ratio_of(const Grid<float>& logs, const MrReading& reading) {
  constexpr int kWindow = 30;
  const auto& canal = *reading.canal;
  std::vector<float> ratios;
  for (int from = canal.first_row; from + kWindow <= canal.last_row; from += kWindow / 2) {
    std::vector<float> sample;
    for (int y = from; y < from + kWindow; ++y) {
      const auto row = static_cast<std::size_t>(y);
      for (int z = 0; z < logs.nz; ++z) {
        if (std::abs(z - canal.slice[row]) * reading.stack.slice_mm > 6) continue;
        const int centre = static_cast<int>(std::lround(canal.x_mm[row]));
        for (int x = std::max(0, centre - 8); x <= std::min(logs.nx - 1, centre + 8); ++x)
          sample.push_back(logs.at(x, y, z) - static_cast<float>(reading.muscle.log_at(y, z, x - canal.x_mm[row])));
      }
    }
    if (sample.size() > 100) ratios.push_back(mri::percentile(std::move(sample), 0.92));
  }
  return ratios.empty() ? 0.0 : std::exp(mri::percentile(std::move(ratios), 0.6));
}

struct FatState {
  std::optional<double> ratio;      // along the body
  std::vector<bool> is_failed_row;  // by row
};

// Median log signal of the bodies' place in some rows, over the muscle field along the body.
double marrow_level(const Grid<float>& logs, const MrReading& reading, int first_row, int last_row, const std::vector<bool>& left_out) {
  const auto& canal = *reading.canal;
  std::vector<float> sample;
  for (int y = first_row; y <= last_row; y += 2) {
    const auto row = static_cast<std::size_t>(y);
    if (!left_out.empty() && left_out[row]) continue;
    const int z = static_cast<int>(std::lround(canal.slice[row]));
    for (double front = 15; front <= 31; front += 2) {
      const auto point = mri::body_point(canal, y, front, 0);
      const int x = static_cast<int>(point.x), v = static_cast<int>(point.row);
      if (x >= 0 && v >= 0 && x < logs.nx && v < logs.ny) sample.push_back(logs.at(x, v, z) - static_cast<float>(reading.muscle.row[row]));
    }
  }
  return sample.size() < 30 ? spine::kNoVote : static_cast<double>(mri::percentile(std::move(sample), 0.5));
}

// Where fat is not suppressed the bodies' marrow is bright too; where oedema fills the subcutaneous layer it is as elsewhere.
void forgive_oedema(std::vector<bool>& is_failed_row, const Grid<float>& logs, const MrReading& reading) {
  constexpr double kMarrowToo = 0.3;  // log
  const auto& canal = *reading.canal;
  const double elsewhere = marrow_level(logs, reading, canal.first_row, canal.last_row, is_failed_row);
  if (elsewhere <= spine::kNoVote) return;
  const auto failed = is_failed_row;
  for (int first = canal.first_row; first <= canal.last_row; ++first) {
    if (!failed[static_cast<std::size_t>(first)]) continue;
    int last = first;
    while (last < canal.last_row && failed[static_cast<std::size_t>(last + 1)]) ++last;
    const double here = marrow_level(logs, reading, first, last, {});
    if (here > spine::kNoVote && here - elsewhere < kMarrowToo)
      std::fill(is_failed_row.begin() + first, is_failed_row.begin() + last + 1, false);
    first = last;
  }
}

// Subcutaneous fat over muscle in blocks of rows. Oedema in it is not fat.
FatState fat_state(const Grid<float>& logs, const MrReading& reading, const std::vector<std::vector<int>>& back,
                   const MrParameters& parameters) {
  const auto& canal = *reading.canal;
  FatState state;
  state.is_failed_row.assign(static_cast<std::size_t>(logs.ny), false);
  std::vector<double> blocks;
  std::vector<float> known;
  for (int from = canal.first_row; from <= canal.last_row; from += kFatBlock) {
    std::vector<float> sample;
    for (int y = from; y <= std::min(canal.last_row, from + kFatBlock - 1); ++y)
      for (int z = 0; z < logs.nz; ++z) {
        const auto row = static_cast<std::size_t>(y), slice = static_cast<std::size_t>(z);
        const double fascia = reading.fascia.x_mm[slice][row];
        const int last = static_cast<int>(std::min(fascia + kFatDepth_mm, static_cast<double>(back[slice][row]) - 4));
        for (int x = static_cast<int>(fascia + 3); x <= last; ++x)
          sample.push_back(logs.at(x, y, z) - static_cast<float>(reading.muscle.log_at(y, z, x - canal.x_mm[row])));
      }
    blocks.push_back(sample.size() > 30 ? static_cast<double>(mri::percentile(std::move(sample), kFatShare)) : spine::kNoVote);
    if (blocks.back() > spine::kNoVote) known.push_back(static_cast<float>(blocks.back()));
  }
  if (known.empty()) return state;
  state.ratio = std::exp(mri::percentile(known, 0.5));
  blocks = spine::running_median(blocks, 1);
  for (std::size_t n = 0; n < blocks.size(); ++n)
    if (std::exp(blocks[n]) > parameters.fat_failed_ratio)
      for (int y = canal.first_row + static_cast<int>(n) * kFatBlock;
           y < std::min(logs.ny, canal.first_row + static_cast<int>(n + 1) * kFatBlock); ++y)
        state.is_failed_row[static_cast<std::size_t>(y)] = true;
  if (*state.ratio <= parameters.fat_failed_ratio) forgive_oedema(state.is_failed_row, logs, reading);
  return state;
}

/// The stretch of the canal's course that holds fluid, and whether the course jumps aside beyond its ends: there it runs where no canal is.
struct Sac {
  int first = 0, last = 0;
  bool jumps_before = false, jumps_after = false;
};

bool has_fluid(const Grid<float>& logs, const MrReading& reading, int y) {
  constexpr int kHalf_mm = 8;
  constexpr double kFluidShare = 0.35;
  const auto& canal = *reading.canal;
  const auto row = static_cast<std::size_t>(y);
  const int z = std::clamp(static_cast<int>(std::lround(canal.slice[row])), 0, logs.nz - 1), centre = static_cast<int>(canal.x_mm[row]);
  std::vector<float> sample;
  for (int v = std::max(0, y - 2); v <= std::min(logs.ny - 1, y + 2); ++v)
    for (int x = std::max(0, centre - kHalf_mm); x <= std::min(logs.nx - 1, centre + kHalf_mm); ++x)
      sample.push_back(logs.at(x, v, z) - static_cast<float>(reading.muscle.log_at(y, z, x - canal.x_mm[row])));
  return mri::s_of(mri::percentile(std::move(sample), 0.85), reading.fluid_ratio) > kFluidShare;
}

// From the middle of the field up and down. A gap of most of a level is a narrow canal; a short one in which the course runs aside is its
// end.
Sac find_sac(const Grid<float>& logs, const MrReading& reading) {
  constexpr int kGap_mm = 20, kGapAside_mm = 6;
  constexpr double kAside = 0.7;
  const auto& canal = *reading.canal;
  const auto end_towards = [&](int step, bool& jumps) {
    int end = (canal.first_row + canal.last_row) / 2;
    bool is_aside = false;
    for (int y = end; y >= canal.first_row && y <= canal.last_row; y += step) {
      if (has_fluid(logs, reading, y) && !(is_aside && std::abs(y - end) > kGapAside_mm)) {
        end = y, is_aside = false;
        continue;
      }
      is_aside = is_aside || std::abs(canal.slope[static_cast<std::size_t>(y)]) > kAside;
      jumps = is_aside && std::abs(y - end) > kGapAside_mm;
      if (jumps || std::abs(y - end) > kGap_mm) break;
    }
    return end;
  };
  Sac sac;
  sac.first = end_towards(-1, sac.jumps_before), sac.last = end_towards(1, sac.jumps_after);
  return sac;
}

// Rows round the acute bodies that are wholly in view, or all when there is none.
std::pair<int, int> region_rows(const MrReading& reading, const Sac& sac, const MrParameters& parameters) {
  const int first_row = sac.jumps_before ? sac.first : reading.canal->first_row,
            last_row = sac.jumps_after ? sac.last : reading.canal->last_row;
  std::vector<int> acute;
  for (const int body : reading.acute_bodies)
    if (!reading.bodies[static_cast<std::size_t>(body)].is_cut) acute.push_back(body);
  if (acute.empty()) return {first_row, last_row};
  const int reach = static_cast<int>(parameters.levels_reach), n = static_cast<int>(reading.bodies.size());
  const int first = acute.front() - reach, last = acute.back() + reach;
  const double top = first < 0 ? 0.0 : reading.bodies[static_cast<std::size_t>(first)].top_row;
  const double bottom = last >= n ? 1e9 : reading.bodies[static_cast<std::size_t>(last)].bottom_row + 10;
  return {std::max(first_row, static_cast<int>(top)), static_cast<int>(std::min<double>(last_row, bottom))};
}

bool is_large(const FluidPatch& patch, const MrParameters& p) {
  return (patch.length_mm >= p.min_length_mm && patch.thickness_mm >= p.min_thickness_mm) || patch.area_mm2 >= p.min_area_mm2;
}

bool overlap(const FluidPatch& a, const FluidPatch& b) {
  for (const auto& u : a.runs)
    for (const auto& v : b.runs)
      if (std::abs(u.row - v.row) <= 2 && u.first_x <= v.last_x + 3 && v.first_x <= u.last_x + 3) return true;
  return false;
}

// Half the size is enough on the neighbouring slice: the end of a strip fills it in part.
bool has_partner(const FluidPatch& patch, const std::vector<FluidPatch>& patches, const MrReading& reading, const MrParameters& p) {
  if (p.min_slices <= 1 || reading.stack.slice_mm >= p.single_slice_mm) return true;
  return std::any_of(patches.begin(), patches.end(), [&](const FluidPatch& other) {
    return std::abs(other.slice - patch.slice) == 1 && other.area_mm2 >= 0.35 * std::min(patch.area_mm2, p.min_area_mm2) &&
           overlap(patch, other);
  });
}

FluidPatch clipped(const FluidPatch& patch, int first_row, int last_row, const std::vector<bool>& is_failed_row) {
  FluidPatch part = patch;
  std::erase_if(part.runs, [&](const auto& run) {
    return run.row < first_row || run.row > last_row || is_failed_row[static_cast<std::size_t>(run.row)];
  });
  if (part.runs.size() == patch.runs.size() || part.runs.empty()) return part;
  int first = part.runs.front().row, last = first;
  part.area_mm2 = 0;
  for (const auto& run : part.runs)
    first = std::min(first, run.row), last = std::max(last, run.row), part.area_mm2 += run.last_x - run.first_x + 1;
  part.length_mm = last - first + 1, part.thickness_mm = part.area_mm2 / part.length_mm;
  return part;
}

// Smaller pieces in line with an injury belong to it: a weak strip breaks where noise takes it below the limit.
void join_pieces(std::vector<FluidPatch>& patches, const std::vector<FluidPatch>& inside) {
  constexpr double kLeast_mm2 = 10;
  constexpr int kGap_mm = 12, kAside_mm = 4;
  const auto is_in_line = [&](const FluidPatch& a, const FluidPatch& b) {
    if (std::abs(a.slice - b.slice) > 1) return false;
    for (const auto& u : a.runs)
      for (const auto& v : b.runs)
        if (std::abs(u.row - v.row) <= kGap_mm && u.first_x <= v.last_x + kAside_mm && v.first_x <= u.last_x + kAside_mm) return true;
    return false;
  };
  const auto is_taken = [&](const FluidPatch& piece) {
    return std::any_of(patches.begin(), patches.end(), [&](const FluidPatch& p) {
      return p.slice == piece.slice && p.runs.front().row == piece.runs.front().row && p.runs.front().first_x == piece.runs.front().first_x;
    });
  };
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (const auto& piece : inside) {
      if (piece.area_mm2 < kLeast_mm2 || is_taken(piece)) continue;
      if (!std::any_of(patches.begin(), patches.end(), [&](const FluidPatch& p) { return is_in_line(p, piece); })) continue;
      patches.push_back(piece);
      has_grown = true;
    }
  }
}

void measure_size(SoftTissueInjury& injury) {
  double area = 0, thickness = 0, longest = 0, peak = 0;
  for (const auto& patch : injury.patches) {
    area = std::max(area, patch.area_mm2), peak = std::max(peak, patch.peak_s);
    if (patch.length_mm > longest) longest = patch.length_mm, thickness = patch.thickness_mm;
  }
  injury.area_mm2 = area, injury.thickness_mm = thickness, injury.peak_s = peak;
}

// Where the injury ends its fluid is thin and fills pixels in part: fainter pieces in line with it belong to its length.
void measure_extent(SoftTissueInjury& injury, const std::vector<FluidPatch>& fainter, const MrReading& reading) {
  auto patches = injury.patches;
  join_pieces(patches, fainter);
  int first = 1 << 20, last = -1;
  for (const auto& patch : patches)
    for (const auto& run : patch.runs)
      if (run.side >= kClearSide) first = std::min(first, run.row), last = std::max(last, run.row);
  injury.length_mm = last - first + 1;
  for (std::size_t n = 0; n < reading.bodies.size(); ++n)
    if (reading.bodies[n].top_row <= last && reading.bodies[n].bottom_row >= first) injury.bodies.push_back(static_cast<int>(n));
  double level = 30;
  if (!injury.bodies.empty()) level = reading.bodies[static_cast<std::size_t>(injury.bodies.front())].height_mm + 8;
  injury.extent_grade = *injury.length_mm <= level ? 1 : 2;
}

double confidence_of(const MrReading& reading, const MrParameters& p) {
  double confidence = 0.9;
  if (reading.fat_ratio && *reading.fat_ratio > p.fat_good_ratio) confidence -= 0.15;
  if (!reading.fat_ratio) confidence -= 0.1;
  if (reading.muscle.spread > 0.18) confidence -= 0.1;
  if (reading.fluid_ratio < 2.5) confidence -= 0.15;
  return confidence;
}

// Strips that fill their pixels in part: long and thick enough at the fainter limit, above the full one in half of their rows.
std::vector<FluidPatch> thin_strips(const std::vector<FluidPatch>& fainter, const std::vector<FluidPatch>& inside, const MrReading& reading,
                                    const MrParameters& p) {
  std::vector<FluidPatch> strips;
  for (const auto& patch : fainter) {
    if (!is_large(patch, p) || patch.side < kClearSide || !has_partner(patch, fainter, reading, p)) continue;
    std::set<int> rows;
    for (const auto& strong : inside)
      if (strong.slice == patch.slice && overlap(strong, patch))
        for (const auto& run : strong.runs) rows.insert(run.row);
    if (static_cast<double>(rows.size()) >= kStrongShare * patch.length_mm) strips.push_back(patch);
  }
  return strips;
}

/// What the injury is judged by.
struct Evidence {
  std::vector<FluidPatch> patches;  // at the limit of s
  std::vector<FluidPatch> fainter;  // at kFaintShare of it: how far an injury goes on
  FatState fat;
  Sac sac;
};

std::vector<FluidPatch> inside_of(const std::vector<FluidPatch>& patches, std::pair<int, int> rows, const FatState& fat) {
  std::vector<FluidPatch> inside;
  for (const auto& patch : patches) {
    auto part = clipped(patch, rows.first, rows.second, fat.is_failed_row);
    if (!part.runs.empty() && part.side > 0.5) inside.push_back(std::move(part));
  }
  return inside;
}

void judge_injury(MrReading& reading, const Evidence& evidence, const MrParameters& p) {
  const auto& fat = evidence.fat;
  const auto [first_row, last_row] = region_rows(reading, evidence.sac, p);
  auto& injury = reading.injury;
  const auto n_failed = std::count(fat.is_failed_row.begin() + first_row, fat.is_failed_row.begin() + last_row + 1, true);
  const double failed_share = static_cast<double>(n_failed) / (last_row - first_row + 1);
  if (failed_share > 0.5) {
    injury.finding = not_assessable("fat_not_suppressed");
    return;
  }
  if (n_failed > 0) reading.warnings.emplace_back("fat_suppression_failed_in_part");
  std::vector<FluidPatch> inside;
  bool is_unclear = false;
  for (const auto& patch : evidence.patches) {
    const auto part = clipped(patch, first_row, last_row, fat.is_failed_row);
    if (part.runs.empty()) continue;
    if (part.side > 0.5) {
      inside.push_back(part);
      continue;
    }
    if (part.side > -0.5 && is_large(part, p)) is_unclear = true;
    reading.other_fluid.push_back(part);
  }
  for (const auto& patch : inside)
    if (is_large(patch, p) && has_partner(patch, inside, reading, p)) injury.patches.push_back(patch);
  if (injury.patches.empty() && !is_unclear)
    injury.patches = thin_strips(inside_of(evidence.fainter, {first_row, last_row}, fat), inside, reading, p);
  const double confidence = confidence_of(reading, p) - 0.4 * failed_share;
  // A strip that nowhere lies clearly in front of the fascia may be subcutaneous.
  const bool is_clear =
      std::any_of(injury.patches.begin(), injury.patches.end(), [](const auto& patch) { return patch.side >= kClearSide; });
  if (!injury.patches.empty() && !is_clear) {
    is_unclear = true;
    reading.other_fluid.insert(reading.other_fluid.end(), injury.patches.begin(), injury.patches.end());
    injury.patches.clear();
  }
  if (!injury.patches.empty()) {
    injury.finding = {Answer::yes, confidence, ""};
    join_pieces(injury.patches, inside);
    measure_size(injury);
    measure_extent(injury, inside_of(evidence.fainter, {first_row, last_row}, fat), reading);
    return;
  }
  if (is_unclear) {
    injury.finding = not_assessable("fluid_beside_fascia_side_unclear");
    return;
  }
  injury.finding = {Answer::no, confidence, ""};
  injury.length_mm = injury.area_mm2 = 0.0;
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
    if (reading.bodies[n].top_row > 0.5 * n_rows && slope_at(n) > kSacralSlope && slope_at(n) - slope_at(n - 2) > kSteeper)
      return static_cast<int>(n);
  return static_cast<int>(reading.bodies.size());
}

bool is_assessable(const mri::MrBody& body, const Sac& sac, const FatState& fat) {
  const int row = static_cast<int>(0.5 * (body.top_row + body.bottom_row));
  return row >= sac.first && body.bottom_row <= sac.last + 1 && !fat.is_failed_row[static_cast<std::size_t>(row)];
}

void judge_marrow(MrReading& reading, const FatState& fat, const Sac& sac) {
  int n_assessable = 0;
  for (int n = 0; n < reading.first_sacral; ++n) {
    const auto& body = reading.bodies[static_cast<std::size_t>(n)];
    if (!is_assessable(body, sac, fat)) continue;
    ++n_assessable;
    if (reading.marrow[static_cast<std::size_t>(n)].is_oedema) reading.acute_bodies.push_back(n);
  }
  if (n_assessable < 3) {
    reading.marrow_oedema = not_assessable("too_few_bodies");
    return;
  }
  reading.marrow_oedema = {reading.acute_bodies.empty() ? Answer::no : Answer::yes, 0.85, ""};
}

}  // namespace

MrReading read_mr(const MrVolume& volume, const MrParameters& parameters) {
  MrReading reading;
  reading.stack = sagittal_stack(volume);
  const auto back = mri::back_contour(reading.stack);
  reading.canal = mri::find_canal(reading.stack, back);
  if (!reading.canal) {
    reading.injury.finding = reading.marrow_oedema = not_assessable("no_spine_found");
    return reading;
  }
  const auto& canal = *reading.canal;
  const auto logs = mri::log_signal(reading.stack);
  reading.muscle = mri::first_muscle_field(logs, reading.stack, canal, back);
  reading.fascia = mri::find_fascia(logs, reading.stack, canal, reading.muscle, back);
  reading.muscle = mri::refined_muscle_field(reading.muscle, logs, reading.stack, canal, reading.fascia.x_mm);
  reading.fascia = mri::find_fascia(logs, reading.stack, canal, reading.muscle, back);
  reading.bodies = mri::find_bodies(reading.stack, canal);
  reading.first_sacral = first_sacral(reading);
  reading.marrow = mri::read_marrow(logs, reading.stack, canal, reading.muscle, reading.bodies, parameters);
  reading.fluid_ratio = fluid_ratio_of(logs, reading);
  const auto fat = fat_state(logs, reading, back, parameters);
  reading.fat_ratio = fat.ratio;
  const auto sac = find_sac(logs, reading);
  judge_marrow(reading, fat, sac);
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
  judge_injury(reading, {fluid_at(scale), fluid_at(fainter), fat, sac}, parameters);
  return reading;
}

}  // namespace cemscope::imaging
