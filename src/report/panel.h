#pragma once

#include <array>
#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "src/report/drawing.h"
#include "src/report/picture_layout.h"
#include "src/report/slice.h"

namespace cemscope::report {

/// Titles; orientation letters; the ticks that mark the other slices.
inline constexpr Colour kPlainTitle{201, 209, 217}, kLetter{255, 214, 102}, kGuide{125, 211, 252};

/// A scan and what was read from it.
struct Scan {
  const imaging::CtVolume& volume;
  const imaging::CtReading& reading;
};

/// A line across a panel from one point of the patient to another.
struct PanelLine {
  imaging::Point_mm from_mm{0, 0, 0}, to_mm{0, 0, 0};
};

/// One slice as it is drawn: where it lies, what its edges are called and which lines cross it.
struct Panel {
  SlicePlane plane;
  std::string title;
  std::array<std::string, 4> letters;  ///< left, right, top, bottom edge of the picture
  std::vector<PanelLine> midlines;
  std::vector<double> guide_columns_px, guide_rows_px;  ///< where the other slices cut this one; ticks at its edges
  std::uint8_t own_body = 0;                            ///< its wall is drawn strongest; 0: all alike
  Colour title_colour = kPlainTitle;
};

/// Colours and dashes of the cement zones: Okabe and Ito's colour-blind-safe palette (2008), lightened where a black ground asks for it.
LineStyle zone_style(imaging::CementZone zone);
/// The wall of a vertebral body, and the midline.
LineStyle wall_style();
LineStyle midline_style();

/// Outlines of a label on a plane, in the plane's pixels: the 0.5 level of its trilinear coverage, sampled at every second pixel, with
/// the voxels' steps rounded off.
std::map<std::uint8_t, std::vector<Polyline>> label_outlines(const imaging::LabelMask& mask, const SlicePlane& plane);

/// Draws the panel with its title at `corner` (top left): image, walls, midline, cement outlines, orientation letters, scale.
/// The middle of the image's pixel (x, y) falls on corner + (x + 0.5, y + 0.5 + kPanelTitle_px).
void draw_panel(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& corner, const Scan& scan);

/// The decorations alone, for panels whose image and outlines are drawn by the caller.
/// `side_y_px`: how far below the box's top the letters of the left and right edges stand.
void draw_letters(Canvas& canvas, const Box& box, const std::array<std::string, 4>& letters, double side_y_px);
void draw_scale(Canvas& canvas, const Box& box, double mm_per_px);
void draw_title(Canvas& canvas, const Box& box, const std::string& title, const Colour& colour);
void draw_image(Canvas& canvas, const Box& box, const imaging::CtVolume& volume, const SlicePlane& plane);
Polyline moved(Polyline line, const Eigen::Vector2d& by);

}  // namespace cemscope::report
