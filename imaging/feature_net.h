#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>

namespace cemscope::imaging {

/// Features of a lattice of two (nz 1) or three dimensions, one row to a node, x fastest, with a border of one node that stays 0.
struct FeatureGrid {
  using Table = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  int nx, ny, nz;
  Table values;

  FeatureGrid(int nx_, int ny_, int nz_, int n_features)
      : nx(nx_), ny(ny_), nz(nz_), values(Table::Zero(plane() * (is_flat() ? 1 : nz + 2), n_features)) {}
  [[nodiscard]] bool is_flat() const { return nz == 1; }
  [[nodiscard]] Eigen::Index plane() const { return static_cast<Eigen::Index>(nx + 2) * (ny + 2); }
  [[nodiscard]] Eigen::Index row(int x, int y, int z) const {
    return (is_flat() ? 0 : z + 1) * plane() + static_cast<Eigen::Index>(y + 1) * (nx + 2) + x + 1;
  }
  /// Voxels of the next finer lattice in a node, each step twice as fine.
  [[nodiscard]] int n_parts() const { return is_flat() ? 4 : 8; }
  template <typename Visit>
  void for_each_node(Visit visit) const {
    for (int z = 0; z < nz; ++z)
      for (int y = 0; y < ny; ++y)
        for (int x = 0; x < nx; ++x) visit(x, y, z);
  }
  /// visit(x, y, z of the node, part, then x, y, z of the part on the finer lattice); parts run x first.
  template <typename Visit>
  void for_each_part(Visit visit) const {
    for_each_node([&](int x, int y, int z) {
      for (int part = 0; part < n_parts(); ++part)
        visit(x, y, z, part, 2 * x + part % 2, 2 * y + part / 2 % 2, is_flat() ? 0 : 2 * z + part / 4);
    });
  }
};

/// Convolutions of 3 x 3 (x 3) nodes with weights kept as whole numbers in units of their layer: by tap (slowest axis first), input and
/// output, then the outputs' constants.
class ConvolutionLayers {
 public:
  ConvolutionLayers(std::span<const std::int16_t> weights, std::span<const float> units, int n_threads = 1)
      : weights_(weights), units_(units), n_threads_(n_threads) {}
  /// The next layer. O(nodes x taps x inputs x outputs).
  FeatureGrid next(const FeatureGrid& in, int n_out);

 private:
  std::span<const std::int16_t> weights_;
  std::span<const float> units_;
  int n_threads_;
};

/// Below 0 a tenth of a feature goes on.
FeatureGrid rectified(FeatureGrid features);

/// Means over the parts of each node of the lattice twice as coarse; sides must be even, and of three dimensions nz 4 at least.
FeatureGrid halved(const FeatureGrid& fine);

/// The features of `fine`, then those of `coarse` at the same place.
FeatureGrid joined(const FeatureGrid& fine, const FeatureGrid& coarse);

/// Each node holds the voxels of a lattice twice as fine: part by part, then channel by channel. `value`: of (channel, x, y, z).
template <typename ValueAt>
FeatureGrid folded(int nx, int ny, int nz, int n_channels, ValueAt value) {
  FeatureGrid coarse(nx / 2, ny / 2, nz == 1 ? 1 : nz / 2, 0);
  coarse.values = FeatureGrid::Table::Zero(coarse.values.rows(), static_cast<Eigen::Index>(coarse.n_parts()) * n_channels);
  coarse.for_each_part([&](int x, int y, int z, int part, int fine_x, int fine_y, int fine_z) {
    for (int c = 0; c < n_channels; ++c) coarse.values(coarse.row(x, y, z), part * n_channels + c) = value(c, fine_x, fine_y, fine_z);
  });
  return coarse;
}

/// Features on a lattice and on those twice and four times as coarse.
struct NetworkSizes {
  int fine, middle, deep;
};

/// Two steps down and up (after Ronneberger et al., MICCAI 2015;9351:234): two layers on each of three lattices, one more on the two finer
/// ones joined with the coarser, and one without rectification to n_out features.
FeatureGrid down_and_up(ConvolutionLayers& layers, const FeatureGrid& seen, const NetworkSizes& sizes, int n_out);

}  // namespace cemscope::imaging
