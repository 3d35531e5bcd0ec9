#include <fmt/format.h>

#include <array>
#include <map>

#include "src/report/charts.h"
#include "src/report/html_parts.h"
#include "src/report/patient_words.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;

/// A finding that the table filters by: its data attribute and the words of its answers.
struct Filter {
  std::string key, title;
  std::string (*answer)(const CaseResult&);
  std::array<std::string, 3> answers;
};

const std::vector<Filter>& filters() {
  static const std::vector<Filter> filters_of_table{
      {"leakage",
       "Leakage",
       [](const CaseResult& r) { return imaging::to_string(r.leakage_radiographic.answer); },
       {"yes", "no", "not_assessable"}},
      {"any-leak", "Any leak", [](const CaseResult& r) { return imaging::to_string(r.leakage.answer); }, {"yes", "no", "not_assessable"}},
      {"midline",
       "Midline crossed",
       [](const CaseResult& r) { return imaging::to_string(r.midline_crossed.answer); },
       {"yes", "no", "not_assessable"}},
      {"distribution",
       "Distribution",
       [](const CaseResult& r) { return imaging::to_string(r.distribution); },
       {"satisfactory", "unsatisfactory", "not_assessable"}},
      {"soft-tissue",
       "Soft tissue",
       [](const CaseResult& r) { return imaging::to_string(r.soft_tissue_injury.answer); },
       {"yes", "no", "not_assessable"}},
  };
  return filters_of_table;
}

Html chip(const Filter& filter, const std::string& answer, int count) {
  const Html words = escape(words_of_code(answer)) + markup(" ") + element("span", {{"class", "n"}}, escape(std::to_string(count)));
  return element("button",
                 {{"type", "button"}, {"class", "chip"}, {"aria-pressed", "false"}, {"data-key", filter.key}, {"data-answer", answer}},
                 words);
}

enum class ColumnKind { text, number };

Html head_cell(const std::string& title, ColumnKind kind, const std::string& hint = "") {
  const Html button = element("button", {{"type", "button"}, {"title", hint.empty() ? "Sort by " + title : hint}}, escape(title));
  return element(
      "th",
      {{"scope", "col"}, {"class", kind == ColumnKind::number ? "num" : ""}, {"data-kind", kind == ColumnKind::number ? "number" : "text"}},
      button);
}

/// A cell whose sorting value is not its text; an empty value sorts last.
Html number_cell(const std::optional<double>& value, const std::string& words) {
  return element("td", {{"class", "num"}, {"data-value", value ? fmt::format("{:.6g}", *value) : ""}}, escape(value ? words : "\u2013"));
}

Html answer_cell(const Statement& statement) {
  const std::string hint = statement.confidence ? fmt::format("confidence {:.2f}", *statement.confidence) : statement.reason;
  const std::string answer = statement.words.substr(0, statement.words.find(','));  // the details stand on the card
  return element("td", {{"data-value", answer}, {"title", hint}}, answer_badge(answer, tone_class(statement.tone)));
}

Html risk_cell(const CaseResult& result) {
  if (!result.risk) return element("td", {{"class", "num"}, {"data-value", ""}}, escape("\u2013"));
  const Html words = element("span", {{"class", "risk-words"}}, escape(risk_words(*result.risk)));
  const Html bar = risk_bar({*result.risk, result.risk_low, result.risk_high, result.prevalence}, RiskAxis::without_ticks);
  return element("td", {{"class", "risk-cell"}, {"data-value", fmt::format("{:.6g}", *result.risk)}},
                 element("div", {{"class", "risk-line"}}, words + bar));
}

/// Sorted from the neck down by the uppermost level.
Html levels_cell(const std::vector<std::string>& levels) {
  constexpr std::string_view kRegions = "CTLS";
  std::string rank;
  if (!levels.empty() && !levels[0].empty()) rank = fmt::format("{} {}", kRegions.find(levels[0][0]), levels[0].substr(1));
  return element("td", {{"data-value", rank}}, escape(fmt::format("{}", fmt::join(levels, ", "))));
}

