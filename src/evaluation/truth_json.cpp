// truth.json of simulated and annotated cohorts, put into the columns of vertebrae.csv and patients.csv.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/evaluation/measures.h"
#include "src/evaluation/readings.h"

namespace cemscope::evaluation {
namespace {

using nlohmann::json;

std::string yes_no(bool value) { return value ? "yes" : "no"; }

void put_number(Cells& cells, const std::string& column, const json& entry, const char* name) {
  if (entry.contains(name) && entry.at(name).is_number()) cells[column] = fmt::format("{}", entry.at(name).get<double>());
}

void put_yes_no(Cells& cells, const std::string& column, const json& entry, const char* name) {
  if (entry.contains(name) && entry.at(name).is_boolean()) cells[column] = yes_no(entry.at(name).get<bool>());
}

void put_text(Cells& cells, const std::string& column, const json& entry, const char* name) {
  if (entry.contains(name) && entry.at(name).is_string()) cells[column] = entry.at(name).get<std::string>();
}

bool flag(const json& entry, const char* name) { return entry.contains(name) && entry.at(name).is_boolean() && entry.at(name).get<bool>(); }

bool is_zone_of_leaks(const std::string& name) { return name != "body" && name != "needle_tract"; }

// Zones that `volumes_ml` knows hold a leak only if `leaks` counts one: cement within the tolerance of DEFINITIONS is none.
void put_leaks(Cells& cells, const json& entry) {
  const auto& leaks = entry.at("leaks");
  double sum_ml = 0;
  if (entry.contains("volumes_ml"))
    for (const auto& [name, volume_ml] : entry.at("volumes_ml").items())
      if (is_zone_of_leaks(name)) cells["leak_" + name + "_ml"] = "0";
  for (const auto& [name, volume_ml] : leaks.items()) {
    cells["leak_" + name + "_ml"] = fmt::format("{}", volume_ml.get<double>());
    sum_ml += volume_ml.get<double>();
  }
  cells["leak_ml"] = fmt::format("{}", sum_ml);
}

std::string type_of(const json& leaks) {
  if (leaks.empty()) return "none";
  if (!leaks.contains("paravertebral")) return "other";
  return leaks.size() == 1 ? "paravertebral" : "both";
}

void put_leakage(Cells& cells, const json& entry) {
  put_yes_no(cells, "leakage", entry, "leakage");
  if (!entry.contains("leaks")) return;
  put_leaks(cells, entry);
  cells["leakage_type"] = type_of(entry.at("leaks"));
}

void put_heights(Cells& cells, const json& entry) {
  if (!entry.contains("heights_mm")) return;
  const auto& heights = entry.at("heights_mm");
  cells["height_anterior_mm"] = fmt::format("{}", heights.at(0).get<double>());
  cells["height_middle_mm"] = fmt::format("{}", heights.at(1).get<double>());
  cells["height_posterior_mm"] = fmt::format("{}", heights.at(2).get<double>());
}

std::set<std::string> borderline_columns(const json& entry) {
  std::set<std::string> columns;
  if (flag(entry, "midline_borderline")) columns.insert("midline_crossed");
  if (flag(entry, "distribution_borderline")) columns.insert("distribution");
  if (!flag(entry, "leakage_borderline")) return columns;
  columns.insert({"leakage", "leakage_radiographic", "leakage_type"});
  for (const auto& measure : finding_measures())
    if (measure.yes_from_ml) columns.insert(measure.column);
  return columns;
}

VertebraReading vertebra_of(const json& entry) {
  VertebraReading vertebra;
  auto& cells = vertebra.cells;
  vertebra.level = entry.value("level", "");
  if (entry.contains("centre_mm")) vertebra.centre_mm = entry.at("centre_mm").get<std::array<double, 3>>();
  for (const char* column : {"cement_ml", "body_ml", "fill", "left_fraction", "minor_side_fraction", "compression"})
    put_number(cells, column, entry, column);
  if (entry.contains("volumes_ml")) put_number(cells, "needle_tract_ml", entry.at("volumes_ml"), "needle_tract");
  put_leakage(cells, entry);
  put_yes_no(cells, "midline_crossed", entry, "midline_crossed");
  put_text(cells, "distribution", entry, "distribution");
  put_heights(cells, entry);
  vertebra.borderline = borderline_columns(entry);
  return vertebra;
}

// The patient's finding is the worst of the vertebrae's: `worst_word` if any has it. A borderline one may decide either way.
void put_worst(PatientReading& patient, const std::vector<VertebraReading>& vertebrae, const std::string& column,
               const std::string& worst_word, const std::string& best_word) {
  bool is_worst = false, is_borderline = false;
  for (const auto& vertebra : vertebrae) {
    const bool either = vertebra.borderline.contains(column);
    is_borderline |= either;
    is_worst |= !either && text_in(vertebra.cells, column) == worst_word;
    if (!either && text_in(vertebra.cells, column).empty()) return;
  }
  patient.cells[column] = is_worst ? worst_word : best_word;
  if (is_borderline && !is_worst) patient.borderline.insert(column);
}

void put_patient_findings(PatientReading& patient, const std::vector<VertebraReading>& vertebrae) {
  if (vertebrae.empty()) return;
  put_worst(patient, vertebrae, "leakage", "yes", "no");
  put_worst(patient, vertebrae, "distribution", "unsatisfactory", "satisfactory");
  double sum_ml = 0;
  for (const auto& vertebra : vertebrae) {
    const auto volume_ml = number_in(vertebra.cells, "cement_ml");
    if (!volume_ml) return;
    sum_ml += *volume_ml;
  }
  patient.cells["cement_ml"] = fmt::format("{}", sum_ml / static_cast<double>(vertebrae.size()));
}

std::set<std::string> modalities_of(const json& entry) {
  if (!entry.contains("modalities")) return {"CT"};
  return entry.at("modalities").get<std::set<std::string>>();
}

void put_mr_findings(PatientReading& patient, const json& entry) {
  put_yes_no(patient.cells, "soft_tissue_injury", entry, "soft_tissue_injury");
  if (!entry.contains("edema_levels")) return;
  patient.cells["acute_levels"] = fmt::format("{}", fmt::join(entry.at("edema_levels").get<std::vector<std::string>>(), ";"));
}

PatientReading patient_of(const json& entry) {
  PatientReading patient;
  std::vector<VertebraReading> vertebrae;
  for (const auto& vertebra : entry.at("vertebrae")) vertebrae.push_back(vertebra_of(vertebra));
  const auto modalities = modalities_of(entry);
  for (const char* modality : {"CT", "XR"}) {
    if (!modalities.contains(modality)) continue;
    patient.modalities.insert(modality);
    for (auto vertebra : vertebrae) {
      vertebra.modality = modality;
      patient.vertebrae.push_back(std::move(vertebra));
    }
  }
  if (!patient.modalities.empty()) put_patient_findings(patient, vertebrae);
  if (modalities.contains("MR")) put_mr_findings(patient, entry);
  return patient;
}

}  // namespace

Readings parse_truth_json(const std::string& text, const std::string& where) {
  Readings readings;
  std::string place = where;
  try {
    const auto document = json::parse(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
    for (const auto& [id, entry] : document.items()) {
      place = fmt::format("{}: patient {}", where, readings.patients.size() + 1);
      readings.patients[id] = patient_of(entry);
    }
  } catch (const json::exception& error) {
    throw Error(ErrorKind::inconsistent, fmt::format("{}: {}", place, error.what()));
  }
  if (readings.patients.empty()) throw Error(ErrorKind::inconsistent, where + ": holds no patient");
  return readings;
}

}  // namespace cemscope::evaluation
