#include "imaging/mri/references.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/order_statistics.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kFatDepth_mm = 14;  // of the subcutaneous layer behind the fascia
constexpr double kFatShare = 0.2;    // the darkest fifth of the layer is fat even where oedema fills most of it
constexpr int kFatBlock = 10;        // rows

// Median log signal of the bodies' place in some rows, over the muscle field along the body.
double marrow_level(const Grid<float>& logs, const MrReading& reading, int first_row, int last_row, const std::vector<bool>& left_out) {
  const auto& canal = *reading.canal;
  std::vector<float> sample;
  for (int y = first_row; y <= last_row; y += 2) {
    const auto row = static_cast<std::size_t>(y);
    if (!left_out.empty() && left_out[row]) continue;
    const int z = static_cast<int>(std::lround(canal.slice[row]));
    for (double front = 15; front <= 31; front += 2) {
      const auto point = body_point(canal, y, front, 0);
      const int x = static_cast<int>(point.x), v = static_cast<int>(point.row);
      if (x >= 0 && v >= 0 && x < logs.nx && v < logs.ny) sample.push_back(logs.at(x, v, z) - static_cast<float>(reading.muscle.row[row]));
    }
  }
  return sample.size() < 30 ? spine::kNoVote : static_cast<double>(percentile(std::move(sample), 0.5));
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
  return s_of(percentile(std::move(sample), 0.85), reading.fluid_ratio) > kFluidShare;
}

}  // namespace

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
    if (sample.size() > 100) ratios.push_back(percentile(std::move(sample), 0.92));
  }
  return ratios.empty() ? 0.0 : std::exp(percentile(std::move(ratios), 0.6));
}

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
    blocks.push_back(sample.size() > 30 ? static_cast<double>(percentile(std::move(sample), kFatShare)) : spine::kNoVote);
    if (blocks.back() > spine::kNoVote) known.push_back(static_cast<float>(blocks.back()));
  }
  if (known.empty()) return state;
  state.ratio = std::exp(percentile(known, 0.5));
  blocks = spine::running_median(blocks, 1);
  for (std::size_t n = 0; n < blocks.size(); ++n)
    if (std::exp(blocks[n]) > parameters.fat_failed_ratio)
      for (int y = canal.first_row + static_cast<int>(n) * kFatBlock;
           y < std::min(logs.ny, canal.first_row + static_cast<int>(n + 1) * kFatBlock); ++y)
        state.is_failed_row[static_cast<std::size_t>(y)] = true;
  if (*state.ratio <= parameters.fat_failed_ratio) forgive_oedema(state.is_failed_row, logs, reading);
  return state;
}

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

}  // namespace cemscope::imaging::mri
