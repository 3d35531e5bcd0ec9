#pragma once

#include <map>
#include <string>
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

/// Metal in the patient, and where the tips of the pedicle screws lie by level (in the vertebra's own frame).
struct Implants {
  std::vector<BonePart> metal;
  std::map<std::string, std::vector<Point_mm>> screw_tips_mm;
};

/// Screws with rods through the named levels, cages between bodies, a hip nail.
Implants make_hardware(const PhantomAnatomy& anatomy, const Spine& spine, std::uint64_t seed);

}  // namespace cemscope::imaging::phantom
