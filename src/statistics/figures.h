#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/statistics/fit_analysis.h"
#include "src/statistics/report_words.h"

namespace cemscope::statistics {

/// A figure as gnuplot commands without a terminal; data are inside.
struct FigureScript {
  std::string name;  ///< file name without extension: "roc", "calibration", "decision", "forest", "nomogram"
  std::string title;
  std::string commands;
  int width = 640, height = 480;  ///< pixels
};

/// The figures this analysis allows: those whose parts are missing are left out.
std::vector<FigureScript> figure_scripts(const FitAnalysis& analysis, Language language);

/// Draws a script by gnuplot (no display needed) into an SVG or PNG file, by the extension of `path`. False when gnuplot is not
/// installed or fails; nothing is thrown, a report without figures is still a report.
bool draw_figure(const FigureScript& script, const std::filesystem::path& path);

}  // namespace cemscope::statistics
