#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/contingency.h"
#include "src/report/charts.h"
#include "src/report/html_parts.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;
using imaging::Answer;

void count(AnswerCounts& counts, Answer answer) {
  ++(answer == Answer::yes ? counts.yes : answer == Answer::no ? counts.no : counts.not_assessable);
}

AnswerCounts count_answers(const std::vector<CaseResult>& cases, imaging::Finding CaseResult::*finding) {
  AnswerCounts counts;
  for (const auto& result : cases) count(counts, (result.*finding).answer);
  return counts;
}

AnswerCounts count_distribution(const std::vector<CaseResult>& cases) {
  AnswerCounts counts;
  for (const auto& result : cases) {
    const bool is_known = result.distribution != imaging::Distribution::not_assessable;
    count(counts, !is_known                                                    ? Answer::not_assessable
                  : result.distribution == imaging::Distribution::satisfactory ? Answer::yes
                                                                               : Answer::no);
  }
  return counts;
}

Html tile(const std::string& value, const std::string& label, const std::string& note) {
  return element("div", {{"class", "tile"}},
                 element("div", {{"class", "value"}}, escape(value)) + element("div", {{"class", "label"}}, escape(label)) +
                     (note.empty() ? Html{} : element("div", {{"class", "note"}}, escape(note))));
}

/// Linear between the two nearest values (Hyndman and Fan's type 7).
double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

std::vector<double> cement_volumes(const std::vector<CaseResult>& cases) {
  std::vector<double> volumes;
  for (const auto& result : cases) {
    for (const auto& row : result.vertebrae) {
      if (row.measurement.cement_ml) volumes.push_back(*row.measurement.cement_ml);
    }
  }
  return volumes;
}

std::vector<double> risks(const std::vector<CaseResult>& cases) {
  std::vector<double> values;
  for (const auto& result : cases) {
    if (result.risk) values.push_back(*result.risk);
  }
  return values;
}

std::string middle_words(const std::vector<double>& values, const std::function<std::string(double)>& words) {
  return fmt::format("middle half {} to {}", words(quantile(values, 0.25)), words(quantile(values, 0.75)));
}

Html tiles(const std::vector<CaseResult>& cases, const RunInfo& run) {
  const auto volumes = cement_volumes(cases), all_risks = risks(cases);
  std::size_t n_vertebrae = 0;
  for (const auto& result : cases) n_vertebrae += result.vertebrae.size();
  const auto ml = [](double value) { return fmt::format("{:.2f}\u00a0mL", value); };
  Html html = tile(std::to_string(cases.size()), cases.size() == 1 ? "patient" : "patients", "");
  html += tile(std::to_string(n_vertebrae), n_vertebrae == 1 ? "treated vertebra" : "treated vertebrae", "");
  html += volumes.empty() ? tile("\u2013", "cement per vertebra", "none measured")
                          : tile(ml(quantile(volumes, 0.5)), "cement per vertebra, median", middle_words(volumes, ml));
  html += all_risks.empty() ? tile("\u2013", "risk", "none computed")
                            : tile(risk_words(quantile(all_risks, 0.5)), "risk, median", middle_words(all_risks, risk_words));
  html += tile(std::to_string(run.failures.size()), "could not be used", run.failures.empty() ? "nothing" : "listed under failures");
  return element("div", {{"class", "tiles"}}, html);
}

std::string rate_words(const AnswerCounts& counts) {
  if (counts.assessable() == 0) return "not assessable in any patient";
  const auto interval = analysis::wilson_interval(counts.yes, counts.assessable());
  return fmt::format("{} of {}: {} (95\u00a0% CI {:.0f}\u2013{:.0f}\u00a0%)", counts.yes, counts.assessable(),
                     percent(static_cast<double>(counts.yes) / counts.assessable()), 100 * interval.low, 100 * interval.high);
}

Html answer_row(const std::string& name, const AnswerCounts& counts, const std::string& yes_class) {
  return element("div", {{"class", "answer-row"}},
                 element("div", {{"class", "answer-name"}}, escape(name)) + stacked_bar(name, counts, yes_class) +
                     element("div", {{"class", "answer-rate"}}, escape(rate_words(counts))));
}

