#pragma once

#include <filesystem>
#include <string>

#include "src/statistics/fit_analysis.h"
#include "src/statistics/report_words.h"

namespace cemscope::statistics {

/// Writes a self-contained HTML report (figures inline) to `path`, and the figures as SVG and PNG into the folder "<stem>_figures"
/// beside it. Without gnuplot the report says that the figures are missing. Throws Error{unreadable} when nothing can be written.
void write_fit_report(const FitAnalysis& analysis, const std::filesystem::path& path, Language language);

/// The tables and texts of the report, as HTML without figures.
std::string report_tables_html(const FitAnalysis& analysis, Language language);
std::string report_methods_html(const FitAnalysis& analysis, Language language);

}  // namespace cemscope::statistics
