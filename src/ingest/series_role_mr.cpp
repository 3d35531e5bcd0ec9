#include <fmt/format.h>

#include "src/ingest/series_role.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// Windows of the spin-echo and inversion sequences in clinical use at 0.3-3 T, ms.
constexpr double kStirInversionLow_ms = 80, kStirInversionHigh_ms = 300;
constexpr double kT1MaxEcho_ms = 30, kT1MaxRepetition_ms = 1300;
constexpr double kT2MinEcho_ms = 45, kT2MinRepetition_ms = 1400;
// Suppressed fat makes fluid stand out at shorter echoes, too.
constexpr double kSuppressedMinEcho_ms = 30;

/// What the tags and names of a sequence say.
struct Sequence {
  double echo_ms = -1, repetition_ms = -1, inversion_ms = -1;  ///< -1: not stated
  bool is_inversion_recovery = false;
  std::string words;    ///< description, protocol, sequence name, in lower case
  std::string options;  ///< ScanOptions
  std::string image_type;
};

Sequence sequence_of(const Series& series, const FileHeader& first) {
  Sequence sequence;
  sequence.echo_ms = series.echo_time_ms.value_or(-1);
  sequence.repetition_ms = series.repetition_time_ms.value_or(-1);
  sequence.inversion_ms = series.inversion_time_ms.value_or(-1);
  sequence.is_inversion_recovery = has_value(first.text(HeaderTag::ScanningSequence), {"IR"});
  sequence.words = to_lower(series.description + " | " + series.protocol + " | " + series.sequence_name);
  sequence.options = series.scan_options;
  sequence.image_type = series.image_type;
  return sequence;
}

bool is_scout(const Sequence& s) {
  return has_value(s.image_type, {"LOCALIZER"}) ||
         mentions(s.words, {"localizer", "localiser", "scout", "survey", "3-plane", "3plane", "定位"});
}

bool is_diffusion(const Sequence& s) {
  return mentions(s.words, {"dwi", "diffusion", "adc", "ep2d", "epi_", "dti"}) || has_value(s.image_type, {"DIFFUSION", "ADC", "TRACEW"});
}

// Dixon and chemical-shift pictures other than water.
bool is_other_dixon(const Sequence& s) {
  return has_value(s.image_type, {"FAT", "F", "IP", "OP", "IN_PHASE", "OUT_PHASE", "OPP_PHASE", "FAT_FRACTION", "FF"}) ||
         mentions(s.words, {"_opp",  "_in ",         "in-phase", "inphase", "in phase", "opposed",  "out-phase", "outphase", "out phase",
                            "_out ", "fat fraction", "fat:",     "(fat)",   "dixon_f",  "dixon_in", "dixon_op",  "_f ",      "dixon fat",
                            "wfi_f", "fat image",    "fat only", "脂像",    "脂相",     "同相位",   "反相位"});
}

// Phases, differences, projections and maps of other quantities hold no signal that could be read.
bool is_computed(const Sequence& s) {
  return has_value(s.image_type,
                   {"P", "PHASE", "PHASE MAP", "I", "IMAGINARY", "SUBTRACTION", "PROJECTION IMAGE", "MIP", "T2 MAP", "T1 MAP"}) ||
         mentions(s.words, {"subtraction", "t2map", "t2 map", "t2_map", "mip ", "_mip"});
}

bool is_stir(const Sequence& s) {
  if (mentions(s.words, {"stir", "tirm", "*tir"})) return s.inversion_ms < 0 || s.inversion_ms <= kStirInversionHigh_ms;
  return s.inversion_ms >= kStirInversionLow_ms && s.inversion_ms <= kStirInversionHigh_ms && s.is_inversion_recovery;
}

// Long inversion times null water (FLAIR) or sharpen T1, not fat.
bool is_other_inversion(const Sequence& s) { return s.inversion_ms > kStirInversionHigh_ms || mentions(s.words, {"flair", "dark fluid"}); }

bool has_fat_option(const Sequence& s) {
  for (const auto value : split_values(s.options)) {
    if (mentions(value, {"fatsat", "fat_sat", "spir", "spair", "chess", "water"})) return true;
    if (value == "FS" || value == "SFS" || value == "FSS" || value == "FAT_SAT_GEMS") return true;
  }
  return false;
}

// "no fs", "T2 w/o fat sat": said to be without.
bool is_said_to_be_without(const Sequence& s) {
  return mentions(s.words, {"no fs", "no_fs", "nofs", "non fs", "non-fs", "nonfs", "no fat", "non fat", "non-fat", "w/o f", "w/o_f",
                            "without f", "ohne f", "sans f", "sin sat"});
}

