#include "imaging/followup/time_point.h"

#include <algorithm>
#include <array>
#include <optional>

#include "imaging/followup/heights.h"
#include "imaging/radiograph/shadow_heights.h"
#include "imaging/radiograph/shadow_outline.h"
#include "imaging/spine/levels.h"

namespace cemscope::imaging::followup {
namespace {

struct HeightRange {
  double low_mm = 1e9, high_mm = -1e9;
};

HeightRange height_range(const CtVolume& volume) {
  const auto& image = *volume.image;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  HeightRange range;
  for (int corner = 0; corner < 8; ++corner) {
    HuImage::IndexType index;
    for (int d = 0; d < 3; ++d) index[d] = (corner >> d & 1) != 0 ? static_cast<long>(size[d]) - 1 : 0;
    HuImage::PointType point;
    image.TransformIndexToPhysicalPoint(index, point);
    range = {std::min(range.low_mm, point[2]), std::max(range.high_mm, point[2])};
  }
  return range;
}

// The bodies above and below a treated one whose name is known.
void name_from_treated(std::vector<BodyHeights>& bodies) {
  const auto known = std::find_if(bodies.begin(), bodies.end(), [](const BodyHeights& body) { return !body.level.empty(); });
  if (known == bodies.end()) return;
  const std::string level = known->level;
  const auto index = known - bodies.begin();
  for (std::size_t n = 0; n < bodies.size(); ++n)
    if (bodies[n].level.empty()) bodies[n].level = spine::level_below(level, static_cast<int>(n) - static_cast<int>(index));
}

// The first cemented body where the cemented ones are as many as the treated levels and as far apart.
std::optional<std::size_t> first_of_same_pattern(const std::vector<BodyHeights>& bodies, const std::vector<std::string>& treated_levels) {
  std::vector<std::size_t> cemented;
  for (std::size_t n = 0; n < bodies.size(); ++n)
    if (bodies[n].is_treated) cemented.push_back(n);
  if (cemented.empty() || cemented.size() != treated_levels.size()) return std::nullopt;
  for (std::size_t n = 0; n < cemented.size(); ++n)
    if (spine::level_below(treated_levels.front(), static_cast<int>(cemented[n] - cemented.front())) != treated_levels[n])
      return std::nullopt;
  return cemented.front();
}

}  // namespace

TimePoint time_point_of_ct(const CtReading& reading, const CtVolume& volume) {
  TimePoint point;
  point.modality = "CT";
  const auto range = height_range(volume);
  point.bodies = heights_of_labels(reading.bodies, reading.n_bodies, range.low_mm, range.high_mm);
  // A face that stands for the scan's end lies where the scan ends aslant: what is drawn of the body may keep clear of that.
  for (std::size_t n = 0; n < std::min(point.bodies.size(), reading.ct_bodies.size()); ++n)
    if (reading.ct_bodies[n].is_cut && !point.bodies[n].is_at_end) point.bodies[n].is_cut = true;
  for (const auto& treated : reading.treated) {
    if (treated.body_label == 0) continue;
    auto& body = point.bodies[treated.body_label - 1U];
    body.is_treated = true, body.level = treated.measurement.level;
  }
  name_from_treated(point.bodies);
  point.view = view_of_ct(volume, reading.bodies, reading.n_bodies);
  return point;
}

TimePoint time_point_of_mr(const MrReading& reading, const MrLevels& levels, const std::vector<std::string>& treated_levels) {
  TimePoint point;
  point.modality = "MR";
  point.bodies = heights_of_mr(reading, levels);
  point.view = view_of_mr(reading);
  const auto is_named = [&](const BodyHeights& body) {
    return !body.level.empty() && std::find(treated_levels.begin(), treated_levels.end(), body.level) != treated_levels.end();
  };
  const auto is_treated = [](const BodyHeights& body) { return body.is_treated; };
  if (std::none_of(point.bodies.begin(), point.bodies.end(), is_treated)) {
    for (auto& body : point.bodies) body.is_treated = is_named(body);
    return point;
  }
  const bool is_contradicted =
      std::none_of(point.bodies.begin(), point.bodies.end(), [&](const BodyHeights& body) { return body.is_treated && is_named(body); });
  const auto first = first_of_same_pattern(point.bodies, treated_levels);
  if (!first && !(is_contradicted && !treated_levels.empty())) return point;
  for (auto& body : point.bodies) body.level.clear();
  if (first) point.bodies[*first].level = treated_levels.front(), name_from_treated(point.bodies);
  return point;
}

TimePoint time_point_of_film(const FilmReading& reading) {
  constexpr double kLeastPlain = 0.4;  // below, a height is 10 % off in the median
  TimePoint point;
  point.modality = "XR";
  if (!reading.lateral) return point;
  const auto& lateral = *reading.lateral;
  point.is_in_mm = lateral.film->spacing_source != SpacingSource::none;
  for (const auto& heights : radiograph::shadow_heights(lateral)) {
    BodyHeights body;
    for (std::size_t n = 0; n < kHeights.size(); ++n) {
      body.plainness[n] = heights[n] ? heights[n]->plainness : 0;
      if (body.plainness[n] >= kLeastPlain) body.*kHeights[n] = heights[n]->mm;
    }
    point.bodies.push_back(std::move(body));
  }
  for (const auto& treated : reading.treated) {
    const int body = lateral_body(reading, treated);
    if (body < 0) continue;
    auto& own = point.bodies[static_cast<std::size_t>(body)];
    own.is_treated = true, own.level = treated.measurement.level;
  }
  name_from_treated(point.bodies);
  std::vector<radiograph::BodyBox> boxes;
  for (const auto& box : lateral.strip.bodies) boxes.push_back(radiograph::shadow_outline(lateral.shadows, box).value_or(box));
  point.view = view_of_film(lateral, boxes);
  return point;
}

}  // namespace cemscope::imaging::followup
