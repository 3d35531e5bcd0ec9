#include "imaging/spine/outline_net.h"

#include <Eigen/Dense>
#include <span>

#include "imaging/spine/outline_weights.h"

namespace cemscope::imaging::spine {
namespace {

constexpr float kLeak = 0.1f;  // slope of a layer's output below 0
constexpr float kFound = 4.f;  // log odds of the body as found, deep inside it
constexpr int kTaps = 27, kParts = 8;

using Table = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Features of a lattice, one row to a node, x fastest, with a border of one node that stays 0.
struct Features {
  int nx, ny, nz;
  Table values;
  Features(int nx_, int ny_, int nz_, int n)
      : nx(nx_), ny(ny_), nz(nz_), values(Table::Zero(static_cast<Eigen::Index>(nx + 2) * (ny + 2) * (nz + 2), n)) {}
  [[nodiscard]] Eigen::Index row(int x, int y, int z) const {
    return (static_cast<Eigen::Index>(z + 1) * (ny + 2) + y + 1) * (nx + 2) + x + 1;
  }
  template <typename Visit>
  void for_each_node(Visit visit) const {
    for (int z = 0; z < nz; ++z)
      for (int y = 0; y < ny; ++y)
        for (int x = 0; x < nx; ++x) visit(x, y, z);
  }
};

/// The weights, layer by layer.
class Layers {
 public:
  /// Three by three by three convolution; weights by tap (z first), input and output, then the outputs' constants.
  Features next(const Features& in, int n_out) {
    const Eigen::Index n_in = in.values.cols(), row = in.nx + 2, plane = row * (in.ny + 2), margin = plane + row + 1,
                       rows = in.values.rows() - 2 * margin;
    const float unit = *units_++;
    Features out(in.nx, in.ny, in.nz, n_out);
    for (int tap = 0; tap < kTaps; ++tap) {
      const Table weights =
          unit * Eigen::Map<const Eigen::Matrix<std::int16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(weights_, n_in, n_out)
                     .cast<float>();
      const Eigen::Index moved = (tap / 9 - 1) * plane + (tap / 3 % 3 - 1) * row + tap % 3 - 1;
      out.values.middleRows(margin, rows).noalias() += in.values.middleRows(margin + moved, rows) * weights;
      weights_ += n_in * n_out;
    }
    const Eigen::RowVectorXf constants =
        unit * Eigen::Map<const Eigen::Matrix<std::int16_t, 1, Eigen::Dynamic>>(weights_, n_out).cast<float>();
    weights_ += n_out;
    Features bordered(in.nx, in.ny, in.nz, n_out);
    out.for_each_node([&](int x, int y, int z) { bordered.values.row(out.row(x, y, z)) = out.values.row(out.row(x, y, z)) + constants; });
    return bordered;
  }

 private:
  const std::int16_t* weights_ = kOutline.data();
  const float* units_ = kOutlineUnit.data();
};

Features rectified(Features f) {
  f.values = f.values.cwiseMax(kLeak * f.values);
  return f;
}

/// Each node of the lattice twice as coarse holds the eight voxels of the finer one: z, then y, then x, then the channel.
Features folded(const BodyBlock& block) {
  Features coarse(BodyBlock::kU / 2, BodyBlock::kV / 2, BodyBlock::kW / 2, kParts * BodyBlock::kChannels);
  coarse.for_each_node([&](int x, int y, int z) {
    for (int part = 0; part < kParts; ++part)
      for (int c = 0; c < BodyBlock::kChannels; ++c)
        coarse.values(coarse.row(x, y, z), part * BodyBlock::kChannels + c) =
            block.channels[static_cast<std::size_t>(c)].at(2 * x + part % 2, 2 * y + part / 2 % 2, 2 * z + part / 4);
  });
  return coarse;
}

Features halved(const Features& fine) {
  Features coarse(fine.nx / 2, fine.ny / 2, fine.nz / 2, static_cast<int>(fine.values.cols()));
  fine.for_each_node(
      [&](int x, int y, int z) { coarse.values.row(coarse.row(x / 2, y / 2, z / 2)) += fine.values.row(fine.row(x, y, z)) / kParts; });
  return coarse;
}

/// The features of `fine`, then those of `coarse` at the same place.
Features joined(const Features& fine, const Features& coarse) {
  Features both(fine.nx, fine.ny, fine.nz, static_cast<int>(fine.values.cols() + coarse.values.cols()));
  fine.for_each_node([&](int x, int y, int z) {
    both.values.row(both.row(x, y, z)) << fine.values.row(fine.row(x, y, z)), coarse.values.row(coarse.row(x / 2, y / 2, z / 2));
  });
  return both;
}

}  // namespace

Grid<float> outline_log_odds(const BodyBlock& block) {
  Layers layers;
  Features fine = rectified(layers.next(rectified(layers.next(folded(block), kOutlineFine)), kOutlineFine));
  Features coarse = halved(fine);
  for (int layer = 0; layer < 3; ++layer) coarse = rectified(layers.next(coarse, kOutlineCoarse));
  const Features parts = layers.next(rectified(layers.next(joined(fine, coarse), kOutlineFine)), kParts);
  Grid<float> out = block.channels[2];
  for (float& v : out.values) v *= kFound;
  parts.for_each_node([&](int x, int y, int z) {
    for (int part = 0; part < kParts; ++part)
      out.at(2 * x + part % 2, 2 * y + part / 2 % 2, 2 * z + part / 4) += parts.values(parts.row(x, y, z), part);
  });
  return out;
}

}  // namespace cemscope::imaging::spine
