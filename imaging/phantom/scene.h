#pragma once

#include <vector>

#include "imaging/phantom/cement_brick.h"
#include "imaging/phantom/noise_texture.h"
#include "imaging/phantom/soft_tissue.h"
#include "imaging/phantom/spine.h"

namespace cemscope::imaging::phantom {

/// The patient as geometry, before any scan.
struct Scene {
  PhantomParameters parameters;
  NoiseTexture texture;
  Spine spine;
  SoftTissue tissue;
  std::vector<CementBrick> bricks;
  std::vector<BonePart> metal;
};

Scene make_scene(const PhantomParameters& parameters);

/// Screws with rods through the named levels, a hip nail.
std::vector<BonePart> make_hardware(const PhantomAnatomy& anatomy, const Spine& spine, std::uint64_t seed);

}  // namespace cemscope::imaging::phantom
