#include "src/evaluation/evaluation_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "src/evaluation/evaluation_text.h"
#include "src/report/markup.h"

namespace cemscope::evaluation {
namespace {

using report::element;
using report::escape;
using report::Html;
using report::markup;
using report::void_element;

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,'DejaVu Sans','Noto Sans CJK SC',sans-serif;max-width:78rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;border-top:2px solid "
    "#222;border-bottom:2px solid #222}th{border-bottom:1px solid #222;text-align:left}th,td{padding:.22rem .5rem;vertical-align:top;"
    "font-variant-numeric:tabular-nums}tr+tr td{border-top:1px solid #e4e4e4}.foot{font-size:.85rem;color:#555}.plots{display:grid;"
    "grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:1rem}figure{margin:0}figcaption{font-weight:600;font-size:.9rem}"
    "svg{width:100%;height:auto}svg text{font-size:11px;fill:#444}@media print{body{margin:0}}";

Html row_of(const char* cell, const std::vector<std::string>& texts) {
  Html row;
  for (const auto& text : texts) row += element(cell, escape(text));
  return element("tr", row) + markup("\n");
}

Html table_of(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows) {
  Html body;
  for (const auto& row : rows) body += row_of("td", row);
  return element("table", element("thead", row_of("th", heads)) + element("tbody", body));
}

std::string unit_words(const std::string& unit) { return unit == "1" ? std::string{} : ", " + unit; }

Html section(const char* title, const Html& content) { return element("h2", escape(title)) + markup("\n") + content + markup("\n"); }

Html foot(const char* text) { return element("p", {{"class", "foot"}}, escape(text)); }

Html detections(const Evaluation& evaluation) {
  if (evaluation.detections.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& d : evaluation.detections)
    rows.push_back({title_of({Scope::vertebra, d.modality}, d.name), words_of(d.sensitivity), words_of(d.ppv), fmt::format("{}", d.missed),
                    fmt::format("{}", d.invented), fmt::format("{} / {} / {}", d.level_right, d.level_wrong, d.level_not_named)});
  return section("Found",
                 table_of({"What", "Found", "Of those said, true", "Missed", "Invented", "Level right / wrong / not named"}, rows));
}

Html findings(const Evaluation& evaluation) {
  if (evaluation.findings.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& f : evaluation.findings) {
    const auto& c = f.counts;
    rows.push_back({title_of(f.where, f.name), fmt::format("{} / {} / {} / {}", c.true_yes, c.false_no, c.true_no, c.false_yes),
                    words_of(f.sensitivity), words_of(f.specificity), words_of(f.kappa), words_of(f.left_out), words_of(f.right_of_all)});
  }
  return section("Yes and no",
                 table_of({"Finding", "Yes: right / missed; no: right / false yes", "Sensitivity", "Specificity", "Kappa", "Not compared",
                           "Right of all"},
                          rows) +
                     foot("\u201cRight of all\u201d counts what was not assessable or not found as not right; borderline truths and "
                          "answers taken from the clinical table are in neither."));
}

std::string count_words(const CategoryResult& result) {
  std::string text;
  for (Eigen::Index i = 0; i < result.counts.rows(); ++i)
    for (Eigen::Index j = 0; j < result.counts.cols(); ++j)
      if (i != j && result.counts(i, j) > 0)
        text += fmt::format("{}{} said {}: {}", text.empty() ? "" : "; ", result.words[static_cast<std::size_t>(i)],
                            result.words[static_cast<std::size_t>(j)], result.counts(i, j));
  return text;
}

Html categories(const Evaluation& evaluation) {
  if (evaluation.categories.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& c : evaluation.categories)
    rows.push_back({title_of(c.where, c.name), words_of(c.accuracy), words_of(c.kappa), count_words(c), words_of(c.left_out)});
  return section("Classes", table_of({"Finding", "Same", "Kappa", "Differences", "Not compared"}, rows));
}

Html numbers(const Evaluation& evaluation) {
  if (evaluation.numbers.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const auto& r : evaluation.numbers) {
    const auto& b = r.differences;
    rows.push_back(
        {title_of(r.where, r.name) + unit_words(r.unit), fmt::format("{}", r.truth.size()), b ? words_of(b->bias, b->bias_ci, 3) : "-",
         b ? words_of(b->lower, b->lower_ci, 3) : "-", b ? words_of(b->upper, b->upper_ci, 3) : "-", words_of(r.icc),
         r.relative_error ? words_of(r.relative_error, 3) + fmt::format("; worst {:.3f}", r.worst_relative) : "-", words_of(r.left_out)});
  }
  return section("Measurements", table_of({"Measurement", "n", "Bias", "Lower limit of agreement", "Upper limit of agreement", "ICC(A,1)",
                                           "Relative error, median", "Not compared"},
                                          rows));
}

/// The plane of a Bland-Altman plot in user units of the SVG.
class Plot {
 public:
  static constexpr double kWidth = 330, kHeight = 220, kLeft = 52, kRight = 8, kTop = 10, kBottom = 34;

