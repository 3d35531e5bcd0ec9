#include "src/report/html.h"

#include <fmt/format.h>

#include "src/report/embedded_templates.h"
#include "src/report/html_parts.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;

int count_pictures(const std::vector<CaseResult>& cases) {
  int n = 0;
  for (const auto& result : cases) {
    n += result.ct_series_uid.empty() ? 0 : 1;
    for (const auto& row : result.vertebrae) n += row.picture.empty() ? 0 : 1;
  }
  return n;
}

/// Nothing but the page's own style, script and pictures: no network, no other inline code.
std::string security_policy() {
  return fmt::format("default-src 'none'; img-src data: 'self' file:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
                     content_hash_source(embedded::report_css), content_hash_source(embedded::report_js));
}

std::string subtitle(const std::vector<CaseResult>& cases, const RunInfo& run) {
  std::string words = fmt::format("{} {}", cases.size(), cases.size() == 1 ? "patient" : "patients");
  words += fmt::format(" \u00b7 cemscope {} \u00b7 definitions {}", run.program_version, run.definitions_version);
  return run.model ? words + fmt::format(" \u00b7 model {} {}", run.model->name, run.model->version) : words;
}

Html picture_note(const PictureSource& pictures) {
  if (pictures.is_embedded) return {};
  return element("p", {{"class", "notice"}},
                 escape("This cohort's pictures are too many to be stored in this file. They are shown from the folder "
                        "\u201ccases\u201d beside it, so keep the two together."));
}

}  // namespace

std::string render_report(const std::vector<CaseResult>& cases, const RunInfo& run, const PictureLoader& load_picture) {
  const PictureSource pictures{load_picture, count_pictures(cases) <= kMaxEmbeddedPictures};
  Html cards;
  for (const auto& result : cases) cards += patient_card(result, run, pictures);
  return fill_template(embedded::report_html, {{"policy", escape(security_policy())},
                                               {"css", markup(embedded::report_css)},
                                               {"js", markup(embedded::report_js)},
                                               {"subtitle", escape(subtitle(cases, run))},
                                               {"summary", summary_section(cases, run)},
                                               {"filters", filter_chips(cases)},
                                               {"table", cohort_table(cases)},
                                               {"picture_note", picture_note(pictures)},
                                               {"cards", cards},
                                               {"n_failures", escape(std::to_string(run.failures.size()))},
                                               {"failures", failures_section(run.failures)},
                                               {"notes", notes_section(run)}})
      .text;
}

}  // namespace cemscope::report
