#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/report/charts.h"
#include "src/report/embedded_templates.h"
#include "src/report/followup_picture.h"
#include "src/report/html_parts.h"
#include "src/report/mr_picture.h"
#include "src/report/patient_words.h"
#include "src/report/pictures.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;
using cohort::SeriesRow;
using cohort::VertebraRow;

constexpr double kNotedLoss = 0.15;  // of a fractured body's heights: drawn in red

Html confidence_cell(const std::optional<double>& confidence) {
  if (!confidence) return element("td", {});
  const std::string words = fmt::format("{:.2f}", *confidence);
  const Html bar =
      element("svg", {{"class", "confidence"}, {"width", "100%"}, {"height", "4"}, {"aria-hidden", "true"}},
              void_element("rect", {{"class", "track"}, {"width", "100%"}, {"height", "4"}}) +
                  void_element("rect", {{"class", "level"}, {"width", fmt::format("{:.0f}%", 100 * *confidence)}, {"height", "4"}}));
  return element("td", {{"class", "confidence-cell"}}, escape(words) + bar);
}

Html finding_row(const Statement& statement, const std::string& source) {
  const Html reason = statement.reason.empty() ? Html{} : element("div", {{"class", "reason"}}, escape(statement.reason));
  return element("tr", element("th", {{"scope", "row"}}, escape(statement.topic)) +
                           element("td", answer_badge(statement.words, tone_class(statement.tone)) + reason) +
                           element("td", {{"class", "source"}}, escape(source)) + confidence_cell(statement.confidence));
}

Html findings_table(const CaseResult& result) {
  Html rows;
  for (const auto& finding : describe_patient(result)) rows += finding_row(finding.statement, finding.source);
  const Html head =
      element("tr", element("th", {{"scope", "col"}}, escape("Finding")) + element("th", {{"scope", "col"}}, escape("Answer")) +
                        element("th", {{"scope", "col"}}, escape("Source")) + element("th", {{"scope", "col"}}, escape("Confidence")));
  return element("div", {{"class", "scroll"}}, element("table", {{"class", "findings"}}, element("thead", head) + element("tbody", rows)));
}

/// The statements of a vertebra as plain words: the picture's alternative text.
std::string plain_words(const VertebraRow& row) {
  std::string words = words_of_level(row.measurement) + ".";
  for (const auto& statement : describe_vertebra(row.measurement)) words += " " + statement.topic + ": " + statement.words + ".";
  return words;
}

Html vertebra_words(const VertebraRow& row) {
  Html rows;
  for (const auto& statement : describe_vertebra(row.measurement)) rows += finding_row(statement, row.modality);
  std::vector<std::string> warnings;
  std::transform(row.measurement.warnings.begin(), row.measurement.warnings.end(), std::back_inserter(warnings), words_of_code);
  if (!warnings.empty()) {
    rows += finding_row({"Warnings", fmt::format("{}", fmt::join(warnings, "; ")), std::nullopt, "", Tone::attention}, "");
  }
  const std::string title = fmt::format("{} ({}) in words", words_of_level(row.measurement), row.modality);
  return element("details", element("summary", escape(title)) +
                                element("div", {{"class", "scroll"}}, element("table", {{"class", "findings"}}, element("tbody", rows))));
}

