#include "imaging/feature_net.h"

namespace cemscope::imaging {

FeatureGrid ConvolutionLayers::next(const FeatureGrid& in, int n_out) {
  using Weights = Eigen::Matrix<std::int16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Index n_in = in.values.cols(), line = in.nx + 2, plane = in.is_flat() ? 0 : in.plane(), margin = plane + line + 1,
                     rows = in.values.rows() - 2 * margin;
  const float unit = units_.front();
  FeatureGrid out(in.nx, in.ny, in.nz, n_out);
  for (int tap = in.is_flat() ? 9 : 0; tap < (in.is_flat() ? 18 : 27); ++tap) {
    const FeatureGrid::Table weights = unit * Eigen::Map<const Weights>(weights_.data(), n_in, n_out).cast<float>();
    const Eigen::Index moved = (tap / 9 - 1) * plane + (tap / 3 % 3 - 1) * line + tap % 3 - 1;
    out.values.middleRows(margin, rows).noalias() += in.values.middleRows(margin + moved, rows) * weights;
    weights_ = weights_.subspan(static_cast<std::size_t>(n_in * n_out));
  }
  const Eigen::RowVectorXf constants = unit * Eigen::Map<const Weights>(weights_.data(), 1, n_out).cast<float>();
  weights_ = weights_.subspan(static_cast<std::size_t>(n_out)), units_ = units_.subspan(1);
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
