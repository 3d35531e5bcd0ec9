#include "src/report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cemscope::report {
namespace {

std::string pct(double value) { return fmt::format("{:.2f}%", value); }
std::string px(double value) { return fmt::format("{:.1f}", value); }

Html svg(const std::string& style_class, double height_px, const std::string& name, const Html& content) {
  return element("svg", {{"class", style_class}, {"width", "100%"}, {"height", px(height_px)}, {"role", "img"}, {"aria-label", name}},
                 content);
}

/// x and width in percent, y and height in pixels.
struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0, corner_px = 2;
};

Html rectangle(const std::string& style_class, const Rectangle& r) {
  return void_element("rect", {{"class", style_class},
                               {"x", pct(r.x)},
                               {"y", px(r.y)},
                               {"width", pct(r.width)},
                               {"height", px(r.height)},
                               {"rx", px(r.corner_px)}});
}

Html label(const std::string& style_class, double x, double y, const std::string& words) {
  return element("text", {{"class", style_class}, {"x", pct(x)}, {"y", px(y)}}, escape(words));
}

Html upright(const std::string& style_class, double x, double y1, double y2) {
  return void_element("line", {{"class", style_class}, {"x1", pct(x)}, {"x2", pct(x)}, {"y1", px(y1)}, {"y2", px(y2)}});
}

}  // namespace

Html stacked_bar(const std::string& name, const AnswerCounts& counts, const std::string& yes_class) {
  constexpr double kHeight_px = 18;
  const double scale = 100.0 / std::max(1, counts.total());
  Html content;
  double x = 0.0;
  const auto add = [&](const std::string& style_class, int count) {
    if (count == 0) return;
    content += rectangle(style_class, {x, 0, count * scale, kHeight_px, 0});
    if (count * scale > 6) content += label("in-bar " + style_class, x + count * scale / 2, 13, std::to_string(count));
    x += count * scale;
  };
  add(yes_class, counts.yes);
  add("no", counts.no);
  add("unknown", counts.not_assessable);
  return svg("stack", kHeight_px, fmt::format("{}: {} yes, {} no, {} not assessable", name, counts.yes, counts.no, counts.not_assessable),
             content);
}

Html bar_chart(const std::string& name, const std::vector<Bar>& bars) {
  constexpr double kTop_px = 20, kPlot_px = 110, kBelow_px = 24;
  int most = 1;
  for (const auto& bar : bars) most = std::max(most, bar.count);
  const double pitch = 100.0 / static_cast<double>(std::max<std::size_t>(1, bars.size()));
  Html content;
  std::string words = name + ":";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double height = kPlot_px * bars[i].count / most, x = pitch * static_cast<double>(i), middle = x + pitch / 2;
    content += rectangle(bars[i].style_class, {x + 0.1 * pitch, kTop_px + kPlot_px - height, 0.8 * pitch, height, 2});
    if (bars[i].count > 0) content += label("count", middle, kTop_px + kPlot_px - height - 5, std::to_string(bars[i].count));
    content += label("tick", middle, kTop_px + kPlot_px + 16, bars[i].label);
    words += fmt::format(" {} {};", bars[i].label, bars[i].count);
  }
  content += void_element(
      "line", {{"class", "axis"}, {"x1", "0%"}, {"x2", "100%"}, {"y1", px(kTop_px + kPlot_px)}, {"y2", px(kTop_px + kPlot_px)}});
  return svg("bars", kTop_px + kPlot_px + kBelow_px, words, content);
}

double risk_axis_percent(double risk) {
  constexpr double kDecades = 3.0;  // 0.1 % to 100 %
  return 100.0 * std::clamp(std::log10(std::max(risk, 1e-6)) + kDecades, 0.0, kDecades) / kDecades;
}

Html risk_bar(const RiskMark& mark, RiskAxis axis) {
  const double height = axis == RiskAxis::with_ticks ? 40 : 18, middle = 9;
  Html content = rectangle("track", {0, middle - 2, 100, 4, 2});
  std::string words = "Risk " + risk_words(mark.risk);
  for (const double tick : {0.01, 0.1}) content += upright("grid", risk_axis_percent(tick), 2, 16);
  if (mark.low && mark.high) {
    const double low = risk_axis_percent(*mark.low), high = risk_axis_percent(*mark.high);
    content += rectangle("interval", {low, middle - 4, std::max(0.5, high - low), 8, 4});
    words += fmt::format(", {} to {}", risk_words(*mark.low), risk_words(*mark.high));
  }
  if (mark.base_rate) content += upright("base-rate", risk_axis_percent(*mark.base_rate), 0, 18);
  content += void_element("circle", {{"class", "point"}, {"cx", pct(risk_axis_percent(mark.risk))}, {"cy", px(middle)}, {"r", "5"}});
  if (axis == RiskAxis::with_ticks) {
    content += label("tick first", 0, 34, "0.1 %");
    content += label("tick", risk_axis_percent(0.01), 34, "1 %") + label("tick", risk_axis_percent(0.1), 34, "10 %");
    content += label("tick last", 100, 34, "100 %");
  }
  return svg("risk", height, words, content);
}

Html contribution_bar(const std::string& name, double contribution, double largest) {
  const double width = 50.0 * std::min(1.0, std::abs(contribution) / std::max(largest, 1e-9));
  Html content = upright("axis", 50, 0, 16);
  content += rectangle(contribution >= 0 ? "raises" : "lowers", {contribution >= 0 ? 50 : 50 - width, 3, width, 10, 2});
  return svg("contribution", 16, fmt::format("{}: {:+.2f} log-odds", name, contribution), content);
}

std::string risk_words(double risk) {
  const double value = 100.0 * risk;
  if (value < 0.05) return "< 0.1\u00a0%";
  return value < 9.95 ? fmt::format("{:.1f}\u00a0%", value) : fmt::format("{:.0f}\u00a0%", value);
}

}  // namespace cemscope::report
