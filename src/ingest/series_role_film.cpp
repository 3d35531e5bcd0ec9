#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "src/ingest/series_role.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

constexpr const char* kViewNotStated = "the view is not stated";

enum class View { unknown, ap, lateral, oblique };

struct SeenView {
  View view = View::unknown;
  std::string source;
};

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

// Whether the lower-case text holds the word with no letter or digit beside it.
bool has_word(const std::string& lower, std::string_view word) {
  for (auto at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word_character(lower[at - 1]);
    const auto end = at + word.size();
    if (starts && (end == lower.size() || !is_word_character(lower[end]))) return true;
  }
  return false;
}

bool has_any_word(const std::string& lower, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return has_word(lower, word); });
}

// ViewPosition's defined terms (PS3.3 C.8.11.4) and what is met beside them.
View view_of_position(std::string_view position) {
  const auto lower = to_lower(position);
  if (has_any_word(lower, {"ap", "pa", "frontal"})) return View::ap;
  if (has_any_word(lower, {"ll", "rl", "lat", "lateral", "llat", "rlat"})) return View::lateral;
  if (has_any_word(lower, {"rld", "lld", "llo", "rlo", "rao", "lao", "rpo", "lpo", "obl", "oblique"})) return View::oblique;
  return View::unknown;
}

// CID 4010 "DX View"; "value|meaning".
View view_of_code(std::string_view code) {
  const auto lower = to_lower(code);
  if (lower.find("oblique") != std::string::npos) return View::oblique;
  if (mentions(lower, {"antero-posterior", "postero-anterior", "anteroposterior", "posteroanterior"})) return View::ap;
  if (mentions(lower, {"lateral"})) return View::lateral;
  const auto value = lower.substr(0, lower.find('|'));
  if (value == "r-10206" || value == "r-10214" || value == "399348003" || value == "272479007") return View::ap;
  if (value == "r-10228" || value == "r-10232" || value == "r-10236" || value == "399067008" || value == "399173006" ||
      value == "399198007") {
    return View::lateral;
  }
  return View::unknown;
}

bool starts_with_one_of(std::string_view text, std::string_view letters) {
  return !text.empty() && letters.find(text.front()) != std::string_view::npos;
}

// PatientOrientation: where the rows and the columns run to.
View view_of_orientation(std::string_view orientation) {
  const auto directions = split_values(orientation);
  if (directions.size() != 2 || !starts_with_one_of(directions[1], "FH")) return View::unknown;
  if (starts_with_one_of(directions[0], "LR")) return View::ap;
  return starts_with_one_of(directions[0], "AP") ? View::lateral : View::unknown;
}

View view_of_description(const std::string& description) {
  const auto lower = to_lower(description);
  if (has_any_word(lower, {"oblique", "obl", "flexion", "extension", "bending"})) return View::oblique;
  const bool is_lateral = has_any_word(lower, {"lat", "lateral", "ll", "rl", "seitlich", "profil"}) || mentions(lower, {"侧位"});
  const bool is_ap = has_any_word(lower, {"ap", "pa", "a.p.", "frontal", "face"}) || mentions(lower, {"正位"});
  if (is_lateral == is_ap) return View::unknown;
  return is_lateral ? View::lateral : View::ap;
}

SeenView seen_view(const Series& series, const FileHeader& first) {
  const std::array<SeenView, 4> sources{{
      {view_of_position(series.view_position), "ViewPosition"},
      {view_of_code(first.text(HeaderTag::ViewCodeSequence)), "view code"},
      {view_of_orientation(first.text(HeaderTag::PatientOrientation)), "PatientOrientation"},
      {view_of_description(series.description + " " + series.protocol), "description"},
  }};
  const auto seen = std::find_if(sources.begin(), sources.end(), [](const SeenView& s) { return s.view != View::unknown; });
  return seen == sources.end() ? SeenView{} : *seen;
}

bool shows_spine(const Series& series) {
  const auto part = to_lower(series.body_part);
  if (mentions(part, {"spine", "lumb", "thor", "lsp", "tsp", "dors", "sacr", "vertebr"})) return true;
  return !mentions(part,
                   {"hand",   "knee", "foot",  "ankle", "skull",   "head",    "shoulder", "elbow",  "wrist", "breast", "chest", "hip",
                    "finger", "toe",  "femur", "tibia", "humerus", "forearm", "cerv",     "cspine", "neck",  "pelvis", "arm",   "leg"});
}

}  // namespace

RoleDecision decide_film_role(const Series& series, const FileHeader& first) {
  if (!shows_spine(series)) return {SeriesRole::other_film, fmt::format("body part {}", series.body_part), {}};
  const auto seen = seen_view(series, first);
  switch (seen.view) {
    case View::ap: return {SeriesRole::ap_film, "anteroposterior film by " + seen.source, {}};
    case View::lateral: return {SeriesRole::lateral_film, "lateral film by " + seen.source, {}};
    case View::oblique: return {SeriesRole::other_film, "oblique or functional view by " + seen.source, {}};
    case View::unknown: break;
  }
  return {SeriesRole::other_film, kViewNotStated, {}};
}

bool may_be_film(const Series& series) {
  constexpr int kLeastLong = 500, kLeastShort = 400;
  const bool is_large = std::max(series.rows, series.columns) >= kLeastLong && std::min(series.rows, series.columns) >= kLeastShort;
  const bool is_unstated = series.role == SeriesRole::other_film && series.reason == kViewNotStated;
  return is_large && shows_spine(series) && (is_unstated || series.role == SeriesRole::secondary_capture);
}

}  // namespace cemscope::ingest
