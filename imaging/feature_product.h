#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cemscope::imaging {

/// Weighted sums over the neighbours of nodes: what a convolutional layer consists of. Compiled for processors with and without AVX2 and
/// chosen when it runs; sums are taken in the same order and rounded the same way in both, so that every machine gives the same numbers.
class FeatureProduct {
 public:
  /// `moves`: rows from a node to its neighbour, tap by tap. `weights`: by tap, input and output. `constants`: one to an output.
  FeatureProduct(std::vector<std::ptrdiff_t> moves, std::span<const float> weights, std::span<const float> constants);

  /// n nodes in a row: `in` and `out` point to the first one's features, tables of rows without gaps between them; neighbours must lie
  /// within the table. O(n x taps x inputs x outputs).
  void apply(const float* in, float* out, int n) const;

 private:
  template <int kNodes>
  void tile(const float* in, float* out) const;
  template <int kNodes>
  void tiles(const float* in, float* out, int n) const;
  void tiles_by_avx2(const float* in, float* out, int n) const;

  int n_in_, n_out_;
  std::vector<std::ptrdiff_t> moves_;
  std::vector<float> weights_, constants_;  ///< outputs in groups of lanes, the last filled up with 0; weights by group, tap and input
};

}  // namespace cemscope::imaging
