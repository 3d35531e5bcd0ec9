#include "imaging/spine/outline_net.h"

#include "imaging/feature_net.h"
#include "imaging/spine/outline_weights.h"

namespace cemscope::imaging::spine {

Grid<float> outline_log_odds(const BodyBlock& block) {
  constexpr float kFound = 4.f;  // log odds of the body as found, deep inside it
  ConvolutionLayers layers(kOutline, kOutlineUnit);
  const auto folded_block = folded(BodyBlock::kU, BodyBlock::kV, BodyBlock::kW, BodyBlock::kChannels,
                                   [&](int c, int x, int y, int z) { return block.channels[static_cast<std::size_t>(c)].at(x, y, z); });
  const FeatureGrid fine = rectified(layers.next(rectified(layers.next(folded_block, kOutlineFine)), kOutlineFine));
  FeatureGrid coarse = halved(fine);
  for (int layer = 0; layer < 3; ++layer) coarse = rectified(layers.next(coarse, kOutlineCoarse));
  const FeatureGrid parts = layers.next(rectified(layers.next(joined(fine, coarse), kOutlineFine)), fine.n_parts());
  Grid<float> out = block.channels[2];
  for (float& v : out.values) v *= kFound;
  parts.for_each_part([&](int x, int y, int z, int part, int fine_x, int fine_y, int fine_z) {
    out.at(fine_x, fine_y, fine_z) += parts.values(parts.row(x, y, z), part);
  });
  return out;
}

}  // namespace cemscope::imaging::spine