  explicit Plot(const NumberResult& result) : result_(result), b_(*result.differences) {
    for (std::size_t i = 0; i < result.truth.size(); ++i) {
      low_x_ = std::min(low_x_, mean(i)), high_x_ = std::max(high_x_, mean(i));
      low_y_ = std::min(low_y_, difference(i)), high_y_ = std::max(high_y_, difference(i));
    }
    low_y_ = std::min(low_y_, b_.lower), high_y_ = std::max(high_y_, b_.upper);
    widen(low_x_, high_x_);
    widen(low_y_, high_y_);
  }

  [[nodiscard]] Html draw() const {
    Html content = level(0, "#bbbbbb", "none") + level(b_.bias, "#1f5fa8", "none") + level(b_.lower, "#c0561a", "4 3") +
                   level(b_.upper, "#c0561a", "4 3");
    for (std::size_t i = 0; i < result_.truth.size(); ++i)
      content += void_element(
          "circle",
          {{"cx", number(x(mean(i)))}, {"cy", number(y(difference(i)))}, {"r", "3"}, {"fill", "#333333"}, {"fill-opacity", "0.6"}});
    content += frame();
    return element("svg", {{"viewBox", fmt::format("0 0 {} {}", kWidth, kHeight)}, {"role", "img"}}, content);
  }

 private:
  static void widen(double& low, double& high) {
    const double margin = high > low ? 0.06 * (high - low) : std::max(1e-3, 0.1 * std::abs(high));
    low -= margin, high += margin;
  }
  [[nodiscard]] double mean(std::size_t i) const { return (result_.truth[i] + result_.said[i]) / 2; }
  [[nodiscard]] double difference(std::size_t i) const { return result_.said[i] - result_.truth[i]; }
  [[nodiscard]] double x(double value) const { return kLeft + (value - low_x_) / (high_x_ - low_x_) * (kWidth - kLeft - kRight); }
  [[nodiscard]] double y(double value) const {
    return kHeight - kBottom - (value - low_y_) / (high_y_ - low_y_) * (kHeight - kTop - kBottom);
  }
  static std::string number(double value) { return fmt::format("{:.1f}", value); }

