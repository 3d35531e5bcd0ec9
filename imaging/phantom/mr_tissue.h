#pragma once

#include <optional>
#include <vector>

#include "imaging/phantom/mr_parameters.h"
#include "imaging/phantom/spine_curve.h"

namespace cemscope::imaging::phantom {

enum class MrTissue { air, skin, fat, muscle, fascia, cortex, marrow, fluid, cord, disc, annulus, vessel, organ, bowel };

/// A place's tissue and how much water (s of DEFINITIONS) oedema has brought into it.
struct MrPlace {
  MrTissue tissue = MrTissue::air;
  double water_s = 0;    ///< 0: none; else the signal is that of s
  double fat_share = 0;  ///< of muscle
  double grain = 0;      ///< texture, SD 1
  bool is_moving = false;
};

/// The patient as the MR simulator sees it: the phantom's spine in a back of layers that follow the spinous processes.
class MrScene {
 public:
  explicit MrScene(const PhantomMrParameters& parameters);

  /// What must be looked up once per height.
  struct Level {
    SpineSection section;
    double tip_y_mm = 0;         ///< of the spinous processes' tips
    double fat_mm = 20;          ///< of the subcutaneous layer at the midline
    double bulge_mm = 5;         ///< of the muscles beyond the tips
    double fold_mm = 0;          ///< how deep the skin is creased
    std::vector<int> vertebrae;  ///< that may hold points of this height
  };
  [[nodiscard]] Level level_at(double z_mm) const;
  [[nodiscard]] double fascia_y_mm(const Level& level, double x_mm) const;
  [[nodiscard]] double skin_y_mm(const Level& level, double x_mm) const;
  [[nodiscard]] MrPlace at(const Point_mm& point, const Level& level) const;
  [[nodiscard]] const Spine& spine() const { return spine_; }

 private:
  struct Strip {
    PhantomFluidStrip form;
    double z_mm;
  };
  [[nodiscard]] double strip_s(const std::vector<Strip>& strips, double dx, double z, double depth_mm) const;
  [[nodiscard]] MrPlace still_at(const Point_mm& point, const Level& level) const;
  [[nodiscard]] std::optional<MrPlace> metal_at(const Point_mm& point, const Level& level) const;
  [[nodiscard]] bool moves(const Point_mm& point, const Level& level, const MrPlace& place) const;
  [[nodiscard]] double muscle_fat_at(const Point_mm& point, double beside_mm) const;
  [[nodiscard]] MrPlace bone_at(const Point_mm& point, const Level& level, bool& found) const;
  [[nodiscard]] MrPlace back_at(const Point_mm& point, const Level& level, double fascia_y) const;
  [[nodiscard]] MrPlace front_at(const Point_mm& point, const Level& level) const;
  [[nodiscard]] MrPlace body_at(const Vertebra& vertebra, const Point_mm& local, double distance_mm) const;
  [[nodiscard]] std::vector<Strip> placed(const std::vector<PhantomFluidStrip>& forms) const;

  PhantomMrParameters parameters_;
  NoiseTexture texture_;
  Spine spine_;
  SpineCurve curve_;
  std::vector<Strip> injuries_, interspinous_, subcutaneous_;
  std::vector<std::pair<double, double>> tips_;  ///< z, y of the spinous processes' tips, from the top
};

}  // namespace cemscope::imaging::phantom
