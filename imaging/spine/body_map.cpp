#include "imaging/spine/body_map.h"

#include <algorithm>
#include <cmath>

#include "imaging/feature_net.h"
#include "imaging/spine/body_map_weights.h"

namespace cemscope::imaging::spine {

int ColumnLattice::nodes_along(int length_mm) {
  constexpr int kLeast = 16;
  return std::max(kLeast, (length_mm + 4 * kStep_mm - 1) / (4 * kStep_mm) * 4);
}

ColumnPicture column_picture(const StraightSpine& spine) {
  constexpr float kLow_hu = -80, kBone_hu = 250, kVoxels = 8;
  enum Channel { bone, dense, shown };
  ColumnPicture picture;
  picture.channels.fill(Grid<float>(ColumnLattice::kLeft, ColumnLattice::kFront, ColumnLattice::nodes_along(spine.length())));
  picture.channels[bone] =
      Grid<float>(ColumnLattice::kLeft, ColumnLattice::kFront, ColumnLattice::nodes_along(spine.length()), kLow_hu / kBone_hu);
  for (int z = 0; z < picture.channels[0].nz; ++z)
    for (int y = 0; y < ColumnLattice::kFront; ++y)
      for (int x = 0; x < ColumnLattice::kLeft; ++x)
        for (int part = 0; part < 8; ++part) {
          const int s = 2 * z + part / 4, a = 2 * y + part / 2 % 2 + ColumnLattice::kFirstFront_mm,
                    l = 2 * x + part % 2 + ColumnLattice::kFirstLeft_mm;
          if (s >= spine.length() || spine.is_empty(s, a, l)) continue;
          picture.channels[bone].at(x, y, z) += (static_cast<float>(spine.at(s, a, l)) - kLow_hu) / (kVoxels * kBone_hu);
          picture.channels[dense].at(x, y, z) += (spine.is_dense(s, a, l) ? 1 : 0) / kVoxels;
          picture.channels[shown].at(x, y, z) += 1 / kVoxels;
        }
  return picture;
}

BodyMap body_map(const ColumnPicture& picture, int n_threads) {
  ConvolutionLayers layers(kBodyMap, kBodyMapUnit, n_threads);
  const int nx = picture.channels[0].nx, ny = picture.channels[0].ny, nz = picture.channels[0].nz;
  FeatureGrid seen(nx, ny, nz, ColumnPicture::kChannels);
  seen.for_each_node([&](int x, int y, int z) {
    for (int c = 0; c < ColumnPicture::kChannels; ++c)
      seen.values(seen.row(x, y, z), c) = picture.channels[static_cast<std::size_t>(c)].at(x, y, z);
  });
  const FeatureGrid odds = down_and_up(layers, seen, {kFineFeatures, kMiddleFeatures, kDeepFeatures}, 2);
  BodyMap map{Grid<float>(nx, ny, nz), Grid<float>(nx, ny, nz)};
  odds.for_each_node([&](int x, int y, int z) {
    map.body.at(x, y, z) = odds.values(odds.row(x, y, z), 0);
    map.disc.at(x, y, z) = odds.values(odds.row(x, y, z), 1);
  });
  return map;
}

double log_odds_at(const Grid<float>& map, double s, double a, double l) {
  constexpr double kSurest = 4;
  const auto on = [](double mm, int first, int n) { return std::clamp((mm - first - 0.5) / ColumnLattice::kStep_mm, 0.0, n - 1.001); };
  const double u = on(l, ColumnLattice::kFirstLeft_mm, map.nx), v = on(a, ColumnLattice::kFirstFront_mm, map.ny), w = on(s, 0, map.nz);
  return std::clamp(blend(map, u, v, w), -kSurest, kSurest);
}

}  // namespace cemscope::imaging::spine
