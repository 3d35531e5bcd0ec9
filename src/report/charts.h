#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/report/markup.h"

namespace cemscope::report {

/// Charts are inline SVG whose horizontal positions are percentages, so that they fill any width with text of a fixed size. Colours come
/// from the style sheet by class. Each carries its content as an accessible name.

/// How often a finding was answered each way. The classes of the parts are yes-good, yes-bad and so on as `yes_class`, `no_class` say.
struct AnswerCounts {
  int yes = 0, no = 0, not_assessable = 0;
  [[nodiscard]] int assessable() const { return yes + no; }
  [[nodiscard]] int total() const { return yes + no + not_assessable; }
};

/// A bar stacked of yes, no and not assessable; `yes_class` is the style class of its first part.
Html stacked_bar(const std::string& name, const AnswerCounts& counts, const std::string& yes_class);

/// A bar with its label below, at its place in a histogram or among categories.
struct Bar {
  std::string label;
  int count = 0;
  std::string style_class = "bar";
};
/// Upright bars with counts above them.
Html bar_chart(const std::string& name, const std::vector<Bar>& bars);

/// Position of a risk (0-1) on the logarithmic axis from 0.1 % to 100 %, in percent of its width; clamped to the axis.
double risk_axis_percent(double risk);

/// A risk with its interval and the base rate on that axis.
struct RiskMark {
  double risk = 0.0;
  std::optional<double> low, high, base_rate;
};
enum class RiskAxis { without_ticks, with_ticks };
Html risk_bar(const RiskMark& mark, RiskAxis axis);

/// Bars to the right (raising) or left (lowering) of a middle line, scaled to `largest`.
Html contribution_bar(const std::string& name, double contribution, double largest);

/// "21 %", "3.1 %", "< 0.1 %": one decimal below ten percent, none above.
std::string risk_words(double risk);

}  // namespace cemscope::report
