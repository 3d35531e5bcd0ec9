#include "imaging/spine/body_block.h"

namespace cemscope::imaging::spine {
namespace {

constexpr float kLow_hu = -200.f, kHigh_hu = 450.f, kBone_hu = 250.f, kDense_hu = 1500.f;
constexpr double kDepth_mm = 4;

}  // namespace

BodyBlock body_block(const VolumeView& volume, const VertebralBody& body) {
  BodyBlock block;
  block.channels.fill(Grid<float>(BodyBlock::kU, BodyBlock::kV, BodyBlock::kW));
  for (int z = 0; z < BodyBlock::kW; ++z)
    for (int y = 0; y < BodyBlock::kV; ++y)
      for (int x = 0; x < BodyBlock::kU; ++x) {
        float bone = 0, dense = 0;
        for (int n = 0; n < BodyBlock::kParts; ++n) {
          const float hu = volume.sample(body.frame.to_image(BodyBlock::part(x, y, z, n)));
          bone += std::clamp(hu, kLow_hu, kHigh_hu), dense += std::clamp(hu - kHigh_hu, 0.f, kDense_hu);
        }
        const std::size_t at = block.channels[0].index(x, y, z);
        block.channels[0].values[at] = bone / (BodyBlock::kParts * kBone_hu),
        block.channels[1].values[at] = dense / (BodyBlock::kParts * kDense_hu);
        block.channels[2].values[at] = static_cast<float>(std::tanh(-body.excess(BodyBlock::place(x, y, z)).largest() / kDepth_mm));
      }
  return block;
}

}  // namespace cemscope::imaging::spine
