#include "imaging/mri/soft_tissue.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace cemscope::imaging::mri {
namespace {

constexpr double kClearSide = 1.0;  // 1.5 mm, or less with a dark line: see FluidRun::side
constexpr double kStrongShare = 0.5;
constexpr double kOneSlice = 0.7;  // a slice may lie this much farther to the front than its layer
constexpr double kLeastConfidence = 0.2, kOfDoubtful = 0.5, kOfNearTheLimit = 0.7;  // on one slice alone, or a strip just too faint

Finding not_assessable(const char* reason) { return {Answer::not_assessable, 0.0, reason}; }

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

// Mean distance of a patch's rear from the fascia.
double off_fascia_mm(const FluidPatch& patch, const Fascia& fascia) {
  double sum = 0;
  for (const auto& run : patch.runs)
    sum += fascia.x_mm[static_cast<std::size_t>(patch.slice)][static_cast<std::size_t>(run.row)] - run.last_x;
  return sum / static_cast<double>(patch.runs.size());
}

// A long, thick, bright column far from the fascia is the sac itself: something else was taken for the canal.
bool is_sac(const FluidPatch& patch, const Fascia& fascia) {
  constexpr double kLong_mm = 50, kThick_mm = 5, kBright_s = 0.8, kFar_mm = 12;
  return patch.length_mm >= kLong_mm && patch.thickness_mm >= kThick_mm && patch.peak_s >= kBright_s &&
         off_fascia_mm(patch, fascia) >= kFar_mm;
}

// A short, compact patch beside the midline that lies nearer to the bone in front than to the fascia: a facet joint's fluid, a bruised
// lamina.
bool is_at_arch(const FluidPatch& patch, const MrReading& reading) {
  constexpr double kMidline_mm = 6, kShort_mm = 20;
  const auto& canal = *reading.canal;
  double in_front = 0, beside = 0;
  for (const auto& run : patch.runs) {
    const auto row = static_cast<std::size_t>(run.row);
    in_front += run.first_x - canal.x_mm[row] - first_depth_mm(reading.stack, canal, reading.fascia, run.row, patch.slice);
    beside += std::abs(patch.slice - canal.slice[row]) * reading.stack.slice_mm;
  }
  const double n = static_cast<double>(patch.runs.size());
  return patch.length_mm < kShort_mm && beside / n > kMidline_mm && in_front / n < off_fascia_mm(patch, reading.fascia);
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

// Whether two patches of neighbouring slices are one layer: in half of the shorter one's rows they lie in the same place.
bool is_one_layer(const FluidPatch& a, const FluidPatch& b) {
  constexpr int kSame_mm = 2;
  constexpr double kShare = 0.5;
  if (std::abs(a.slice - b.slice) != 1) return false;
  int n = 0;
  for (const auto& u : a.runs)
    for (const auto& v : b.runs)
      n += u.row == v.row && std::abs(u.first_x - v.first_x) <= kSame_mm && std::abs(u.last_x - v.last_x) <= kSame_mm ? 1 : 0;
  return n >= kShare * std::min(a.length_mm, b.length_mm);
}

// By patch, on which side the layer lies to which it belongs: the mean over its slices by area. Where the fascia leans, a subcutaneous
// layer may seem to lie in front of it on some.
std::vector<double> layer_sides(const std::vector<FluidPatch>& patches) {
  std::vector<double> sides(patches.size());
  std::vector<bool> is_done(patches.size());
  for (std::size_t first = 0; first < patches.size(); ++first) {
    if (is_done[first]) continue;
    std::vector<std::size_t> layer{first};
    is_done[first] = true;
    for (std::size_t at = 0; at < layer.size(); ++at)
      for (std::size_t n = 0; n < patches.size(); ++n)
        if (!is_done[n] && is_one_layer(patches[layer[at]], patches[n])) is_done[n] = true, layer.push_back(n);
    double sum = 0, area = 0;
    for (const auto n : layer) sum += patches[n].area_mm2 * patches[n].side, area += patches[n].area_mm2;
    for (const auto n : layer) sides[n] = sum / area;
  }
  return sides;
}

// Rows of a patch that lie clearly in front of the fascia, most of those near by with them.
std::set<int> clear_rows_of(const FluidPatch& patch) {
  constexpr int kReach = 6;
  constexpr double kShare = 0.6;
  std::set<int> rows, clear, sure;
  for (const auto& run : patch.runs) {
    rows.insert(run.row);
    if (run.side >= kClearSide) clear.insert(run.row);
  }
  for (const int row : clear) {
    const auto near = [&](const std::set<int>& set) {
      return static_cast<double>(std::distance(set.lower_bound(row - kReach), set.upper_bound(row + kReach)));
    };
    if (near(clear) >= kShare * near(rows)) sure.insert(row);
  }
  return sure;
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
    if (const auto rows = clear_rows_of(patch); !rows.empty())
      first = std::min(first, *rows.begin()), last = std::max(last, *rows.rbegin());
  if (last < 0)  // pieces that are clear here and there
    for (const auto& patch : injury.patches)
      for (const auto& run : patch.runs) first = std::min(first, run.row), last = std::max(last, run.row);
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
  // Where fat is nearly as bright as muscle, the superficial fascia's dark line may be taken for the deep one's, and what lies behind it
  // for an injury.
  constexpr double kClearlyDarkerFat = 0.6, kUnsureOfFascia = 0.1;
  if (!reading.injury.patches.empty() && reading.fat_ratio && *reading.fat_ratio > kClearlyDarkerFat &&
      *reading.fat_ratio <= p.fat_good_ratio)
    confidence -= kUnsureOfFascia;
  if (!reading.fat_ratio) confidence -= 0.1;
  if (!reading.artefacts.ghost_ratio) confidence -= 0.05;  // no air in view: whether the patient moved is not seen
  if (reading.muscle.spread > 0.18) confidence -= 0.1;
  if (reading.fluid_ratio < 2.5) confidence -= 0.15;
  if (std::any_of(reading.marrow.begin(), reading.marrow.end(), [](const auto& body) { return body.is_beside_metal; })) confidence -= 0.2;
  return confidence;
}

// Ghosts and the other end of the body may lie over the back, bright where nothing is and dark where fluid is.
double artefact_penalty(MrReading& reading, int first_row, int last_row) {
  constexpr double kGhosts = 0.25, kStrongGhosts = 0.4, kStrongRatio = 0.4, kWrap = 0.25;
  const auto& artefacts = reading.artefacts;
  double penalty = 0;
  if (artefacts.has_ghosts()) {
    penalty += *artefacts.ghost_ratio > kStrongRatio ? kStrongGhosts : kGhosts;
    reading.warnings.emplace_back("motion_ghosts");
  }
  if (artefacts.has_wrap(first_row, last_row)) {
    penalty += kWrap;
    reading.warnings.emplace_back("wrapped_in");
  }
  return penalty;
}

// A strip in the canal's slices alone that keeps its distance from the canal: so would a ghost of the pulsing fluid.
bool may_be_canal_ghost(const std::vector<FluidPatch>& patches, const MrReading& reading) {
  constexpr double kBeside_mm = 15, kShare = 0.65;
  constexpr float kSame_mm = 5;
  constexpr std::size_t kLeastRows = 15;
  const auto& canal = *reading.canal;
  std::vector<float> distances;
  for (const auto& patch : patches)
    for (const auto& run : patch.runs) {
      const auto row = static_cast<std::size_t>(run.row);
      if (std::abs(patch.slice - canal.slice[row]) * reading.stack.slice_mm > kBeside_mm) return false;
      distances.push_back(static_cast<float>(0.5 * (run.first_x + run.last_x) - canal.x_mm[row]));
    }
  std::sort(distances.begin(), distances.end());
  std::size_t most = 0;
  for (auto first = distances.begin(); first != distances.end(); ++first)
    most = std::max(most, static_cast<std::size_t>(std::upper_bound(first, distances.end(), *first + kSame_mm) - first));
  return distances.size() >= kLeastRows && static_cast<double>(most) >= kShare * static_cast<double>(distances.size());
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

double side_within_layer(const FluidPatch& patch, double layer_side) { return std::min(patch.side, layer_side + kOneSlice); }

std::vector<FluidPatch> inside_of(const std::vector<FluidPatch>& patches, std::pair<int, int> rows, const FatState& fat) {
  std::vector<FluidPatch> inside;
  const auto layers = layer_sides(patches);
  for (std::size_t n = 0; n < patches.size(); ++n) {
    auto part = clipped(patches[n], rows.first, rows.second, fat.is_failed_row);
    if (!part.runs.empty() && side_within_layer(part, layers[n]) > 0.5) inside.push_back(std::move(part));
  }
  return inside;
}

}  // namespace

void judge_injury(MrReading& reading, const Evidence& evidence, const MrParameters& p) {
  const auto& fat = evidence.fat;
  const auto [first_row, last_row] = region_rows(reading, evidence.sac, p);
  auto& injury = reading.injury;
  reading.first_region_row = first_row, reading.last_region_row = last_row;
  const auto n_failed = std::count(fat.is_failed_row.begin() + first_row, fat.is_failed_row.begin() + last_row + 1, true);
  const double failed_share = static_cast<double>(n_failed) / (last_row - first_row + 1);
  if (failed_share > 0.5) {
    injury.finding = not_assessable("fat_not_suppressed");
    return;
  }
  if (n_failed > 0) reading.warnings.emplace_back("fat_suppression_failed_in_part");
  std::vector<FluidPatch> inside;
  bool is_unclear = false;
  const auto layers = layer_sides(evidence.patches);
  for (std::size_t n = 0; n < evidence.patches.size(); ++n) {
    const auto part = clipped(evidence.patches[n], first_row, last_row, fat.is_failed_row);
    if (part.runs.empty()) continue;
    const double side = side_within_layer(part, layers[n]);
    if (side > 0.5) {
      if (is_sac(part, reading.fascia)) {
        injury.finding = not_assessable("canal_unclear");
        return;
      }
      if (!is_at_arch(part, reading)) inside.push_back(part);
      continue;
    }
    if (side > -0.5 && is_large(part, p)) is_unclear = true;
    reading.other_fluid.push_back(part);
  }
  for (const auto& patch : inside)
    if (is_large(patch, p) && has_partner(patch, inside, reading, p)) injury.patches.push_back(patch);
  const auto fainter = inside_of(evidence.fainter, {first_row, last_row}, fat);
  if (injury.patches.empty() && !is_unclear) injury.patches = thin_strips(fainter, inside, reading, p);
  const double confidence =
      std::max(kLeastConfidence, confidence_of(reading, p) - 0.4 * failed_share - artefact_penalty(reading, first_row, last_row));
  // A strip that nowhere lies clearly in front of the fascia may be subcutaneous.
  const bool is_clear =
      std::any_of(injury.patches.begin(), injury.patches.end(), [](const auto& patch) { return patch.side >= kClearSide; });
  if (!injury.patches.empty() && !is_clear) {
    is_unclear = true;
    reading.other_fluid.insert(reading.other_fluid.end(), injury.patches.begin(), injury.patches.end());
    injury.patches.clear();
  }
  if (!injury.patches.empty()) {
    const bool is_doubtful = may_be_canal_ghost(injury.patches, reading);
    if (is_doubtful) reading.warnings.emplace_back("may_be_ghost_of_canal");
    injury.finding = {Answer::yes, is_doubtful ? std::min(confidence, kOfDoubtful) : confidence, ""};
    join_pieces(injury.patches, inside);
    measure_size(injury);
    measure_extent(injury, fainter, reading);
    if (*injury.length_mm >= p.min_length_mm || *injury.area_mm2 >= p.min_area_mm2) return;
    // Most of it is of unclear side.
    injury = SoftTissueInjury{};
    injury.finding = {Answer::no, std::min(confidence, kOfNearTheLimit), ""};
    injury.length_mm = injury.area_mm2 = 0.0;
    return;
  }
  if (is_unclear) {
    injury.finding = not_assessable("fluid_beside_fascia_side_unclear");
    return;
  }
  const bool is_near_the_limit = std::any_of(inside.begin(), inside.end(), [&](const auto& patch) { return is_large(patch, p); }) ||
                                 std::any_of(fainter.begin(), fainter.end(), [&](const auto& patch) {
                                   return is_large(patch, p) && has_partner(patch, fainter, reading, p);
                                 });
  injury.finding = {Answer::no, is_near_the_limit ? std::min(confidence, kOfNearTheLimit) : confidence, ""};
  injury.length_mm = injury.area_mm2 = 0.0;
}

}  // namespace cemscope::imaging::mri
