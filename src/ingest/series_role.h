#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/ingest/export_index.h"
#include "src/ingest/header_record.h"

namespace cemscope::ingest {

struct RoleDecision {
  SeriesRole role = SeriesRole::other;
  std::string reason;                       ///< words for series.csv
  std::optional<std::string> failure_code;  ///< set when a series that would matter cannot be used
};

/// What a series is for, from its own attributes. `first` is the header of its first image.
RoleDecision decide_role(const Series& series, const FileHeader& first);

/// The parts of decide_role for one kind of modality.
RoleDecision decide_ct_role(const Series& series, const FileHeader& first);
RoleDecision decide_mr_role(const Series& series, const FileHeader& first);
RoleDecision decide_film_role(const Series& series, const FileHeader& first);

/// Whether a series that is no AP or lateral film by its tags may be one by its content: a film whose view is not stated, or a secondary
/// capture large enough (500 x 400 pixels) that is no dose page. Obliques, functional views and other parts of the body may not.
bool may_be_film(const Series& series);

/// Second look at a study's CT series: an axial series that a thinner one covers becomes thick_ct, and every CT candidate gets its
/// score (0-135, higher is preferred for measuring cement) and the reason for it. Changes nothing else.
std::vector<Series> with_ct_scores(std::vector<Series> series);

/// Whether pixels in this transfer syntax can be decoded.
bool is_decodable(std::string_view transfer_syntax_uid);

/// "axial", "sagittal" or "coronal" by the largest component of the normal; empty without orientation.
std::string plane_name(const Series& series);

/// Number of distinct positions along the normal, and the length in mm from the first to the last.
struct Coverage {
  int n_positions = 0;
  double length_mm = 0;
  double first_mm = 0, last_mm = 0;  ///< along the normal
};
Coverage coverage_of(const Series& series);

/// Whether `text` (any case) holds one of the words, as a part of it.
bool mentions(std::string_view text, std::initializer_list<std::string_view> words);

/// Whether one of the backslash-separated values equals one of the words.
bool has_value(std::string_view values, std::initializer_list<std::string_view> words);

}  // namespace cemscope::ingest
