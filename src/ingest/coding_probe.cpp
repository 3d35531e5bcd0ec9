#include "src/ingest/coding_probe.h"

#include <algorithm>
#include <array>

#include "imaging/error.h"
#include "src/ingest/pixel_decoder.h"

namespace cemscope::ingest {

namespace {

// Below this the coding can express fat and lung at least, so the declared sign is believed.
constexpr double kNoAir_hu = -500;

// Air in and around the patient is a large part of any CT picture; 2 % of it is asked for.
constexpr double kMinAirShare = 0.02;
constexpr int kAirLow_hu = -1100, kAirHigh_hu = -800;

// Corners of a picture show air or padding, never something this dense.
constexpr int kDenseCorner_hu = 500;

// A padding value above this density lies among those of the body.
constexpr double kTissue_hu = -900;

struct Probe {
  SliceHeader slice;
  std::vector<std::uint16_t> words;
};

// The first, middle and last slice, as far as they can be decoded.
std::vector<Probe> probe_slices(const std::filesystem::path& folder, const std::vector<SliceHeader>& slices) {
  std::vector<Probe> probes;
  for (const auto index : {std::size_t{0}, slices.size() / 2, slices.size() - 1}) {
    Probe probe{slices[index], {}};
    try {
      decode_slice(folder, probe.slice, probe.words);
      probes.push_back(std::move(probe));
    } catch (const Error&) {
      // The decoding proper reports it.
    }
  }
  return probes;
}

double density(std::uint16_t word, const PixelCoding& coding) { return stored_value(word, coding) * coding.slope + coding.intercept; }

double air_share(const Probe& probe, const PixelCoding& coding) {
  const auto n = std::count_if(probe.words.begin(), probe.words.end(), [&](std::uint16_t word) {
    const auto hu = density(word, coding);
    return hu >= kAirLow_hu && hu <= kAirHigh_hu;
  });
  return static_cast<double>(n) / static_cast<double>(probe.words.size());
}

bool cannot_express_air(const PixelCoding& coding) { return !coding.is_signed && coding.slope > 0 && coding.intercept > kNoAir_hu; }

bool has_unbelievable_top_bit(const PixelCoding& coding) { return !coding.is_signed && coding.bits_stored == 16 && coding.slope >= 0.5; }

PixelCoding as_signed(PixelCoding coding) {
  coding.is_signed = true;
  return coding;
}

bool uses_top_bit(const Probe& probe) {
  return std::any_of(probe.words.begin(), probe.words.end(), [](std::uint16_t word) { return word >= 0x8000; });
}

bool is_really_signed(const Probe& probe) {
  const auto& coding = probe.slice.coding;
  if (has_unbelievable_top_bit(coding)) return uses_top_bit(probe);
  return cannot_express_air(coding) && air_share(probe, as_signed(coding)) >= kMinAirShare;
}

std::array<std::uint16_t, 4> corners(const SliceHeader& slice, const std::vector<std::uint16_t>& words) {
  const auto width = static_cast<std::size_t>(slice.columns);
  return {words[0], words[width - 1], words[words.size() - width], words[words.size() - 1]};
}

bool has_dense_corners(const Probe& probe) {
  const auto four = corners(probe.slice, probe.words);
  const auto n_dense =
      std::count_if(four.begin(), four.end(), [&](auto word) { return density(word, probe.slice.coding) > kDenseCorner_hu; });
  return n_dense >= 3;
}

std::vector<std::string> correct_sign(const std::vector<Probe>& probes, std::vector<SliceHeader>& slices) {
  const bool is_signed = std::any_of(probes.begin(), probes.end(), is_really_signed);
  for (auto& slice : slices) slice.coding.is_signed |= is_signed || has_unbelievable_top_bit(slice.coding);
  return is_signed ? std::vector<std::string>{"sign_reinterpreted"} : std::vector<std::string>{};
}

std::vector<std::string> check_polarity(const std::vector<Probe>& probes) {
  if (!probes.empty() && std::all_of(probes.begin(), probes.end(), has_dense_corners)) {
    throw Error(
        ErrorKind::unsupported,
        "monochrome1_inverted: PhotometricInterpretation (0028,0004) is MONOCHROME1 and the pixels are inverted; densities are unknown");
  }
  return {"monochrome1_ct"};
}

// A word with bits beyond BitsStored is no pixel, so it can only be padding.
bool is_beyond_stored_bits(std::uint16_t word, const PixelCoding& coding) {
  const int value = coding.is_signed ? static_cast<std::int16_t>(word) : static_cast<int>(word);
  return stored_value(word, coding) != value;
}

double highest_padding_hu(const PixelCoding& coding) {
  return std::max(density(*coding.padding_first, coding), density(*coding.padding_last, coding));
}

}  // namespace

std::vector<std::string> correct_codings(const std::filesystem::path& folder, std::vector<SliceHeader>& slices) {
  const auto any = [&](auto test) { return std::any_of(slices.begin(), slices.end(), test); };
  const bool has_doubtful_sign =
      any([](const SliceHeader& s) { return has_unbelievable_top_bit(s.coding) || cannot_express_air(s.coding); });
  const bool is_monochrome1 = any([](const SliceHeader& s) { return s.photometric == "MONOCHROME1"; });
  if (!has_doubtful_sign && !is_monochrome1) return {};
  auto probes = probe_slices(folder, slices);
  std::vector<std::string> warnings;
  if (has_doubtful_sign) warnings = correct_sign(probes, slices);
  for (auto& probe : probes) probe.slice.coding.is_signed |= !warnings.empty();
  if (is_monochrome1) {
    const auto more = check_polarity(probes);
    warnings.insert(warnings.end(), more.begin(), more.end());
  }
  return warnings;
}

PixelCoding with_plausible_padding(const SliceHeader& slice, const std::vector<std::uint16_t>& words) {
  auto coding = slice.coding;
  if (!coding.padding_first) return coding;
  const auto is_padding = [&](std::uint16_t word) {
    return static_cast<std::uint16_t>(word - *coding.padding_first) <=
           static_cast<std::uint16_t>(*coding.padding_last - *coding.padding_first);
  };
  const auto four = corners(slice, words);
  const bool is_among_tissue = !is_beyond_stored_bits(*coding.padding_first, coding) && highest_padding_hu(coding) > kTissue_hu;
  if (is_among_tissue && std::none_of(four.begin(), four.end(), is_padding)) coding.padding_first.reset(), coding.padding_last.reset();
  return coding;
}

}  // namespace cemscope::ingest