Html panel(const std::string& title, const std::string& note, const Html& content, const std::string& extra_class = "") {
  const Html small = note.empty() ? Html{} : element("p", {{"class", "chart-note"}}, escape(note));
  return element("figure", {{"class", extra_class.empty() ? "chart" : "chart " + extra_class}},
                 element("figcaption", escape(title)) + content + small);
}

Html key(const std::string& style_class, const std::string& words) {
  return element("span", {{"class", "key"}}, element("span", {{"class", "swatch " + style_class}}, {}) + escape(words));
}

Html answers_panel(const std::vector<CaseResult>& cases) {
  Html html = answer_row("Leakage, radiograph grade", count_answers(cases, &CaseResult::leakage_radiographic), "bad");
  html += answer_row("Leakage, any", count_answers(cases, &CaseResult::leakage), "bad");
  html += answer_row("Midline crossed", count_answers(cases, &CaseResult::midline_crossed), "good");
  html += answer_row("Distribution satisfactory", count_distribution(cases), "good");
  html += answer_row("Soft-tissue injury", count_answers(cases, &CaseResult::soft_tissue_injury), "bad");
  html += answer_row("Adjacent fracture", count_answers(cases, &CaseResult::adjacent_fracture), "bad");
  html += element("p", {{"class", "keys"}},
                  key("bad", "yes, adverse") + key("good", "yes, favourable") + key("no", "no") + key("unknown", "not assessable"));
  return panel("Findings by patient", "Rates are of the assessable patients; Wilson score interval.", html, "wide");
}

Html volume_panel(const std::vector<CaseResult>& cases) {
  constexpr int kMost_ml = 9;
  std::vector<Bar> bars;
  for (int ml = 0; ml < kMost_ml; ++ml) bars.push_back({fmt::format("{}\u2013{}", ml, ml + 1), 0});
  bars.push_back({fmt::format("\u2265{}", kMost_ml), 0});
  for (const double volume : cement_volumes(cases))
    ++bars[static_cast<std::size_t>(std::clamp(volume, 0.0, static_cast<double>(kMost_ml)))].count;
  return panel("Cement per treated vertebra, mL", "", bar_chart("Treated vertebrae by cement volume in mL", bars));
}

Html risk_panel(const std::vector<CaseResult>& cases, const RunInfo& run) {
  constexpr std::array<double, 8> kEdges{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6};
  constexpr std::array<const char*, 9> kLabels{"<0.5",       "0.5\u20131", "1\u20132",   "2\u20135", "5\u201310",
                                               "10\u201320", "20\u201340", "40\u201360", ">60"};
  std::vector<Bar> bars;
  for (const auto* label : kLabels) bars.push_back({label, 0});
  for (const double risk : risks(cases)) {
    ++bars[static_cast<std::size_t>(std::upper_bound(kEdges.begin(), kEdges.end(), risk) - kEdges.begin())].count;
  }
  const std::string note = run.model ? fmt::format("Outcome: {}.", run.model->outcome) : "";
  return panel("Risk, %", note, bar_chart("Patients by risk in percent", bars));
}

Html zones_panel(const std::vector<CaseResult>& cases) {
  std::vector<Bar> bars;
  for (int z = 2; z <= imaging::kNCementZones; ++z) {
    const auto zone = static_cast<imaging::CementZone>(z);
    Bar bar{words_of_zone(zone), 0, "zone-" + std::to_string(z)};
    for (const auto& result : cases) {
      for (const auto& row : result.vertebrae) bar.count += zone_volume_ml(row.measurement, zone).value_or(0.0) > 0.0 ? 1 : 0;
    }
    bars.push_back(bar);
  }
  return panel("Treated vertebrae with cement outside the body, by zone", "The needle tract is no leak.",
               bar_chart("Vertebrae by zone of cement", bars));
}

}  // namespace

Html summary_section(const std::vector<CaseResult>& cases, const RunInfo& run) {
  if (cases.empty()) return element("p", escape("No patient could be scored."));
  return tiles(cases, run) +
         element("div", {{"class", "charts"}}, answers_panel(cases) + volume_panel(cases) + risk_panel(cases, run) + zones_panel(cases));
}

}  // namespace cemscope::report