/// A path inside the output folder as a URL.
std::string url_path(const std::string& part) {
  std::string url;
  for (const char c : part) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
    url += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

/// Where the page finds a picture; empty when there is none.
std::string picture_url(const PictureSource& pictures, const std::string& case_id, const std::string& file) {
  if (!pictures.is_embedded) return fmt::format("cases/{}/{}", url_path(case_id), url_path(file));
  const std::string bytes = pictures.load ? pictures.load(case_id, file) : std::string{};
  return bytes.empty() ? bytes : "data:image/png;base64," + base64(bytes);
}

/// What is said of a picture, and its style class.
struct PictureWords {
  std::string alternative, style_class;
};

Html picture(const PictureSource& pictures, const CaseResult& result, const std::string& file, const PictureWords& words) {
  if (file.empty()) return {};
  const std::string url = picture_url(pictures, result.case_id, file);
  if (url.empty()) return {};
  // The address needs no escaping, and a megabyte of it should not be copied often.
  Html image = markup("<img src=\"" + url + "\" loading=\"lazy\" decoding=\"async\" alt=\"") + escape(words.alternative) + markup("\"/>");
  return element("figure", {{"class", "picture " + words.style_class}},
                 element("button", {{"type", "button"}, {"class", "enlarge"}, {"aria-label", "Enlarge the picture"}}, image));
}

Html height_cells(const cohort::HeightRow& row, std::size_t place) {
  const auto words = [](const std::optional<double>& mm) { return mm ? fmt::format("{:.1f}", *mm) : std::string("\u2013"); };
  const auto loss = row.loss_fraction[place];
  const bool is_lost = row.is_adjacent && row.fracture.answer == imaging::Answer::yes && loss && *loss >= kNotedLoss;
  return element("td", {{"class", "num"}}, escape(words(row.before_mm[place]))) +
         element("td", {{"class", "num"}}, escape(words(row.after_mm[place]))) +
         element("td", {{"class", is_lost ? "num lost" : "num"}}, escape(loss ? std::to_string(std::lround(100 * *loss)) : "\u2013"));
}

Html height_row(const cohort::HeightRow& row, std::size_t number) {
  const std::string name = row.level.empty() ? fmt::format("{}. from the top", number) : row.level;
  Statement fracture = describe_finding("", row.fracture, YesMeans::attention);
  if (row.is_treated) fracture = {"", "treated", std::nullopt, "", Tone::neutral};
  if (!row.is_treated && !row.is_adjacent) fracture = {"", "not adjacent", std::nullopt, "", Tone::neutral};
  Html cells = element("th", {{"scope", "row"}}, escape(name));
  for (std::size_t place = 0; place < row.before_mm.size(); ++place) cells += height_cells(row, place);
  const Html reason = fracture.reason.empty() ? Html{} : element("div", {{"class", "reason"}}, escape(fracture.reason));
  return element("tr", {{"class", row.is_adjacent ? "adjacent" : ""}},
                 cells + element("td", answer_badge(fracture.words, tone_class(fracture.tone)) + reason));
}

/// Heights of each body at both times; nothing without a follow-up.
Html heights_table(const CaseResult& result) {
  if (!result.heights) return {};
  const auto& table = *result.heights;
  const std::string unit = table.is_in_mm ? "mm" : "film units";
  Html places = element("th", {{"rowspan", "2"}, {"scope", "col"}}, escape("Level")), times, rows;
  for (const char* place : {"Ha, anterior", "Hm, middle", "Hp, posterior"}) {
    places += element("th", {{"colspan", "3"}, {"scope", "colgroup"}, {"class", "place"}}, escape(place));
    for (const std::string& time : {"before, " + unit, "after, " + unit, std::string("loss, %")})
      times += element("th", {{"scope", "col"}, {"class", "num"}}, escape(time));
  }
  places += element("th", {{"rowspan", "2"}, {"scope", "col"}}, escape("New fracture"));
  for (std::size_t n = 0; n < table.rows.size(); ++n) rows += height_row(table.rows[n], n + 1);
  const std::string title = fmt::format("Heights: {} (before) and {} (after)", table.before, table.after);
  const Html note = element("p", {{"class", "small"}},
                            escape("Heights after are brought to the scale of the first examination by the bodies that were not treated."));
  return element("section", {{"class", "heights"}},
                 element("h4", escape(title)) +
                     element("div", {{"class", "scroll"}},
                             element("table", element("thead", element("tr", places) + element("tr", times)) + element("tbody", rows))) +
                     note);
}

Html picture_list(const CaseResult& result, const PictureSource& pictures) {
  Html html;
  for (const auto& row : result.vertebrae)
    html += picture(pictures, result, row.picture, {plain_words(row), "vertebra"}) + vertebra_words(row);
  if (!result.mr_series_uid.empty())
    html += picture(pictures, result, kMrPicture, {"MR: the slice through the canal and the one with the injury", "overview"});
  html += picture(pictures, result, kFollowupPicture, {"Heights of the bodies before and after", "overview"}) + heights_table(result);
  if (!result.ct_series_uid.empty())
    html += picture(pictures, result, kOverviewPicture, {"Overview of the scan: sagittal and coronal", "overview"});
  return html;
}

std::string series_name(const ingest::Series& series) {
  return series.description.empty() ? "series " + std::to_string(series.series_number) : series.description;
}

Html series_row(const SeriesRow& row) {
  const auto& series = row.series;
  const std::string spacing = series.slice_spacing_mm ? fmt::format("{:.2f}\u00a0mm", *series.slice_spacing_mm) : "";
  return element("tr", {{"class", row.chosen ? "chosen" : ""}},
                 element("td", escape(row.chosen ? "\u2713 used" : "")) + element("td", escape(row.study_date)) +
                     element("td", escape(series.modality)) + element("td", element("bdi", escape(series_name(series)))) +
                     element("td", {{"class", "num"}}, escape(std::to_string(row.n_images))) +
                     element("td", {{"class", "num"}}, escape(spacing)) +
                     element("td", escape(words_of_code(ingest::to_string(series.role)))) + element("td", escape(row.reason)));
}

Html series_table(const std::vector<SeriesRow>& series) {
  Html head, rows;
  for (const char* title : {"", "Study", "Modality", "Series", "Images", "Spacing", "Role", "Reason"})
    head += element("th", {{"scope", "col"}}, escape(title));
  for (const auto& row : series) rows += series_row(row);
  return element("div", {{"class", "scroll"}},
                 element("table", {{"class", "series"}}, element("thead", element("tr", head)) + element("tbody", rows)));
}

Html list(const std::string& title, const std::vector<std::string>& items) {
  if (items.empty()) return {};
  Html rows;
  for (const auto& item : items) rows += element("li", escape(item));
  return element("h4", escape(title)) + element("ul", rows);
}

/// "CT: L-SPINE 1.25 BONE, 150 images, 1.25 mm (axial, bone kernel ...)" for each series that was used.
Html used_series(const std::vector<SeriesRow>& series) {
  Html html;
  for (const auto& row : series) {
    if (!row.chosen) continue;
    const std::string spacing = row.series.slice_spacing_mm ? fmt::format(", {:.2f}\u00a0mm apart", *row.series.slice_spacing_mm) : "";
    const Html words = element("strong", escape(row.series.modality + " used: ")) + element("bdi", escape(series_name(row.series))) +
                       escape(fmt::format(", {} images{}. {}", row.n_images, spacing, row.reason));
    html += element("p", {{"class", "used"}}, words);
  }
  return html;
}

/// Study dates and the surgery in their order, each with what was examined and what of it was used; nothing when there are fewer than two.
Html timeline(const CaseResult& result) {
  struct Day {
    std::set<std::string> modalities, used, phases;
  };
  std::map<std::string, Day> days;
  for (const auto& row : result.series) {
    if (row.study_date.empty()) continue;
    auto& day = days[row.study_date];
    day.modalities.insert(row.series.modality), day.phases.insert(words_of_stage(row.phase));
    if (row.chosen) day.used.insert(row.series.modality);
  }
  if (!result.surgery_date.empty()) days[result.surgery_date].phases.insert("surgery");
  if (days.size() < 2) return {};
  Html steps;
  for (const auto& [date, day] : days) {
    const std::string used = day.used.empty() ? "" : fmt::format(" (used: {})", fmt::join(day.used, ", "));
    const bool is_surgery = day.phases.contains("surgery");
    steps += element("li",
                     {{"class", is_surgery         ? "surgery"
                                : day.used.empty() ? ""
                                                   : "used-day"}},
                     element("time", escape(date)) + element("strong", escape(fmt::format("{}", fmt::join(day.phases, ", ")))) +
                         escape(fmt::format("{}{}", fmt::join(day.modalities, ", "), used)));
  }
  return element("ol", {{"class", "timeline"}, {"aria-label", "Timeline"}}, steps);
}

Html remarks(const CaseResult& result) {
  std::vector<std::string> warnings, failures;
  std::transform(result.warnings.begin(), result.warnings.end(), std::back_inserter(warnings), words_of_code);
  for (const auto& failure : result.failures)
    failures.push_back(failure.path.empty() ? failure.sentence : failure.path + ": " + failure.sentence);
  return timeline(result) + used_series(result.series) + list("Warnings", warnings) + list("Could not be used", failures);
}

}  // namespace

Html patient_card(const CaseResult& result, const RunInfo& run, const PictureSource& pictures) {
  const std::string head_risk = result.risk ? risk_words(*result.risk) : "no risk";
  return fill_template(embedded::card_html, {{"id", escape(card_id(result))},
                                             {"patient", escape(result.patient_id)},
                                             {"case_words", escape(fmt::format("{}", fmt::join(describe_case(result), " \u00b7 ")))},
                                             {"head_risk", escape(head_risk)},
                                             {"findings", findings_table(result)},
                                             {"risk", risk_section(result, run)},
                                             {"remarks", remarks(result)},
                                             {"pictures", picture_list(result, pictures)},
                                             {"n_series", escape(std::to_string(result.series.size()))},
                                             {"series", series_table(result.series)}});
}

}  // namespace cemscope::report
