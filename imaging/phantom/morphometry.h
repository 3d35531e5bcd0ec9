#pragma once

#include <array>
#include <string>
#include <string_view>

namespace cemscope::imaging::phantom {

/// Mean size of a vertebra in mm and its posture when lying.
/// Widths, depths, canal, pedicles and processes rounded after Panjabi et al., Spine 1991;16:888 (thoracic) and 1992;17:299
/// (lumbar); anterior heights, discs and pitch after supine CT (lordosis L1-S1 about 50 degrees).
struct VertebraSize {
  std::string_view level;
  double width_upper_mm, width_lower_mm, depth_upper_mm, depth_lower_mm;
  double height_anterior_mm, height_posterior_mm;
  double canal_width_mm, canal_depth_mm;
  double pedicle_width_mm, pedicle_height_mm;
  double transverse_width_mm;  ///< tip to tip
  double spinous_length_mm;    ///< canal to tip
  double spinous_drop_mm;      ///< how far the tip lies below the canal's middle
  double disc_below_mm;
  double pitch_deg;  ///< of the superior axis to posterior
};

inline constexpr int kNLevels = 15;  ///< T6 ... L5, S1, S2, S3
inline constexpr int kFirstSacral = 12;

const std::array<VertebraSize, kNLevels>& vertebra_sizes();

/// Index into vertebra_sizes(). Throws Error{usage} for a level that is not simulated.
int level_index(const std::string& level);

/// The level at an index into vertebra_sizes().
inline std::string level_name(int index) { return std::string(vertebra_sizes()[static_cast<std::size_t>(index)].level); }

}  // namespace cemscope::imaging::phantom
