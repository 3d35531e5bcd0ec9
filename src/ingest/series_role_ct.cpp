#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "src/ingest/ct_kernel.h"
#include "src/ingest/series_role.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// Fewer positions make no volume.
constexpr int kMinPositions = 3;

// A series is a thick duplicate when another one in its study has steps of at most this share of its own ...
constexpr double kThinnerShare = 0.75;
// ... and covers this share of its length.
constexpr double kCoveredShare = 0.9;

bool is_localizer(const Series& series) {
  return has_value(series.image_type, {"LOCALIZER"}) ||
         mentions(series.description, {"topogram", "scout", "surview", "localizer", "scanogram", "scano", "定位"});
}

// Pictures computed from slices that hold no densities of their own.
bool is_projection(const Series& series) {
  return has_value(series.image_type, {"MIP", "MINIP", "PROJECTION IMAGE", "VOLUME", "VRT", "3D", "SSD", "CURVED", "VNC", "IODINE", "ZEFF",
                                       "PERFUSION", "BONE_REMOVED", "CSA 3D EDITOR"}) ||
         mentions(series.description, {"mip ", " mip", "vrt", "volume render", "3d render", "curved"});
}

bool is_reformatted(const Series& series) {
  return has_value(series.image_type, {"MPR", "REFORMATTED", "SECONDARY", "CT_SOM5 MPR"}) ||
         mentions(series.description, {"mpr", "reformat"});
}

bool is_bolus_tracking(const Series& series) {
  return mentions(series.description, {"monitoring", "bolus", "smartprep", "smart prep", "surestart", "tracker"});
}

RoleDecision unusable_geometry(const Series& series) {
  const char* missing = !series.pixel_spacing_mm ? "PixelSpacing (0028,0030)"
                        : !series.orientation    ? "ImageOrientationPatient (0020,0037)"
                                                 : "ImagePositionPatient (0020,0032)";
  const char* code = !series.pixel_spacing_mm ? "missing_pixel_spacing" : !series.orientation ? "missing_orientation" : "missing_position";
  return {SeriesRole::unsupported, fmt::format("no usable {}: the slices' place is unknown", missing), code};
}

RoleDecision volume_role(const Series& series) {
  const auto coverage = coverage_of(series);
  const auto plane = plane_name(series);
  if (coverage.n_positions < kMinPositions) {
    return {
        SeriesRole::other, fmt::format("{} slice position{}: no volume", coverage.n_positions, coverage.n_positions == 1 ? "" : "s"), {}};
  }
  const auto words = fmt::format("{}, {:.2f} mm apart, {} slices over {:.0f} mm", plane, series.slice_spacing_mm.value_or(0),
                                 coverage.n_positions, coverage.length_mm);
  if (plane != "axial") return {SeriesRole::mpr_ct, words, {}};
  if (is_reformatted(series)) return {SeriesRole::mpr_ct, "reformatted, " + words, {}};
  return {SeriesRole::axial_ct, words, {}};
}

bool is_thick_duplicate(const Series& thick, const Series& thin) {
  if (thin.role != SeriesRole::axial_ct || !thin.slice_spacing_mm || !thick.slice_spacing_mm) return false;
  if (thin.frame_of_reference_uid != thick.frame_of_reference_uid) return false;
  if (*thin.slice_spacing_mm > kThinnerShare * *thick.slice_spacing_mm) return false;
  const auto outer = coverage_of(thin), inner = coverage_of(thick);
  const auto shared = std::min(outer.last_mm, inner.last_mm) - std::max(outer.first_mm, inner.first_mm);
  return shared >= kCoveredShare * inner.length_mm;
}

struct Point {
  double points = 0;
  std::string words;
};

Point plane_points(const Series& series) {
  if (series.role == SeriesRole::axial_ct) return {100, ""};
  return series.role == SeriesRole::mpr_ct ? Point{60, ""} : Point{40, ""};
}

// Partial volume grows with the step: 1 mm is free, every further millimetre costs 8 points.
Point spacing_points(const Series& series) { return {-8.0 * std::clamp(series.slice_spacing_mm.value_or(5.0) - 1.0, 0.0, 5.0), ""}; }

// Sharp kernels overshoot at cement's edge and raise noise; the founding densities are those of soft kernels.
Point kernel_points(const Series& series) {
  const auto name = std::string(split_values(series.kernel).empty() ? std::string_view() : split_values(series.kernel).front());
  switch (kernel_sharpness(series.kernel)) {
    case KernelSharpness::soft: return {5, "soft kernel " + name};
    case KernelSharpness::bone: return {2, "bone kernel " + name};
    case KernelSharpness::lung: return {-5, "lung kernel " + name};
    case KernelSharpness::unknown: break;
  }
  return {0, name.empty() ? "kernel unknown" : "kernel " + name};
}

// Up to 20 points for 200 mm, which is the thoracolumbar junction with three levels on either side.
Point length_points(const Series& series) { return {std::min(coverage_of(series).length_mm, 200.0) / 10.0, ""}; }

Point region_points(const Series& series) {
  const bool is_elsewhere =
      mentions(series.body_part + " " + series.description, {"head", "brain", "skull", "neck", "sinus", "knee", "foot"});
  return is_elsewhere ? Point{-40, "another body region"} : Point{};
}

Point few_slices_points(const Series& series) { return coverage_of(series).n_positions < 10 ? Point{-20, "few slices"} : Point{}; }

Series with_score(Series series) {
  series.score = 0;
  for (const auto& point : {plane_points(series), spacing_points(series), kernel_points(series), length_points(series),
                            region_points(series), few_slices_points(series)}) {
    series.score += point.points;
    if (!point.words.empty()) series.reason += ", " + point.words;
  }
  series.score = std::max(0.0, std::round(series.score * 10) / 10);
  series.reason += fmt::format("; score {:.1f}", series.score);
  return series;
}

bool is_ct_candidate(const Series& series) {
  return series.role == SeriesRole::axial_ct || series.role == SeriesRole::mpr_ct || series.role == SeriesRole::thick_ct;
}

}  // namespace

RoleDecision decide_ct_role(const Series& series, const FileHeader& first) {
  if (is_localizer(series)) return {SeriesRole::localizer, "localizer", {}};
  if (mentions(series.description, {"dose report", "dose info", "patient protocol"})) return {SeriesRole::dose_report, "dose report", {}};
  if (first.text(HeaderTag::SamplesPerPixel) == "3") return {SeriesRole::derived, "colour picture, no densities", {}};
  if (is_projection(series)) return {SeriesRole::derived, "projection or rendering, no densities", {}};
  if (is_bolus_tracking(series)) return {SeriesRole::other, "bolus tracking", {}};
  const bool has_geometry = series.orientation && series.pixel_spacing_mm && !series.images.empty() && series.images.front().position_mm;
  return has_geometry ? volume_role(series) : unusable_geometry(series);
}

std::vector<Series> with_ct_scores(std::vector<Series> series) {
  auto result = series;
  for (auto& one : result) {
    if (one.role != SeriesRole::axial_ct) continue;
    const auto thin = std::find_if(series.begin(), series.end(), [&](const Series& other) { return is_thick_duplicate(one, other); });
    if (thin == series.end()) continue;
    one.role = SeriesRole::thick_ct;
    one.reason =
        fmt::format("thick duplicate of series {} ({:.2f} mm apart): {}", thin->series_number, *thin->slice_spacing_mm, one.reason);
  }
  for (auto& one : result) {
    if (is_ct_candidate(one)) one = with_score(std::move(one));
  }
  return result;
}

}  // namespace cemscope::ingest
