#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cemscope::ingest {

/// How stored words become densities. Words are 16 bits; 8-bit pixels are widened before.
struct PixelCoding {
  int bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  double slope = 1.0, intercept = 0.0;
  std::optional<std::uint16_t> padding_first, padding_last;  ///< stored words, inclusive range; equal for a single padding value
  bool operator==(const PixelCoding&) const = default;
};

/// The density outside the reconstruction circle, and the lowest one kept: nothing is thinner than vacuum (-1000 HU and noise).
inline constexpr std::int16_t kPaddingHu = -1024;

/// Counts that tell a clipped scale: the highest density of a slice, how many voxels have it and how many lie within 10 HU below.
struct PeakCount {
  std::int16_t peak_hu = -32768;
  std::int64_t n_at_peak = 0, n_just_below = 0, most_in_slice = 0;  ///< most_in_slice: of n_at_peak in one slice
};

/// The stored value of a word: bits above BitsStored (overlays) removed, sign extended.
int stored_value(std::uint16_t word, const PixelCoding& coding);

/// Stored value x slope + intercept, rounded to the nearest integer and clamped to [-1024, 32767]; padding becomes -1024.
/// `densities` has the size of `words`. Returns the peak of the slice.
PeakCount convert_to_hounsfield(std::span<const std::uint16_t> words, const PixelCoding& coding, std::span<std::int16_t> densities);

/// Peaks of two sets of slices together.
PeakCount merged(const PeakCount& a, const PeakCount& b);

/// The highest density that the coding can store, at most 32767.
std::int16_t highest_storable_hu(const PixelCoding& coding);

/// The density at which voxels are saturated: the highest storable one, or a lower one at which the data are visibly clipped
/// (ten voxels or more of a slice at the peak, and in all four times as many as within 10 HU below it).
std::int16_t saturation_hu(const PixelCoding& coding, const PeakCount& peak);

}  // namespace cemscope::ingest
