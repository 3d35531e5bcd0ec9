#include "imaging/mri/settled_bodies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace cemscope::imaging::mri {
namespace {

/// A body's edge: the row at the axis and its tilt.
struct Edge {
  double row, tilt;
};

// Where the map's odds change sign near an edge, along the best line; `inside` is +1 for an upper edge. The edge itself where that is
// nowhere clear.
Edge settled(const Edge& edge, int inside, double middle_row, const BodyMap& map) {
  constexpr double kReach = 7, kStep = 0.5, kMostTurn = 0.36, kTurnStep = 0.06, kMostTilt = 0.7, kFirst_mm = 14, kLast_mm = 34,
                   kLeastClear = 1, kOff = 0.015, kTurned = 0.6, kLeastInside = 2;
  constexpr std::array<double, 4> kBeside{0.5, 1.5, 2.5, 3.5};
  Edge best = edge;
  double highest = -1e9, clearness = 0;
  for (double off = -kReach; off <= kReach; off += kStep)
    for (double turn = -kMostTurn; turn <= kMostTurn + 1e-9; turn += kTurnStep) {
      const Edge at{edge.row + off, std::clamp(edge.tilt + turn, -kMostTilt, kMostTilt)};
      if (inside * (middle_row - at.row) < kLeastInside) continue;
      double sum = 0;
      int n = 0;
      for (double front = kFirst_mm; front <= kLast_mm; front += 2, ++n)
        for (const double beside : kBeside)
          sum += tilted_odds_at(map.body, at.row + inside * beside, front, at.tilt) -
                 tilted_odds_at(map.body, at.row - inside * beside, front, at.tilt);
      const double clear = sum / (2.0 * n * kBeside.size()), value = clear - kOff * off * off - kTurned * std::abs(turn);
      if (value > highest) highest = value, best = at, clearness = clear;
    }
  return clearness > kLeastClear ? best : edge;
}

// From wall to wall: no triangle.
bool are_apart(const Edge& upper, const Edge& lower) {
  constexpr double kLeast_mm = 3, kLeastShare = 0.35, kHalfDepth_mm = 11;
  const double middle = lower.row - upper.row, lowest = middle - std::abs(lower.tilt - upper.tilt) * kHalfDepth_mm;
  return lowest >= std::max(kLeast_mm, kLeastShare * middle);
}

// Walls: where the odds along the body's middle rows change sign last, going out from its axis.
void settle_walls(MrBody& body, const BodyMap& map) {
  constexpr double kNearest_mm = 8, kFarthest_mm = 58, kLeastDepth_mm = 15, kQuarter = 0.25;
  const double middle = 0.5 * (body.top_row + body.bottom_row), quarter = kQuarter * (body.bottom_row - body.top_row);
  const auto odds = [&](double front) {
    double sum = 0;
    for (const double row : {middle - quarter, middle, middle + quarter}) sum += tilted_odds_at(map.body, row, front, body.tilt_at(row));
    return sum;
  };
  if (odds(kAxis_mm) <= 0) return;
  double rear = kAxis_mm, front = kAxis_mm;
  while (rear > kNearest_mm && odds(rear - 0.5) > 0) rear -= 0.5;
  while (front < kFarthest_mm && odds(front + 0.5) > 0) front += 0.5;
  if (front - rear >= kLeastDepth_mm) body.rear_mm = rear, body.front_mm = front;
}

// Of a body's box, what has odds for it.
double mapped_share_of(const MrBody& body, const Grid<float>& odds) {
  constexpr double kFirst_mm = 15, kLast_mm = 31;
  int n = 0, n_likely = 0;
  for (double row = body.top_row + 1; row <= body.bottom_row - 1; row += 1)
    for (double front = kFirst_mm; front <= kLast_mm; front += 2)
      ++n, n_likely += tilted_odds_at(odds, row, front, body.tilt_at(row)) > 0 ? 1 : 0;
  return n > 0 ? static_cast<double>(n_likely) / n : 0.0;
}

// Of a body without a disc on one side, the row where the map ends it there; none where that is not within the field.
std::optional<double> mapped_end(const BodyMap& map, double from_row, int direction, double tilt, double n_rows) {
  constexpr int kLeastHeight = 9, kBeyond = 3;
  int n_beyond = 0;
  for (int step = 2; from_row + direction * step >= 0 && from_row + direction * step <= n_rows - 1; ++step) {
    n_beyond = odds_along(map.body, from_row + direction * step, tilt) < 0 ? n_beyond + 1 : 0;
    if (n_beyond < kBeyond) continue;
    const int height = step - kBeyond;
    return height >= kLeastHeight ? std::optional(from_row + direction * (height + 0.5)) : std::nullopt;
  }
  return std::nullopt;
}

// A body at the end of the chain of discs need not be cut by the field.
void end_on_map(MrBody& body, const BodyMap& map, double n_rows) {
  const bool is_first = body.top_row <= 0;
  const auto end =
      is_first ? mapped_end(map, body.bottom_row, -1, body.bottom_tilt, n_rows) : mapped_end(map, body.top_row, 1, body.top_tilt, n_rows);
  if (!end) return;
  (is_first ? body.top_row : body.bottom_row) = *end;
  body.is_cut = false;
}

}  // namespace

void stand_between_edges(MrBody& body, const CanalCourse& canal) {
  const double row = 0.5 * (body.top_row + body.bottom_row), last = static_cast<double>(canal.x_mm.size()) - 1.0;
  const auto centre = body_point(canal, row, kAxis_mm, 0);
  const auto at = static_cast<std::size_t>(std::clamp(row, 0.0, last));
  body.centre_x = centre.x, body.centre_row = centre.row, body.centre_slice = canal.slice[at];
  body.height_mm = (body.bottom_row - body.top_row) * std::sqrt(1 + canal.lean[at] * canal.lean[at]);
}

void settle_on_map(MrBody& body, const BodyMap& map, const CanalCourse& canal) {
  const auto n_rows = static_cast<double>(canal.x_mm.size());
  if (body.is_cut) end_on_map(body, map, n_rows);
  const double middle = 0.5 * (body.top_row + body.bottom_row);
  const Edge top{body.top_row, body.top_tilt}, bottom{body.bottom_row, body.bottom_tilt};
  const Edge upper = body.top_row > 0 ? settled(top, 1, middle, map) : top,
             lower = body.bottom_row < n_rows - 1 ? settled(bottom, -1, middle, map) : bottom;
  if (are_apart(upper, lower))
    body.top_row = upper.row, body.top_tilt = upper.tilt, body.bottom_row = lower.row, body.bottom_tilt = lower.tilt;
  stand_between_edges(body, canal);
  settle_walls(body, map);
  body.mapped_share = mapped_share_of(body, map.body), body.mapped_disc_share = mapped_share_of(body, map.disc);
}

}  // namespace cemscope::imaging::mri
