#include "imaging/radiograph/dense_regions.h"

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kThresholdStep = 0.88, kBlur_px = 1.0;

struct Node {
  int x = 0, y = 0;  // a pixel of it
  double threshold = 0, steepness = 0;
  int n_px = 0, parent = -1;
  bool is_taken = false, is_blocked = false;
};

Plane<float> gradient_of(const Plane<float>& image) {
  const Plane<float> smooth = gaussian(image, kBlur_px);
  Plane<float> gradient(image.nx, image.ny, 0.F);
  for (int y = 0; y < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x)
      gradient.at(x, y) =
          0.5F * std::hypot(smooth.clamped(x + 1, y) - smooth.clamped(x - 1, y), smooth.clamped(x, y + 1) - smooth.clamped(x, y - 1));
  return gradient;
}

Plane<std::uint8_t> above(const Plane<float>& image, const Plane<std::uint8_t>& where, double threshold) {
  Plane<std::uint8_t> mask(image.nx, image.ny, 0);
  for (std::size_t n = 0; n < mask.values.size(); ++n) mask.values[n] = where.values[n] && image.values[n] > threshold ? 1 : 0;
  return mask;
}

/// The components at one threshold, with the steepness of their outlines.
std::vector<Node> nodes_of(const PlaneComponents& parts, const Plane<float>& gradient, double threshold) {
  std::vector<Node> nodes(parts.n);
  std::vector<int> n_outline(parts.n, 0);
  for (int y = 0; y < gradient.ny; ++y)
    for (int x = 0; x < gradient.nx; ++x) {
      const int label = parts.label.at(x, y);
      if (label == 0) continue;
      Node& node = nodes[label - 1];
      node.x = x, node.y = y, node.threshold = threshold, ++node.n_px;
      const bool is_outline = parts.label.clamped(x - 1, y) != label || parts.label.clamped(x + 1, y) != label ||
                              parts.label.clamped(x, y - 1) != label || parts.label.clamped(x, y + 1) != label;
      if (is_outline) node.steepness += gradient.at(x, y), ++n_outline[label - 1];
    }
  for (int n = 0; n < parts.n; ++n) nodes[n].steepness /= std::max(1, n_outline[n]);
  return nodes;
}

std::vector<Node> component_tree(const Plane<float>& image, const Plane<std::uint8_t>& where, const RegionSearch& search) {
  const Plane<float> gradient = gradient_of(image);
  std::vector<Node> tree;
  std::size_t first_of_last = 0;
  for (double threshold = search.highest; threshold >= search.lowest; threshold *= kThresholdStep) {
    const PlaneComponents parts = components_of(above(image, where, threshold));
    const std::size_t first = tree.size();
    for (std::size_t n = first_of_last; n < first; ++n) tree[n].parent = static_cast<int>(first) + parts.label.at(tree[n].x, tree[n].y) - 1;
    const std::vector<Node> nodes = nodes_of(parts, gradient, threshold);
    tree.insert(tree.end(), nodes.begin(), nodes.end());
    first_of_last = first;
  }
  return tree;
}

bool is_within_taken(const std::vector<Node>& tree, int n) {
  for (; n >= 0; n = tree[n].parent)
    if (tree[n].is_taken) return true;
  return false;
}

/// The lowest node over `n` that still has a steep outline and holds no other region.
int widened(const std::vector<Node>& tree, int n, const RegionSearch& search) {
  const double least = search.kept_steepness * tree[n].steepness;
  int best = n;
  for (int up = tree[n].parent; up >= 0; up = tree[up].parent) {
    if (tree[up].is_blocked || tree[up].n_px > search.most_px) break;
    if (tree[up].steepness >= least) best = up;
  }
  return best;
}

DenseRegion grown_from(const Node& node, const Plane<float>& image, const Plane<std::uint8_t>& where) {
  DenseRegion region{{}, node.steepness};
  Plane<std::uint8_t> seen(image.nx, image.ny, 0);
  std::vector<std::pair<int, int>> open;
  const auto visit = [&](int x, int y) {
    if (!image.contains(x, y) || seen.at(x, y) || !where.at(x, y) || image.at(x, y) <= node.threshold) return;
    seen.at(x, y) = 1;
    open.emplace_back(x, y);
  };
  visit(node.x, node.y);
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    region.pixels.emplace_back(x, y);
    visit(x + 1, y), visit(x - 1, y), visit(x, y + 1), visit(x, y - 1);
  }
  return region;
}

}  // namespace

std::vector<DenseRegion> find_dense_regions(const Plane<float>& image, const Plane<std::uint8_t>& where, const RegionSearch& search) {
  std::vector<Node> tree = component_tree(image, where, search);
  std::vector<int> order;
  for (int n = 0; n < static_cast<int>(tree.size()); ++n)
    if (tree[n].n_px >= search.least_px && tree[n].n_px <= search.most_px) order.push_back(n);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return tree[a].steepness > tree[b].steepness; });
  std::vector<DenseRegion> regions;
  for (const int n : order) {
    if (tree[n].is_blocked || is_within_taken(tree, n)) continue;
    const int chosen = widened(tree, n, search);
    tree[chosen].is_taken = true;
    for (int up = tree[chosen].parent; up >= 0; up = tree[up].parent) tree[up].is_blocked = true;
    regions.push_back(grown_from(tree[chosen], image, where));
  }
  return regions;
}

}  // namespace cemscope::imaging::radiograph
