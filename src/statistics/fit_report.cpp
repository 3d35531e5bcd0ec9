#include "src/statistics/fit_report.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/figures.h"

namespace cemscope::statistics {
namespace {

constexpr const char* kStyleSheet =
    "body{font:15px/1.5 system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;max-width:62rem;margin:2rem auto;padding:0 "
    "1rem;color:#222}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;margin-top:1.2rem;border-top:2px "
    "solid #222;border-bottom:2px solid #222}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}th{border-bottom:1px solid #222;text-align:left}th,td{padding:.22rem "
    ".5rem;vertical-align:top}"
    "td+td,th+th{font-variant-numeric:tabular-nums}.foot{font-size:.85rem;color:#555;margin:.2rem 0}.warn{border-left:4px solid "
    "#c0561a;padding:.3rem .8rem;background:#fdf4ee}"
    "figure{margin:1.2rem 0}figure svg{width:100%;max-width:42rem;height:auto}@media print{body{margin:0}}";

std::string list_html(const std::vector<std::string>& items) {
  std::string html = "<ul>";
  for (const auto& item : items) html += "<li>" + escaped(item) + "</li>";
  return html + "</ul>";
}

// The <svg> element of a file, without XML and DOCTYPE lines, so that it can stand inside a page.
std::string inline_svg(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string svg = text.str();
  const auto from = svg.find("<svg");
  return from == std::string::npos ? std::string() : svg.substr(from);
}

// gnuplot names its symbols alike in every file; two figures in one page must not share them.
std::string with_own_ids(std::string svg, const std::string& prefix) {
  for (const char* mark : {"id='", "id=\"", "xlink:href='#", "xlink:href=\"#", "url(#"})
    for (std::size_t at = svg.find(mark); at != std::string::npos; at = svg.find(mark, at + 1))
      svg.insert(at + std::string(mark).size(), prefix + "-");
  return svg;
}

std::string figures_html(const FitAnalysis& a, const std::filesystem::path& folder, Language l) {
  std::string html;
  std::filesystem::create_directories(folder);
  for (const auto& figure : figure_scripts(a, l)) {
    const auto svg = folder / (figure.name + ".svg");
    if (!draw_figure(figure, svg))
      return std::string("<p class=\"warn\">") + say(l, "Figures are missing: gnuplot is not installed.", "缺少图形：未安装gnuplot。") +
             "</p>";
    draw_figure(figure, folder / (figure.name + ".png"));
    html += "<figure><figcaption>" + escaped(figure.title) + "</figcaption>" + with_own_ids(inline_svg(svg), figure.name) + "</figure>\n";
  }
  return html;
}

std::string warnings_html(const FitAnalysis& a, Language l) {
  return a.notes.empty() ? std::string() : "<div class=\"warn\">" + list_html(a.warnings(l)) + "</div>";
}

}  // namespace

void write_fit_report(const FitAnalysis& a, const std::filesystem::path& path, Language l) {
  const auto folder = path.parent_path() / (path.stem().string() + "_figures");
  const std::string title = fmt::format("{} {}", say(l, "Risk model of", "风险模型："), a.data.outcome);
  const std::string html = fmt::format(
                               "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta "
                               "charset=\"utf-8\"><title>{}</title><style>{}</style></head><body>\n<h1>{} <small>{}</small></h1>\n",
                               say(l, "en", "zh"), escaped(title), kStyleSheet, escaped(title), escaped(a.table_name)) +
                           warnings_html(a, l) + report_tables_html(a, l) + "<h2>" + say(l, "Figures", "图") + "</h2>\n" +
                           figures_html(a, folder, l) + "<h2>" + say(l, "Methods", "方法") + "</h2>\n" + report_methods_html(a, l) +
                           "</body></html>\n";
  const std::filesystem::path temporary = path.string() + ".tmp";
  std::ofstream out(temporary, std::ios::binary);
  out << html;
  out.close();
  if (!out) throw Error(ErrorKind::unreadable, fmt::format("cannot write {}", path.string()));
  std::filesystem::rename(temporary, path);
}

}  // namespace cemscope::statistics
