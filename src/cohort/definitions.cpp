#include "src/cohort/definitions.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/cohort/content_hash.h"
#include "src/report/atomic_file.h"

namespace cemscope::embedded {
extern const std::string_view definitions_json;
}

namespace cemscope::cohort {
namespace {

using nlohmann::json;
constexpr const char* kSchema = "cemscope-definitions/1";

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::usage, fmt::format("definitions {}: {}", where, what));
}

Definition definition_of(const json& entry) {
  return {entry.at("value"), entry.at("min"), entry.at("max"), entry.at("unit"), entry.at("meaning"), entry.at("source")};
}

Definitions read_document(std::string_view text, const std::string& where) {
  try {
    const auto document = json::parse(text);
    if (document.at("schema") != kSchema) refuse(where, fmt::format("schema \"{}\" is needed", kSchema));
    Definitions definitions{document.at("version"), fmt::format("xxh3-128:{}", content_hash(document.dump())), {}};
    for (const auto& [name, entry] : document.at("parameters").items()) definitions.by_name[name] = definition_of(entry);
    return definitions;
  } catch (const json::exception& error) {
    refuse(where, error.what());
  }
}

void check_number(const std::string& where, const std::string& name, const Definition& given, const Definition& shipped) {
  if (given.unit != shipped.unit) refuse(where, fmt::format("{} is given in \"{}\", needed is \"{}\"", name, given.unit, shipped.unit));
  if (!(given.value >= shipped.min && given.value <= shipped.max))
    refuse(where, fmt::format("{} is {}, needed is {} to {} {}", name, given.value, shipped.min, shipped.max, shipped.unit));
}

void check_against(const Definitions& given, const Definitions& shipped, const std::string& where) {
  for (const auto& [name, definition] : shipped.by_name) {
    const auto found = given.by_name.find(name);
    if (found == given.by_name.end()) refuse(where, fmt::format("{} is missing", name));
    check_number(where, name, found->second, definition);
  }
  for (const auto& [name, definition] : given.by_name)
    if (!shipped.by_name.contains(name)) refuse(where, fmt::format("{} is not a number of this version", name));
  if (given.version == shipped.version && given.hash != shipped.hash)
    refuse(where, fmt::format("version {} is that of the shipped file; changed numbers need a version of their own", given.version));
}

}  // namespace

Definitions parse_definitions(std::string_view json_text, const std::string& where) {
  auto definitions = read_document(json_text, where);
  check_against(definitions, read_document(embedded::definitions_json, "shipped"), where);
  return definitions;
}

Definitions load_definitions(const std::optional<std::filesystem::path>& path) {
  if (path) return parse_definitions(report::read_file(*path), path->filename().string());
  return parse_definitions(embedded::definitions_json, "shipped");
}

double value_of(const Definitions& definitions, const std::string& name) { return definitions.by_name.at(name).value; }

imaging::CtParameters ct_parameters(const Definitions& definitions) {
  const auto value = [&](const char* name) { return value_of(definitions, name); };
  imaging::CtParameters p;
  p.cement.seed_floor_hu = value("cement.seed_floor_hu");
  p.cement.seed_ceiling_hu = value("cement.seed_ceiling_hu");
  p.cement.seed_margin_hu = value("cement.seed_margin_hu");
  p.cement.min_component_mm3 = value("cement.min_component_mm3");
  p.leakage.min_tolerance_mm = value("leakage.min_tolerance_mm");
  p.leakage.min_leak_mm3 = value("leakage.min_leak_mm3");
  p.leakage.canal_behind_wall_mm = value("leakage.canal_behind_wall_mm");
  p.leakage.disc_beyond_endplate_mm = value("leakage.disc_beyond_endplate_mm");
  p.leakage.vascular_length_to_diameter = value("leakage.vascular_length_to_diameter");
  p.leakage.vascular_max_diameter_mm = value("leakage.vascular_max_diameter_mm");
  p.leakage.radiographic_min_mm3 = value("leakage.radiographic_min_mm3");
  p.leakage.radiographic_min_extent_mm = value("leakage.radiographic_min_extent_mm");
  p.distribution.min_minor_side_fraction = value("distribution.min_minor_side_fraction");
  p.distribution.min_reach_mm = value("distribution.min_reach_mm");
  p.distribution.cell_hit_fraction = value("distribution.cell_hit_fraction");
  p.distribution.min_cells_hit = static_cast<int>(value("distribution.min_cells_hit"));
  p.compression.none_below = value("compression.none_below");
  p.compression.quarter_below = value("compression.quarter_below");
  p.compression.half_below = value("compression.half_below");
  return p;
}

}  // namespace cemscope::cohort