  static Html text(double at_x, double at_y, const char* anchor, const std::string& words) {
    return element("text", {{"x", number(at_x)}, {"y", number(at_y)}, {"text-anchor", anchor}}, escape(words));
  }
  [[nodiscard]] Html level(double value, const char* colour, const char* dashes) const {
    const auto at = number(y(value));
    return void_element(
        "line",
        {{"x1", number(kLeft)}, {"x2", number(kWidth - kRight)}, {"y1", at}, {"y2", at}, {"stroke", colour}, {"stroke-dasharray", dashes}});
  }
  [[nodiscard]] Html frame() const {
    const double bottom = kHeight - kBottom;
    Html lines = void_element(
        "path", {{"d", fmt::format("M{} {}V{}H{}", kLeft, kTop, bottom, kWidth - kRight)}, {"fill", "none"}, {"stroke", "#444444"}});
    for (const double share : {0.0, 0.5, 1.0}) {
      const double value_x = low_x_ + share * (high_x_ - low_x_), value_y = low_y_ + share * (high_y_ - low_y_);
      lines += text(x(value_x), bottom + 14, share == 1.0 ? "end" : share == 0.0 ? "start" : "middle", fmt::format("{:.3g}", value_x));
      lines += text(kLeft - 4, y(value_y) + 4, "end", fmt::format("{:.2g}", value_y));
    }
    return lines + text((kLeft + kWidth) / 2, kHeight - 4, "middle", "mean of said and true" + unit_words(result_.unit));
  }

  const NumberResult& result_;
  const analysis::BlandAltman& b_;
  double low_x_ = 1e300, high_x_ = -1e300, low_y_ = 0, high_y_ = 0;
};

Html plots(const Evaluation& evaluation) {
  Html figures;
  for (const auto& result : evaluation.numbers)
    if (result.differences && result.differences->sd > 0)
      figures += element("figure", element("figcaption", escape(title_of(result.where, result.name))) + Plot(result).draw()) + markup("\n");
  if (figures.text.empty()) return {};
  return section("Said minus true", element("div", {{"class", "plots"}}, figures) +
                                        foot("Solid line: bias; dashed: limits of agreement (95 %); grey: no difference."));
}

Html dice_section(const Evaluation& evaluation) {
  if (!evaluation.dice) return {};
  const auto& d = *evaluation.dice;
  return section("Cement, Dice", table_of({"n", "Median", "Mean", "Worst", "Without a label"},
                                          {{fmt::format("{}", d.values.size()), words_of(d.median, 3), words_of(*d.mean, d.mean_ci, 3),
                                            fmt::format("{:.3f}", *d.worst), fmt::format("{}", d.without_label)}}));
}

Html notes(const Evaluation& evaluation) {
  if (evaluation.notes.empty()) return {};
  Html items;
  for (const auto& note : evaluation.notes) items += element("li", escape(note)) + markup("\n");
  return section("Where they differ", element("ul", items));
}

Html methods() {
  return section("Methods", element("p", escape("Limits in brackets are 95 %. Shares: Wilson 1927. Kappa: Cohen, linear weights where "
                                                "classes are ordered, large-sample error of "
                                                "Fleiss, Cohen & Everitt 1969 (no limits where all agree). Differences: Bland & Altman "
                                                "1999. ICC(A,1): two-way random, absolute "
                                                "agreement, McGraw & Wong 1996. Medians: order statistics, from six values on. Vertebrae "
                                                "of one patient count as independent, "
                                                "which makes limits somewhat too narrow where patients have several. A treated vertebra is "
                                                "the true one when their centres lie "
                                                "within 12 mm, else by its name, else by its order from the top.")));
}

}  // namespace

std::string render_evaluation(const Evaluation& evaluation, const std::string& subtitle) {
  const auto summary = fmt::format("{} patients with a truth, {} of them scored; {} scored without a truth.", evaluation.n_patients,
                                   evaluation.n_scored, evaluation.n_without_truth);
  const Html body = element("h1", escape("Agreement with the truth")) + element("p", escape(subtitle)) + element("p", escape(summary)) +
                    detections(evaluation) + findings(evaluation) + categories(evaluation) + numbers(evaluation) + plots(evaluation) +
                    dice_section(evaluation) + notes(evaluation) + methods();
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src "
         "'none'; style-src 'unsafe-inline'\"><title>cemscope evaluation</title><style>" +
         std::string(kStyle) + "</style></head>\n<body>\n" + body.text + "</body></html>\n";
}

}  // namespace cemscope::evaluation