Html row_of(const CaseResult& result) {
  Attributes attributes{{"data-card", card_id(result)}};
  std::vector<std::string> names;
  names.reserve(filters().size());
  for (const auto& filter : filters()) attributes.emplace_back(names.emplace_back("data-" + filter.key), filter.answer(result));
  const auto findings = describe_patient(result);  // leak grade, any leak, midline, distribution, cement, soft tissue ...
  Html cells =
      element("th", {{"scope", "row"}}, element("a", {{"href", "#" + card_id(result)}}, element("bdi", escape(result.patient_id))));
  cells += levels_cell(result.treated_levels) + risk_cell(result);
  cells += number_cell(result.cement_ml, result.cement_ml ? fmt::format("{:.2f}", *result.cement_ml) : "");
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U}) cells += answer_cell(findings[i].statement);
  cells += number_cell(result.bmd_t_score, result.bmd_t_score ? words_of_value("bmd_t_score", *result.bmd_t_score) : "");
  cells += element("td", escape(result.surgery_date)) + element("td", escape(words_of_stage(result.stage)));
  const auto n_missing = static_cast<double>(result.missing.size()), n_warnings = static_cast<double>(result.warnings.size());
  cells += number_cell(n_missing, fmt::format("{:.0f}", n_missing)) + number_cell(n_warnings, fmt::format("{:.0f}", n_warnings));
  return element("tr", attributes, cells);
}

Html head_row() {
  Html cells = head_cell("Patient", ColumnKind::text) + head_cell("Levels", ColumnKind::text);
  cells += head_cell("Risk", ColumnKind::number, "Risk with interval, logarithmic from 0.1 % to 100 %; the line marks the base rate");
  cells += head_cell("Cement, mL", ColumnKind::number, "Mean per treated vertebra");
  cells += head_cell("Leakage", ColumnKind::text, "Radiograph grade: the model's input") +
           head_cell("Any leak", ColumnKind::text, "Any leak on CT");
  cells += head_cell("Midline", ColumnKind::text, "Cement crosses the midline") + head_cell("Distribution", ColumnKind::text);
  cells += head_cell("Soft tissue", ColumnKind::text, "Soft-tissue injury on MR") + head_cell("T-score", ColumnKind::number);
  cells += head_cell("Surgery", ColumnKind::text) + head_cell("Stage", ColumnKind::text);
  cells += head_cell("Missing", ColumnKind::number, "Inputs of the model that are not known") + head_cell("Warnings", ColumnKind::number);
  return element("tr", cells);
}

}  // namespace

Html filter_chips(const std::vector<CaseResult>& cases) {
  Html groups;
  for (const auto& filter : filters()) {
    std::map<std::string, int> counts;
    for (const auto& result : cases) ++counts[filter.answer(result)];
    Html chips = element("legend", escape(filter.title));
    for (const auto& answer : filter.answers) chips += chip(filter, answer, counts[answer]);
    groups += element("fieldset", chips);
  }
  return groups;
}

Html cohort_table(const std::vector<CaseResult>& cases) {
  Html rows;
  for (const auto& result : cases) rows += row_of(result) + markup("\n");
  return element("table", {{"id", "cohort-table"}},
                 element("caption", {{"class", "visually-hidden"}}, escape("Patients with findings and risk; the column heads sort")) +
                     element("thead", head_row()) + element("tbody", rows));
}

Html answer_badge(const std::string& words, const std::string& tone_class) {
  return element("span", {{"class", "badge " + tone_class}}, escape(words));
}

std::string tone_class(Tone tone) {
  switch (tone) {
    case Tone::good: return "good";
    case Tone::attention: return "bad";
    case Tone::unknown: return "unknown";
    case Tone::neutral: break;
  }
  return "neutral";
}

std::string card_id(const CaseResult& result) { return "case-" + result.case_id; }

}  // namespace cemscope::report
