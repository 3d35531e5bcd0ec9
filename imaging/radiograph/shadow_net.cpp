#include "imaging/radiograph/shadow_net.h"

#include "imaging/feature_net.h"
#include "imaging/radiograph/shadow_weights.h"

namespace cemscope::imaging::radiograph {

FilmShadows film_shadows(const StripPicture& picture, FilmView view) {
  constexpr int kShadows = 4;
  ConvolutionLayers layers =
      view == FilmView::ap ? ConvolutionLayers(kApShadow, kApShadowUnit) : ConvolutionLayers(kLateralShadow, kLateralShadowUnit);
  const int nx = picture.channels[0].nx, ny = picture.channels[0].ny;
  const FeatureGrid seen = folded(nx, ny, 1, StripPicture::kChannels,
                                  [&](int c, int x, int y, int) { return picture.channels[static_cast<std::size_t>(c)].at(x, y); });
  const FeatureGrid parts = down_and_up(layers, seen, {kFineFeatures, kMiddleFeatures, kDeepFeatures}, seen.n_parts() * kShadows);
  const Plane<float> empty(nx, ny);
  FilmShadows shadows{picture.grid, empty, empty, empty, empty};
  const std::array<Plane<float>*, kShadows> planes{&shadows.body, &shadows.right, &shadows.cement, &shadows.leak};
  parts.for_each_part([&](int x, int y, int z, int part, int fine_x, int fine_y, int) {
    for (int n = 0; n < kShadows; ++n)
      planes[static_cast<std::size_t>(n)]->at(fine_x, fine_y) = parts.values(parts.row(x, y, z), part * kShadows + n);
  });
  return shadows;
}

}  // namespace cemscope::imaging::radiograph
