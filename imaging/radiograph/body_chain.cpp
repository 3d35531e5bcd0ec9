#include "imaging/radiograph/body_chain.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cemscope::imaging::radiograph {
namespace {

// Relative to the usual height: Panjabi et al., Spine 1991;16:888 and 1992;17:299, give an SD of some 8 % within a person, collapse comes
// below.
constexpr double kTallerSd = 0.13, kShorterSd = 0.26, kLeastHeight = 0.4, kMostHeight = 1.35, kMostCost = 8.0;
constexpr double kLeastDisc_mm = 2.0, kUsualDisc_mm = 7.0, kDiscSd_mm = 3.0, kMostDisc_mm = 14.0;
// Chosen on simulated films of seeds 106-130 and 9105-9149: fewest endplates more than 4 mm off.
constexpr double kHeightWeight = 1.0, kDiscWeight = 0.5, kPerEndplate = 4.0;
constexpr std::array<double, 7> kScales{0.82, 0.88, 0.94, 1.0, 1.06, 1.13, 1.2};
constexpr double kScaleSd = 0.15;

double square(double value) { return value * value; }

double height_cost(double height_mm, double usual_mm) {
  const double off = (height_mm - usual_mm) / usual_mm;
  return std::min(kMostCost, square(off / (off > 0 ? kTallerSd : kShorterSd)));
}

struct Best {
  double score = 0;
  int from = -1;
};

/// Best chains that end with a body's lower endplate in each row (`ends`), or go on with an upper one (`starts`).
struct Chains {
  std::vector<Best> starts, ends;
  double score = -1e9;
  int last = -1;
};

Chains chains_at(const EndplateEvidence& evidence, double row_mm, double scale) {
  const int n = static_cast<int>(evidence.upper.size());
  Chains chains{std::vector<Best>(n), std::vector<Best>(n, {-1e9, -1}), -1e9, -1};
  const int least_disc = static_cast<int>(kLeastDisc_mm / row_mm), most_disc = static_cast<int>(kMostDisc_mm / row_mm);
  for (int row = 0; row < n; ++row) {
    const double usual = scale * evidence.usual_height_mm[row];
    // A chain begins in the first level's height for nothing, further down it has left a body out.
    Best& start = chains.starts[row];
    start = {row * row_mm < 1.3 * usual ? 0.0 : -1e9, -1};
    for (int disc = least_disc; disc <= most_disc && disc <= row; ++disc) {
      const double score = chains.ends[row - disc].score - kDiscWeight * square((disc * row_mm - kUsualDisc_mm) / kDiscSd_mm);
      if (score > start.score) start = {score, row - disc};
    }
    start.score += evidence.upper[row] + kPerEndplate;
    for (int height = static_cast<int>(kLeastHeight * usual / row_mm); height <= kMostHeight * usual / row_mm && height <= row; ++height) {
      const double score =
          chains.starts[row - height].score - kHeightWeight * height_cost(height * row_mm, usual) + evidence.lower[row] + kPerEndplate;
      if (score > chains.ends[row].score) chains.ends[row] = {score, row - height};
    }
    if ((n - row) * row_mm < 1.3 * usual && chains.ends[row].score > chains.score) chains.score = chains.ends[row].score, chains.last = row;
  }
  chains.score -= square((scale - 1) / kScaleSd);
  return chains;
}

}  // namespace

std::vector<BodyEnds> find_body_chain(const EndplateEvidence& evidence, double row_mm) {
  Chains best;
  for (const double scale : kScales)
    if (Chains chains = chains_at(evidence, row_mm, scale); chains.score > best.score) best = std::move(chains);
  std::vector<BodyEnds> bodies;
  for (int row = best.last; row >= 0;) {
    const int top = best.ends[row].from;
    bodies.push_back({top, row});
    row = best.starts[top].from;
  }
  std::reverse(bodies.begin(), bodies.end());
  return bodies;
}

}  // namespace cemscope::imaging::radiograph
