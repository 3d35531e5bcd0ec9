#include "src/ingest/hounsfield.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace cemscope::ingest {

namespace {

constexpr int kLowest = kPaddingHu, kHighest = 32767;
constexpr int kJustBelow_hu = 10;
constexpr std::int64_t kMinClippedInSlice = 10, kClipContrast = 4;

std::int16_t clamped(double density) { return static_cast<std::int16_t>(std::lround(std::clamp<double>(density, kLowest, kHighest))); }

bool is_narrow(const PixelCoding& coding) {
  const bool has_whole_intercept = coding.slope == 1.0 && coding.intercept == std::floor(coding.intercept);
  return has_whole_intercept && std::abs(coding.intercept) <= 31000 && (coding.is_signed || coding.bits_stored < 16);
}

// Shifts that bring the stored bits to the top of a word of `width` bits and back down, signed or not.
struct BitShifts {
  int up, down;
};
BitShifts bit_shifts(const PixelCoding& coding, int width) { return {width - 1 - coding.high_bit, width - coding.bits_stored}; }

// The usual coding: a whole intercept and stored values that fit 16 signed bits. Clamped before the intercept is added, so that nothing
// overflows and the compiler can work on eight pixels at a time.
template <typename Word>
void convert_narrow(std::span<const std::uint16_t> words, const PixelCoding& coding, std::span<std::int16_t> densities) {
  const auto [up, down] = bit_shifts(coding, 16);
  const auto intercept = static_cast<int>(coding.intercept);
  const auto low = static_cast<std::int16_t>(std::clamp(kLowest - intercept, -32768, 32767));
  const auto high = static_cast<std::int16_t>(std::clamp(kHighest - intercept, -32768, 32767));
  const auto n = words.size();
  for (std::size_t i = 0; i < n; ++i) {
    const auto stored = static_cast<std::int16_t>(static_cast<Word>(static_cast<Word>(words[i]) << up) >> down);
    const auto clipped = std::min(std::max(stored, low), high);
    densities[i] = static_cast<std::int16_t>(clipped + intercept);
  }
}

std::vector<std::int16_t> density_table(const PixelCoding& coding) {
  std::vector<std::int16_t> table(65536);
  for (std::size_t word = 0; word < table.size(); ++word) {
    table[word] = clamped(stored_value(static_cast<std::uint16_t>(word), coding) * coding.slope + coding.intercept);
  }
  return table;
}

void convert_by_table(std::span<const std::uint16_t> words, const PixelCoding& coding, std::span<std::int16_t> densities) {
  // Slices of a series nearly always share their coding; each thread keeps its last table.
  thread_local PixelCoding known;
  thread_local std::vector<std::int16_t> table;
  if (table.empty() || known != coding) {
    table = density_table(coding);
    known = coding;
  }
  std::transform(words.begin(), words.end(), densities.begin(), [](std::uint16_t word) { return table[word]; });
}

void apply_padding(std::span<const std::uint16_t> words, const PixelCoding& coding, std::span<std::int16_t> densities) {
  // A signed range may run from negative to positive words; counting from its start makes the test one unsigned comparison.
  const auto first = *coding.padding_first;
  const auto length = static_cast<std::uint16_t>(*coding.padding_last - first);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_padding = static_cast<std::uint16_t>(words[i] - first) <= length;
    densities[i] = is_padding ? kPaddingHu : densities[i];
  }
}

// Counts in blocks that a 16-bit counter holds, eight voxels at a time.
std::int64_t count_from(std::span<const std::int16_t> densities, std::int16_t lowest) {
  constexpr std::size_t kBlock = 16384;
  std::int64_t total = 0;
  for (std::size_t start = 0; start < densities.size(); start += kBlock) {
    std::int16_t count = 0;
    for (const auto density : densities.subspan(start, std::min(kBlock, densities.size() - start))) {
      count = static_cast<std::int16_t>(count + (density >= lowest ? 1 : 0));
    }
    total += count;
  }
  return total;
}

PeakCount peak_of(std::span<const std::int16_t> densities) {
  PeakCount peak;
  for (const auto density : densities) peak.peak_hu = std::max(peak.peak_hu, density);
  peak.n_at_peak = peak.most_in_slice = count_from(densities, peak.peak_hu);
  peak.n_just_below = count_from(densities, static_cast<std::int16_t>(peak.peak_hu - kJustBelow_hu)) - peak.n_at_peak;
  return peak;
}

}  // namespace

int stored_value(std::uint16_t word, const PixelCoding& coding) {
  const auto [up, down] = bit_shifts(coding, 32);
  const auto top = static_cast<std::uint32_t>(word) << up;
  return coding.is_signed ? static_cast<std::int32_t>(top) >> down : static_cast<int>(top >> down);
}

PeakCount convert_to_hounsfield(std::span<const std::uint16_t> words, const PixelCoding& coding, std::span<std::int16_t> densities) {
  assert(words.size() == densities.size());
  if (!is_narrow(coding))
    convert_by_table(words, coding, densities);
  else if (coding.is_signed)
    convert_narrow<std::int16_t>(words, coding, densities);
  else
    convert_narrow<std::uint16_t>(words, coding, densities);
  if (coding.padding_first) apply_padding(words, coding, densities);
  return peak_of(densities);
}

PeakCount merged(const PeakCount& a, const PeakCount& b) {
  if (b.peak_hu > a.peak_hu) return merged(b, a);
  PeakCount both = a;
  if (b.peak_hu == a.peak_hu) {
    both.n_at_peak += b.n_at_peak;
    both.n_just_below += b.n_just_below;
    both.most_in_slice = std::max(a.most_in_slice, b.most_in_slice);
  } else if (b.peak_hu >= a.peak_hu - kJustBelow_hu) {
    both.n_just_below += b.n_at_peak;
  }
  return both;
}

std::int16_t highest_storable_hu(const PixelCoding& coding) {
  const double highest = std::ldexp(1.0, coding.is_signed ? coding.bits_stored - 1 : coding.bits_stored) - 1;
  const double lowest = coding.is_signed ? -std::ldexp(1.0, coding.bits_stored - 1) : 0.0;
  return clamped(std::max(highest * coding.slope, lowest * coding.slope) + coding.intercept);
}

std::int16_t saturation_hu(const PixelCoding& coding, const PeakCount& peak) {
  const auto storable = highest_storable_hu(coding);
  const bool is_clipped =
      peak.most_in_slice >= kMinClippedInSlice && peak.n_at_peak >= kClipContrast * std::max<std::int64_t>(1, peak.n_just_below);
  return is_clipped ? std::min(storable, peak.peak_hu) : storable;
}

}  // namespace cemscope::ingest