bool is_fat_suppressed(const Sequence& s) {
  if (has_fat_option(s) || has_value(s.image_type, {"WATER", "W"})) return true;
  if (is_said_to_be_without(s)) return false;
  if (mentions(s.words, {"fatsat", "fat sat", "fat_sat", "fat-sat", "spair", "spir", "water", "dixon_w", "wfi_w", "fatsup", "fat sup",
                         "fettsat", "fettges", "压脂", "抑脂", "脂肪抑制", "水像", "水相"})) {
    return true;
  }
  if (mentions(s.words, {"dixon", "wfi"}) && mentions(s.words, {"_w "})) return true;
  // "fs" as a word of its own: "t2_tse_fs_sag", "T2 FS", but not "fse" or "tfs3d".
  for (auto at = s.words.find("fs"); at != std::string::npos; at = s.words.find("fs", at + 1)) {
    const auto is_letter = [&](std::size_t i) { return i < s.words.size() && s.words[i] >= 'a' && s.words[i] <= 'z'; };
    if (!is_letter(at + 2) && !(at > 0 && is_letter(at - 1))) return true;
  }
  return false;
}

enum class Weighting { t1, t2, other, unknown };

Weighting weighting_by_times(const Sequence& s) {
  if (s.echo_ms < 0 || s.repetition_ms < 0) return Weighting::unknown;
  if (s.echo_ms < kT1MaxEcho_ms && s.repetition_ms <= kT1MaxRepetition_ms) return Weighting::t1;
  if (s.echo_ms >= kT2MinEcho_ms && s.repetition_ms >= kT2MinRepetition_ms) return Weighting::t2;
  return Weighting::other;
}

Weighting weighting_by_name(const Sequence& s) {
  const bool is_t1 = mentions(s.words, {"t1"}), is_t2 = mentions(s.words, {"t2"}) && !mentions(s.words, {"t2*", "t2star"});
  if (is_t1 == is_t2) return Weighting::unknown;
  return is_t1 ? Weighting::t1 : Weighting::t2;
}

Weighting weighting_of(const Sequence& s) {
  const auto by_times = weighting_by_times(s);
  return by_times == Weighting::unknown ? weighting_by_name(s) : by_times;
}

std::string times_of(const Sequence& s) {
  std::string text;
  if (s.repetition_ms >= 0) text += fmt::format(", TR {:.0f}", s.repetition_ms);
  if (s.echo_ms >= 0) text += fmt::format(", TE {:.0f}", s.echo_ms);
  if (s.inversion_ms > 0) text += fmt::format(", TI {:.0f}", s.inversion_ms);
  return text + (text.empty() ? "" : " ms");
}

RoleDecision weighted_role(const Sequence& s) {
  switch (weighting_of(s)) {
    case Weighting::t1: return {SeriesRole::mr_t1, is_fat_suppressed(s) ? "T1, fat-suppressed" : "T1", {}};
    case Weighting::t2:
      if (is_fat_suppressed(s)) return {SeriesRole::mr_t2_fs, "T2, fat-suppressed", {}};
      return {SeriesRole::mr_t2, "T2", {}};
    case Weighting::other:
      if (s.echo_ms >= kSuppressedMinEcho_ms && s.repetition_ms >= kT2MinRepetition_ms && is_fat_suppressed(s))
        return {SeriesRole::mr_t2_fs, "between proton density and T2, fat-suppressed", {}};
      return {SeriesRole::mr_other, "neither T1 nor T2 by its times", {}};
    case Weighting::unknown: break;
  }
  return {SeriesRole::mr_other, "weighting not stated", {}};
}

RoleDecision sequence_role(const Sequence& s) {
  if (is_scout(s)) return {SeriesRole::localizer, "localizer", {}};
  if (is_diffusion(s)) return {SeriesRole::mr_other, "diffusion or echo-planar", {}};
  if (is_computed(s)) return {SeriesRole::mr_other, "computed picture", {}};
  if (is_other_dixon(s)) return {SeriesRole::mr_other, "Dixon picture other than water", {}};
  if (is_stir(s)) return {SeriesRole::mr_stir, "STIR", {}};
  if (is_other_inversion(s)) {
    const bool is_t1 = weighting_by_name(s) == Weighting::t1;
    return {
        is_t1 ? SeriesRole::mr_t1 : SeriesRole::mr_other, is_t1 ? "T1 by inversion recovery" : "inversion recovery other than STIR", {}};
  }
  return weighted_role(s);
}

}  // namespace

RoleDecision decide_mr_role(const Series& series, const FileHeader& first) {
  const auto sequence = sequence_of(series, first);
  auto decision = sequence_role(sequence);
  const auto plane = plane_name(series);
  if (!plane.empty()) decision.reason = plane + " " + decision.reason;
  decision.reason += times_of(sequence);
  return decision;
}

}  // namespace cemscope::ingest
