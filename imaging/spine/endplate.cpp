#include "imaging/spine/endplate.h"

#include "imaging/spine/bending.h"
#include "imaging/spine/edge.h"
#include "imaging/spine/face_evidence.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kEndplateHalf = 16;             // labels on each side of the first guess: 8 mm
constexpr float kEndplateStiffness = 0.15f;   // per label; chosen on warped label maps of real spines, crushed ones among them
constexpr double kBowlCost_hu = 2;            // per mm of a pressed-in endplate; 60 HU is the least edge, so that noise digs none
constexpr double kNoEdge_hu = 30, kFullEdge_hu = 180, kLeastTrust = 0.02;  // what a fall of density is worth as a hold for the surface
constexpr double kCementBeyondCost_hu = 150;  // for all of it; an endplate's mean edge falls by 100-250 HU

double footprint_weight(double u, double v) {
  const double r = std::hypot(u / 19.0, v / 15.0);
  return std::clamp(2.0 - 1.25 * r, 0.0, 1.0);
}

EndplateLines endplate_lines(const BodyBox& box, int sense) {
  EndplateLines lines;
  for (int y = 0; y < VertebralBody::kColumns; ++y)
    for (int x = 0; x < VertebralBody::kColumns; ++x)
      lines.push_back(box.vertical_line(2 * (x - VertebralBody::kHalfColumns), 2 * (y - VertebralBody::kHalfColumns), sense));
  return lines;
}

double mean_drop(const EndplateLines& lines, const EndplateShape& shape) {
  double sum = 0, weight = 0;
  for (int v = -12; v <= 12; v += 4)
    for (int u = -16; u <= 16; u += 4) {
      const double w = shape.at(u, v);
      const EdgeLine& line = lines[EndplateShape::node(u, v)];
      const double share = footprint_weight(u, v) * line.weight(w);
      if (share > 0) sum += share * std::clamp(line.drop(w), -50.f, 250.f), weight += share;
    }
  return weight > 0 ? sum / weight : -1e9;
}

/// The shape near `guess` (offset +-5 mm, tilts +-12 and +-8 degrees, bowls to 10.5 mm) with the steepest mean edge inside the footprint
/// and most of the cement on the body's side: leaks are the smaller part of a deposit.
EndplateShape refine_shape(const EndplateLines& lines, const EndplateShape& guess, const DenseColumns& dense) {
  EndplateShape best = guess;
  double best_score = -1e9;
  for (double depth = 0; depth <= 10.6; depth += 1.5)
    for (double dv = -0.21; dv <= 0.22; dv += 0.07)
      for (double du = -0.14; du <= 0.15; du += 0.07)
        for (double dc = -5; dc <= 5; dc += 1) {
          EndplateShape shape = guess;
          shape.plane = {guess.plane.c + dc, guess.plane.cu + du, guess.plane.cv + dv}, shape.depth_mm = depth;
          const double score = mean_drop(lines, shape) - 1.2 * std::abs(dc) - 20 * (std::abs(du) + std::abs(dv)) - kBowlCost_hu * depth -
                               kCementBeyondCost_hu * dense.share_beyond(shape);
          if (score > best_score) best_score = score, best = shape;
        }
  return best;
}

/// Whether cement or metal leaves no evidence within a millimetre of `w`.
bool is_hidden(const EdgeLine& edges, double w) {
  for (double d = -1; d <= 1; d += EdgeLine::kStep_mm)
    if (edges.weight(w + d) > 0) return false;
  return true;
}

int u_of(std::size_t node) { return 2 * (static_cast<int>(node) % VertebralBody::kColumns - VertebralBody::kHalfColumns); }
int v_of(std::size_t node) { return 2 * (static_cast<int>(node) / VertebralBody::kColumns - VertebralBody::kHalfColumns); }

