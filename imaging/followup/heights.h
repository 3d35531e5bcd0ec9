#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "imaging/followup/body_heights.h"

namespace cemscope::imaging::followup {

using Place = std::optional<double> BodyHeights::*;
inline constexpr std::array<Place, 3> kHeights{&BodyHeights::anterior_mm, &BodyHeights::middle_mm, &BodyHeights::posterior_mm};

/// Which bodies count; a body treated at either time is none of the untreated.
enum class Of { all, untreated };

bool is_untreated(const BodyHeights& before, const BodyHeights& after);

/// Whether a body's heights at both times may be held against each other.
bool is_comparable(const BodyHeights& before, const BodyHeights& after);

/// Whether neither reaches an examination's end; others neither match levels nor set the scale.
bool is_whole(const BodyHeights& before, const BodyHeights& after);

/// Logarithms of follow-up over baseline heights at some places, of the bodies that are comparable under a shift of indices.
std::vector<double> log_ratios(const TimePoint& a, const TimePoint& b, int shift, std::span<const Place> places = kHeights,
                               Of of = Of::all);

/// The upper one of two in the middle. Not of nothing.
double median(std::vector<double> values);

/// The logarithm of the ratio of heights that two modalities are known to have.
double expected_log_ratio(const TimePoint& a, const TimePoint& b);

/// The logarithm common to ratios of bodies of which few have changed: their median, together with what is known of examinations in mm
/// beforehand, so that a collapse among two or three bodies is not taken for another scale. Films are magnified by any factor.
double common_log_ratio(std::vector<double> ratios, const TimePoint& a, const TimePoint& b);

}  // namespace cemscope::imaging::followup
