#pragma once

#include "src/report/drawing.h"

namespace cemscope::report {

/// Measures of the pictures, px unless said otherwise. A vertebra's picture: header, three main panels in a row, leak panels four to a row,
/// then (or beside one or two leak panels) legend, findings and warnings, and a last line.
inline constexpr int kPictureWidth_px = 1280;
inline constexpr int kMargin_px = 16, kGap_px = 12, kHeader_px = 58, kFooter_px = 34;
inline constexpr double kPanelTitle_px = 24.0;  ///< height of the title above a panel's image
inline constexpr int kMainSide_px = (kPictureWidth_px - 2 * kMargin_px - 2 * kGap_px) / 3;
inline constexpr int kLeaksPerRow = 4;
inline constexpr int kLeakSide_px = (kPictureWidth_px - 2 * kMargin_px - 3 * kGap_px) / kLeaksPerRow;

inline constexpr double kField_mm = 92.0;          ///< side of the main panels: a lumbar vertebra with its pedicles and laminae
inline constexpr double kLargestField_mm = 170.0;  ///< when cement lies farther out
inline constexpr double kLeakField_mm = 58.0;      ///< side of the leak panels
inline constexpr double kBehindCentre_mm = 12.0;   ///< the field's centre lies behind the body's, so that the canal is in the picture

inline constexpr Colour kGround{13, 17, 23};  ///< the background

/// Top left corner of the i-th main panel (axial, sagittal, coronal) or leak panel, its title included.
inline Eigen::Vector2d main_corner(int i) { return {kMargin_px + i * (kMainSide_px + kGap_px), kHeader_px}; }
inline Eigen::Vector2d leak_corner(int i) {
  const int row = i / kLeaksPerRow, column = i % kLeaksPerRow;
  const double pitch = kLeakSide_px + kPanelTitle_px + kGap_px;
  return {kMargin_px + column * (kLeakSide_px + kGap_px), kHeader_px + kPanelTitle_px + kMainSide_px + kGap_px + row * pitch};
}

}  // namespace cemscope::report