/// The least-cost surface near `guess`, bent smoothly over what does not show: cement leaves the surface without a hold there.
/// `limit`: the disc's middle, beyond which no endplate lies.
std::vector<double> fit_surface_near(const EndplateLines& lines, const EndplateShape& guess, const LocalPlane& limit,
                                     const Footprint& footprint) {
  constexpr int n = VertebralBody::kColumns;
  Grid<float> cost(n, n, 2 * kEndplateHalf + 1);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const std::size_t q = static_cast<std::size_t>(y) * n + x;
      const int u = u_of(q), v = v_of(q);
      const EdgeLine& edges = lines[q];
      const bool hidden = guess.relief && is_hidden(edges, guess.at(u, v));
      for (int z = 0; z < cost.nz; ++z) {
        const double deviation = (z - kEndplateHalf) * kFaceStep_mm, w = guess.at(u, v) + deviation;
        float c = 0.004f * static_cast<float>(std::pow(std::abs(deviation), 1.5));
        if (guess.sense * (w - limit.at(u, v)) > 0) c += 2;
        const double share = hidden ? footprint[q] * trust(deviation) : footprint[q];
        if (footprint[q] > 0) c += static_cast<float>(share) * edge_cost(edges.drop(w), edges.weight(w));
        cost.at(x, y, z) = c;
      }
    }
  const Surface surface = fit_surface(cost, kEndplateStiffness, Lattice::open);
  std::vector<double> off(footprint.size()), known(footprint.size());
  for (std::size_t q = 0; q < off.size(); ++q) {
    off[q] = (surface.label[q] - kEndplateHalf) * kFaceStep_mm;
    const double w = guess.at(u_of(q), v_of(q)) + off[q];
    known[q] =
        footprint[q] * lines[q].weight(w) * std::clamp((lines[q].drop(w) - kNoEdge_hu) / (kFullEdge_hu - kNoEdge_hu), kLeastTrust, 1.0);
  }
  std::vector<double> heights = bend_over(off, known, n, Lattice::open);
  for (std::size_t q = 0; q < off.size(); ++q) heights[q] += guess.at(u_of(q), v_of(q));
  return heights;
}

/// The way to where an endplate shows, within the outline that the fit looks at.
std::vector<float> endplate_way(const EndplateLines& lines, const std::vector<double>& heights, const Footprint& footprint) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<std::uint8_t> seen(heights.size());
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const std::size_t q = static_cast<std::size_t>(y) * n + x;
      seen[q] = footprint[q] > 0.2 && shows_edge(lines[q], heights[q]);
    }
  return way_to_seen(seen, n, VertebralBody::kColumn_mm, VertebralBody::kColumn_mm, Lattice::open);
}

}  // namespace

Footprint usual_footprint() {
  Footprint footprint;
  for (int y = 0; y < VertebralBody::kColumns; ++y)
    for (int x = 0; x < VertebralBody::kColumns; ++x)
      footprint.push_back(footprint_weight(2 * (x - VertebralBody::kHalfColumns), 2 * (y - VertebralBody::kHalfColumns)));
  return footprint;
}

std::vector<double> plane_heights(const LocalPlane& plane) {
  constexpr int n = VertebralBody::kColumns;
  std::vector<double> heights(static_cast<std::size_t>(n) * n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x)
      heights[y * n + x] = plane.at((x - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm,
                                    (y - VertebralBody::kHalfColumns) * VertebralBody::kColumn_mm);
  return heights;
}

EndplateDraft draft_endplate(const BodyBox& box, const LocalPlane& middle, const Disc& disc, int sense) {
  EndplateDraft e{middle, middle, middle, {}};
  e.border.c -= sense * disc.width_mm / 2;
  e.plane = e.border;
  if (!disc.at_scan_end) e.lines = endplate_lines(box, sense);
  return e;
}

void fit_endplate(EndplateDraft& e, int sense, const std::vector<double>* relief, const Footprint& footprint, const DenseColumns& dense,
                  std::vector<double>& heights, std::vector<float>& way) {
  if (e.lines.empty()) {
    heights = plane_heights(e.middle), way.assign(heights.size(), kUnseen_mm);
    return;
  }
  const EndplateShape shape = refine_shape(e.lines, {e.plane, static_cast<double>(sense), 0, relief}, dense);
  e.plane = shape.plane;
  heights = fit_surface_near(e.lines, shape, e.middle, footprint);
  way = endplate_way(e.lines, heights, footprint);
}

}  // namespace cemscope::imaging::spine
