#include "imaging/cement/outlying.h"

#include "imaging/components.h"
#include "imaging/spine/redraw.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

constexpr double kOutside_mm = 0.3;

bool touches_six(const Grid<std::uint8_t>& mask, const std::array<int, 3>& v) {
  return std::any_of(kSixNeighbours.begin(), kSixNeighbours.end(), [&](const auto& d) {
    return mask.contains(v[0] + d[0], v[1] + d[1], v[2] + d[2]) && mask.at(v[0] + d[0], v[1] + d[1], v[2] + d[2]);
  });
}

/// The nearest of each kind of cement to a part, mm, at most kMostGap_mm: of at most some 200 of its voxels. `kind[v]` of the voxel all[v];
/// `n` of them. O(cement voxels).
std::vector<double> nearest_of_each(const std::vector<CementVoxel*>& part, const std::vector<CementVoxel>& all,
                                    const std::vector<std::size_t>& kind, std::size_t n) {
  constexpr std::size_t kMostVoxels = 200;
  std::vector<double> nearest(n, OutlyingCement::kMostGap_mm);
  const std::size_t stride = 1 + part.size() / kMostVoxels;
  for (std::size_t v = 0; v < all.size(); ++v)
    for (std::size_t q = 0; q < part.size(); q += stride)
      nearest[kind[v]] = std::min(nearest[kind[v]], (part[q]->local - all[v].local).norm());
  return nearest;
}

/// How far each part that hangs on nothing lies off the deposit, along the way with the shortest leaps: a vein's cast may be broken into
/// beads, but two plaques of the aorta do not vouch for one another. O(loose parts x cement voxels).
void measure_gaps(const std::vector<CementVoxel>& all, std::vector<OutlyingPart>& parts) {
  std::vector<OutlyingPart*> loose;
  for (auto& part : parts)
    if (part.found.neck == 0) loose.push_back(&part);
  std::vector<std::size_t> kind(all.size(), loose.size());
  for (std::size_t p = 0; p < loose.size(); ++p)
    for (const auto* v : loose[p]->voxels) kind[static_cast<std::size_t>(v - all.data())] = p;
  std::vector<std::vector<double>> leap;
  for (const auto* part : loose) leap.push_back(nearest_of_each(part->voxels, all, kind, loose.size() + 1));
  for (std::size_t p = 0; p < loose.size(); ++p) loose[p]->found.gap_mm = leap[p].back();
  for (std::size_t round = 0; round + 1 < loose.size(); ++round)
    for (std::size_t p = 0; p < loose.size(); ++p)
      for (std::size_t other = 0; other < loose.size(); ++other)
        if (other != p) loose[p]->found.gap_mm = std::min(loose[p]->found.gap_mm, std::max(leap[p][other], loose[other]->found.gap_mm));
}

/// Log odds that the body is there: by its outline where that was drawn, else, where faces come from a mask or the scan ends in the body,
/// by the way beyond them; none beyond the plane that stands for the scan's end.
double odds_of_body(const spine::VertebralBody& body, const CementVoxel& v) {
  constexpr double kMost = 8, kPerMm = 1.5;  // of parts of whole bodies whose outline was drawn
  const double off = v.excess.largest();
  if ((body.cut_above && v.excess.above >= off) || (body.cut_below && v.excess.below >= off)) return 0;
  if (body.outline_odds.values.empty()) return -std::min(kMost, kPerMm * off);
  return std::clamp(spine::odds_at(body.outline_odds, v.local).value_or(-kMost), -kMost, kMost);
}

/// What can be said of a part before it is called a leak. `inside`: the deposit's cement that is not outside the surface.
OutlyingCement describe(const Geometry& g, const spine::VertebralBody& body, const Grid<std::uint8_t>& inside,
                        const std::vector<CementVoxel*>& voxels, double epsilon_mm) {
  constexpr double kMostWay_mm = 15, kOutermost = 0.1;
  const double voxel_mm3 = g.volume.voxel_mm3(), n = static_cast<double>(voxels.size());
  OutlyingCement out;
  out.outside_mm3 = n * voxel_mm3;
  double n_beyond = 0;
  std::vector<double> odds;
  for (const auto* v : voxels) {
    const auto at = g.place(v->at);
    out.voxels.push_back(g.volume.index(at[0] + g.map.region.start[0], at[1] + g.map.region.start[1], at[2] + g.map.region.start[2]));
    odds.push_back(odds_of_body(body, *v));
    out.neck += touches_six(inside, at) / n, out.tract += (v->zone == CementZone::needle_tract) / n;
    out.certain_mm3 += v->certain ? voxel_mm3 : 0;
    const double beyond = v->excess.largest() - epsilon_mm;
    out.beyond_mm = std::max(out.beyond_mm, beyond);
    if (beyond <= 0) continue;
    if (beyond > OutlyingCement::kSure_mm) out.sure_mm3 += voxel_mm3;
    out.way_mm += std::min(body.way_to_seen_at(v->local, v->excess), kMostWay_mm), ++n_beyond;
  }
  out.way_mm /= std::max(1.0, n_beyond);
  out.body_odds = spine::quantile(std::move(odds), kOutermost);
  return out;
}

}  // namespace

std::vector<std::vector<CementVoxel*>> connected_parts(const Grid<std::uint8_t>& mask, const VoxelsByIndex& by_index) {
  std::vector<std::vector<CementVoxel*>> parts;
  for (const auto& component : label_components(mask)) {
    parts.emplace_back();
    for (std::size_t q : component) parts.back().push_back(by_index.at(q));
  }
  return parts;
}

std::vector<OutlyingPart> outlying_parts(const Geometry& g, const spine::VertebralBody& body, std::vector<CementVoxel>& voxels,
                                         double epsilon_mm) {
  Grid<std::uint8_t> outside(g.map.owner.nx, g.map.owner.ny, g.map.owner.nz), beyond = outside, inside = outside;
  VoxelsByIndex by_index;
  for (auto& v : voxels) {
    const double off = v.excess.largest();
    (off > kOutside_mm ? outside : inside).values[v.at] = 1;
    if (off <= kOutside_mm) continue;
    beyond.values[v.at] = off > epsilon_mm;
    by_index[v.at] = &v;
  }
  const auto near_beyond = dilate(beyond, 2);
  for (std::size_t q = 0; q < outside.values.size(); ++q) outside.values[q] = outside.values[q] && near_beyond.values[q];
  std::vector<OutlyingPart> parts;
  for (auto& connected : connected_parts(outside, by_index)) {
    auto found = describe(g, body, inside, connected, epsilon_mm);
    parts.push_back({std::move(found), std::move(connected)});
  }
  measure_gaps(voxels, parts);
  return parts;
}

double OutlyingCement::leak_odds() const {
  constexpr double kUnit_mm3 = 10, kMost_mm = 8, kWay_mm = 5;  // the way through the wall may be too thin to show
  return -0.31 + 1.91 * std::log1p(outside_mm3 / kUnit_mm3) - 0.80 * std::min(beyond_mm, kMost_mm) - 1.81 * neck - 0.12 * way_mm -
         0.55 * body_odds - 0.60 * std::max(0.0, gap_mm - kWay_mm);
}

}  // namespace cemscope::imaging::cement
