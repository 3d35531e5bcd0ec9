#include "src/ingest/series_role.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/Core>

#include "src/ingest/image_geometry.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

constexpr std::string_view kDoseSr = "1.2.840.10008.5.1.4.1.1.88.67";
constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

bool is_enhanced(std::string_view uid) {
  return uid == "1.2.840.10008.5.1.4.1.1.2.1" || uid == "1.2.840.10008.5.1.4.1.1.2.2" || uid == "1.2.840.10008.5.1.4.1.1.4.1" ||
         uid == "1.2.840.10008.5.1.4.1.1.4.4";
}

bool is_image_modality(const std::string& modality) {
  return modality == "CT" || modality == "MR" || modality == "CR" || modality == "DX" || modality == "RF" || modality == "XA";
}

RoleDecision decide_document_role(const Series& series) {
  if (series.sop_class_uid == kDoseSr || mentions(series.description, {"dose"}))
    return {SeriesRole::dose_report, "radiation dose report", {}};
  return {SeriesRole::other, fmt::format("modality {} holds no image to measure", series.modality.empty() ? "?" : series.modality), {}};
}

}  // namespace

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  const auto lower = to_lower(text);
  return std::any_of(words.begin(), words.end(), [&](auto word) { return lower.find(word) != std::string::npos; });
}

bool has_value(std::string_view values, std::initializer_list<std::string_view> words) {
  for (const auto value : split_values(values)) {
    if (std::find(words.begin(), words.end(), value) != words.end()) return true;
  }
  return false;
}

bool is_decodable(std::string_view uid) {
  constexpr std::string_view kKnown[] = {
      "1.2.840.10008.1.2",      "1.2.840.10008.1.2.1",     "1.2.840.10008.1.2.1.99",  "1.2.840.10008.1.2.2",    "1.2.840.113619.5.2",
      "1.2.840.10008.1.2.5",    "1.2.840.10008.1.2.4.50",  "1.2.840.10008.1.2.4.51",  "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55",
      "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",  "1.2.840.10008.1.2.4.80",  "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90",
      "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"};
  return std::find(std::begin(kKnown), std::end(kKnown), uid) != std::end(kKnown);
}

std::string plane_name(const Series& series) {
  if (!series.orientation) return "";
  const auto normal = image_normal(*series.orientation);
  Eigen::Index axis = 0;
  normal.cwiseAbs().maxCoeff(&axis);
  constexpr const char* kNames[] = {"sagittal", "coronal", "axial"};
  return kNames[axis];
}

Coverage coverage_of(const Series& series) {
  Coverage coverage;
  if (!series.orientation) return coverage;
  const auto normal = image_normal(*series.orientation);
  double previous = 0;
  for (const auto& image : series.images) {
    if (!image.position_mm) continue;
    const auto projection = Eigen::Map<const Eigen::Vector3d>(image.position_mm->data()).dot(normal);
    if (coverage.n_positions == 0) coverage.first_mm = projection;
    // Two images less than 0.02 mm apart share a position (see series_split).
    if (coverage.n_positions == 0 || projection - previous >= 0.02) ++coverage.n_positions;
    previous = projection;
    coverage.last_mm = projection;
  }
  coverage.length_mm = coverage.last_mm - coverage.first_mm;
  return coverage;
}

RoleDecision decide_role(const Series& series, const FileHeader& first) {
  const bool has_pixels = series.rows > 0;
  if (!has_pixels || !(is_image_modality(series.modality) || series.modality == "OT" || series.modality == "SC")) {
    return decide_document_role(series);
  }
  if (is_enhanced(series.sop_class_uid) && !first.is_frame) {
    return {SeriesRole::unsupported,
            "enhanced image whose functional groups cannot be read frame by frame; export the classic single-frame form",
            "enhanced_multiframe_unsupported"};
  }
  if (series.sop_class_uid.starts_with(kSecondaryCapture) || series.modality == "OT" || series.modality == "SC") {
    if (mentions(series.description, {"dose", "patient protocol"})) return {SeriesRole::dose_report, "dose report as a picture", {}};
    return {SeriesRole::secondary_capture, "secondary capture: a picture of an image, without densities", {}};
  }
  if (!is_decodable(series.transfer_syntax_uid)) {
    return {SeriesRole::unsupported, fmt::format("transfer syntax {} cannot be decoded", series.transfer_syntax_uid),
            "unsupported_transfer_syntax"};
  }
  if (series.modality == "CT") return decide_ct_role(series, first);
  if (series.modality == "MR") return decide_mr_role(series, first);
  return decide_film_role(series, first);
}

}  // namespace cemscope::ingest
