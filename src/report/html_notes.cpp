#include <fmt/format.h>

#include <algorithm>

#include "src/report/html_parts.h"

namespace cemscope::report {
namespace {

Html failure_row(const ingest::Failure& failure) {
  return element("tr", element("td", element("bdi", escape(failure.patient_id))) + element("td", element("code", escape(failure.code))) +
                           element("td", escape(failure.sentence)) +
                           element("td", {{"class", "path"}}, element("bdi", escape(failure.path))));
}

Html term(const std::string& name, const std::string& words) {
  return words.empty() ? Html{} : element("dt", escape(name)) + element("dd", escape(words));
}

std::string with_hash(const std::string& version, const std::string& hash) {
  return hash.empty() || version.empty() ? version : version + ", hash " + hash;
}

Html model_terms(const analysis::RiskModel& model) {
  Html html = term("Risk model", with_hash(model.name + " " + model.version, model.hash)) + term("Of", model.title) +
              term("Source", model.citation);
  html += term("Outcome", model.outcome) + term("Base rate", model.prevalence_source) + term("Intercept", model.intercept_origin) +
          term("Interval", model.interval_note);
  for (const auto& [name, words] : model.performance) html += term(words_of_code(name), words);
  for (const auto& warning : model.warnings) html += term("Caution", warning);
  return html;
}

}  // namespace

Html failures_section(const std::vector<ingest::Failure>& failures) {
  if (failures.empty())
    return element("p", escape("Everything in the folder could be used or was recognised as not meant for measurement."));
  Html head, rows;
  for (const char* title : {"Patient", "Code", "What is wrong", "Where"}) head += element("th", {{"scope", "col"}}, escape(title));
  for (std::size_t i = 0; i < std::min(failures.size(), kMaxFailureRows); ++i) rows += failure_row(failures[i]);
  const Html table = element("table", {{"class", "failures"}}, element("thead", element("tr", head)) + element("tbody", rows));
  const std::string more = fmt::format("The first {} of {}; all of them stand in failures.csv.", kMaxFailureRows, failures.size());
  return element("div", {{"class", "scroll"}}, table) +
         (failures.size() > kMaxFailureRows ? element("p", {{"class", "small"}}, escape(more)) : Html{});
}

Html notes_section(const RunInfo& run) {
  Html terms =
      term("Program", "cemscope " + run.program_version) + term("Definitions", with_hash(run.definitions_version, run.definitions_hash));
  if (run.model) terms += model_terms(*run.model);
  terms += term("Clinical table", run.clinical_table.empty() ? "none was given" : run.clinical_table);
  terms += term("Files", fmt::format("{} in the folder, {} of them DICOM, {} not DICOM", run.n_files, run.n_dicom, run.n_not_dicom));
  if (run.is_deidentified) terms += term("Identity", "patients are shown by pseudonym");
  return element("dl", {{"class", "terms"}}, terms);
}

}  // namespace cemscope::report
