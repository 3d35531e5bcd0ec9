#include "imaging/feature_net.h"

#include "imaging/feature_product.h"
#include "imaging/parallel.h"

namespace cemscope::imaging {

FeatureGrid ConvolutionLayers::next(const FeatureGrid& in, int n_out) {
  const std::ptrdiff_t line = in.nx + 2, plane = in.plane();
  std::vector<std::ptrdiff_t> moves;
  for (int z = in.is_flat() ? 0 : -1; z <= (in.is_flat() ? 0 : 1); ++z)
    for (int y = -1; y <= 1; ++y)
      for (int x = -1; x <= 1; ++x) moves.push_back(z * plane + y * line + x);
  const auto n_constants = static_cast<std::size_t>(n_out),
             n_weights = moves.size() * static_cast<std::size_t>(in.values.cols()) * n_constants;
  std::vector<float> numbers(weights_.begin(), weights_.begin() + static_cast<std::ptrdiff_t>(n_weights + n_constants));
  for (float& number : numbers) number *= units_.front();
  weights_ = weights_.subspan(numbers.size()), units_ = units_.subspan(1);
  const std::span<const float> all(numbers);
  const FeatureProduct product(std::move(moves), all.first(n_weights), all.last(n_constants));
  FeatureGrid out(in.nx, in.ny, in.nz, n_out);
  parallel_for(in.nz, n_threads_, [&](int z) {
    for (int y = 0; y < in.ny; ++y) product.apply(&in.values(in.row(0, y, z), 0), &out.values(out.row(0, y, z), 0), in.nx);
  });
  return out;
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
