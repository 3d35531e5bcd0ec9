#include "imaging/feature_net.h"

#include "imaging/parallel.h"

namespace cemscope::imaging {

FeatureGrid ConvolutionLayers::next(const FeatureGrid& in, int n_out) {
  using Weights = Eigen::Matrix<std::int16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr Eigen::Index kBlock = 16384;  // rows; whatever the threads, so that the same numbers come out
  const int first_tap = in.is_flat() ? 9 : 0, n_taps = in.is_flat() ? 9 : 27;
  const Eigen::Index n_in = in.values.cols(), line = in.nx + 2, plane = in.is_flat() ? 0 : in.plane(), margin = plane + line + 1,
                     rows = in.values.rows() - 2 * margin;
  const float unit = units_.front();
  const FeatureGrid::Table weights = unit * Eigen::Map<const Weights>(weights_.data(), n_taps * n_in, n_out).cast<float>();
  weights_ = weights_.subspan(static_cast<std::size_t>(n_taps * n_in * n_out));
  const Eigen::RowVectorXf constants = unit * Eigen::Map<const Weights>(weights_.data(), 1, n_out).cast<float>();
  weights_ = weights_.subspan(static_cast<std::size_t>(n_out)), units_ = units_.subspan(1);
  FeatureGrid out(in.nx, in.ny, in.nz, n_out);
  parallel_for(static_cast<int>((rows + kBlock - 1) / kBlock), n_threads_, [&](int block) {
    const Eigen::Index first = block * kBlock, n = std::min(kBlock, rows - first);
    for (int q = 0; q < n_taps; ++q) {
      const int tap = first_tap + q;
      const Eigen::Index moved = (tap / 9 - 1) * plane + (tap / 3 % 3 - 1) * line + tap % 3 - 1;
      out.values.middleRows(margin + first, n).noalias() +=
          in.values.middleRows(margin + first + moved, n) * weights.middleRows(q * n_in, n_in);
    }
  });
  FeatureGrid bordered(in.nx, in.ny, in.nz, n_out);
  out.for_each_node([&](int x, int y, int z) { bordered.values.row(out.row(x, y, z)) = out.values.row(out.row(x, y, z)) + constants; });
  return bordered;
}

FeatureGrid rectified(FeatureGrid features) {
  constexpr float kBelow = 0.1F;
  features.values = features.values.cwiseMax(kBelow * features.values);
  return features;
}

FeatureGrid halved(const FeatureGrid& fine) {
  FeatureGrid coarse(fine.nx / 2, fine.ny / 2, fine.is_flat() ? 1 : fine.nz / 2, static_cast<int>(fine.values.cols()));
  coarse.for_each_part([&](int x, int y, int z, int /*part*/, int fine_x, int fine_y, int fine_z) {
    coarse.values.row(coarse.row(x, y, z)) += fine.values.row(fine.row(fine_x, fine_y, fine_z)) / coarse.n_parts();
  });
  return coarse;
}

FeatureGrid joined(const FeatureGrid& fine, const FeatureGrid& coarse) {
  FeatureGrid both(fine.nx, fine.ny, fine.nz, static_cast<int>(fine.values.cols() + coarse.values.cols()));
  fine.for_each_node([&](int x, int y, int z) {
    both.values.row(both.row(x, y, z)) << fine.values.row(fine.row(x, y, z)),
        coarse.values.row(coarse.row(x / 2, y / 2, fine.is_flat() ? 0 : z / 2));
  });
  return both;
}

FeatureGrid down_and_up(ConvolutionLayers& layers, const FeatureGrid& seen, const NetworkSizes& sizes, int n_out) {
  const auto next = [&](const FeatureGrid& in, int n) { return rectified(layers.next(in, n)); };
  const FeatureGrid fine = next(next(seen, sizes.fine), sizes.fine);
  FeatureGrid middle = next(next(halved(fine), sizes.middle), sizes.middle);
  const FeatureGrid deep = next(next(halved(middle), sizes.deep), sizes.deep);
  middle = next(joined(middle, deep), sizes.middle);
  return layers.next(next(joined(fine, middle), sizes.fine), n_out);
}

}  // namespace cemscope::imaging
