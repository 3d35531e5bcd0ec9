#pragma once

#include <map>
#include <string>
#include <vector>

#include "imaging/vertebra_measurement.h"
#include "src/report/drawing.h"
#include "src/report/picture_layout.h"
#include "src/report/words.h"

namespace cemscope::report {

/// The colours that a picture's PNG keeps exactly.
std::vector<Colour> picture_accents();

/// One finding, broken into lines.
struct CaptionEntry {
  Statement statement;
  std::vector<std::string> lines;
  double height_px = 0.0;
};

/// A zone's line in the legend; what the picture does not hold is dimmed.
struct LegendItem {
  LineStyle style;
  std::string words;
  bool is_lit = true;
  Eigen::Vector2d at{0, 0};  ///< from the caption's corner
};

/// Legend, findings in one or two columns, and warnings, laid out for a width.
struct Caption {
  double height_px = 0.0;
  std::vector<LegendItem> legend;
  double columns_top_px = 0.0, second_column_px = 0.0;
  std::vector<CaptionEntry> first, second;
  double warnings_top_px = 0.0;
  std::vector<std::string> warning_lines;
};

/// What a caption says.
struct CaptionContent {
  std::vector<LegendItem> legend;
  std::vector<Statement> statements;
  std::vector<std::string> warnings;  ///< stable codes
};

Caption lay_out_caption(const CaptionContent& content, double width_px);
void draw_caption(Canvas& canvas, const Caption& caption, const Eigen::Vector2d& corner);

/// Title line of a picture and its last line.
void draw_header(Canvas& canvas, const std::string& title, const std::string& subtitle);
void draw_footer(Canvas& canvas, const std::string& footer);
/// The same without the words on the CT window.
void draw_plain_footer(Canvas& canvas, const std::string& footer);

/// A legend's lines for the zones (with their volumes behind the names where given), the wall and the midline.
std::vector<LegendItem> zone_legend(const std::map<imaging::CementZone, double>& volumes_ml);

/// Places the items in rows no wider than `width_px` and returns the height they take.
double lay_out_legend(std::vector<LegendItem>& items, double width_px);
void draw_legend(Canvas& canvas, const std::vector<LegendItem>& items, const Eigen::Vector2d& corner);

}  // namespace cemscope::report
