#include "src/cohort/measurement_json.h"

#include <fmt/format.h>

#include <initializer_list>

#include "imaging/error.h"

namespace cemscope::imaging {
namespace {

using nlohmann::json;

template <typename Enum>
Enum enum_of(const std::string& word, std::initializer_list<Enum> values) {
  for (const auto value : values)
    if (to_string(value) == word) return value;
  throw Error(ErrorKind::inconsistent, fmt::format("\"{}\" is none of the words of a case result", word));
}

json point_json(const std::optional<Point_mm>& point) {
  if (!point) return nullptr;
  return json::array({point->x(), point->y(), point->z()});
}

std::optional<Point_mm> point_of(const json& point) {
  if (point.is_null()) return std::nullopt;
  return Point_mm(point.at(0).get<double>(), point.at(1).get<double>(), point.at(2).get<double>());
}

/// Calls visit(key, member) for every member whose JSON is the value itself; one list serves reading and writing.
template <typename Measurement, typename Visit>
void visit_plain_members(Measurement& m, Visit visit) {
  visit("level", m.level);
  visit("cement_ml", m.cement_ml);
  visit("cement_half_max_ml", m.cement_half_max_ml);
  visit("cement_600_ml", m.cement_600_ml);
  visit("cement_1000_ml", m.cement_1000_ml);
  visit("saturated_fraction", m.saturated_fraction);
  visit("body_ml", m.body_ml);
  visit("fill", m.fill);
  visit("left_ml", m.left_ml);
  visit("right_ml", m.right_ml);
  visit("minor_side_fraction", m.minor_side_fraction);
  visit("reach_contralateral", m.reach_contralateral);
  visit("band_fill", m.band_fill);
  visit("band_evenness", m.band_evenness);
  visit("band_source", m.band_source);
  visit("band_detail", m.band_detail);
  visit("endplate_contact", m.endplate_contact);
  visit("texture", m.texture);
  visit("midline_crossed", m.midline_crossed);
  visit("leakage", m.leakage);
  visit("leakage_radiographic", m.leakage_radiographic);
  visit("distribution_confidence", m.distribution_confidence);
  visit("distribution_reason", m.distribution_reason);
  visit("leak_ml", m.leak_ml);
  visit("leak_paravertebral_ml", m.leak_paravertebral_ml);
  visit("leak_disc_ml", m.leak_disc_ml);
  visit("leak_canal_ml", m.leak_canal_ml);
  visit("leak_foramen_ml", m.leak_foramen_ml);
  visit("leak_vascular_ml", m.leak_vascular_ml);
  visit("needle_tract_ml", m.needle_tract_ml);
  visit("height_anterior_mm", m.height_anterior_mm);
  visit("height_middle_mm", m.height_middle_mm);
  visit("height_posterior_mm", m.height_posterior_mm);
  visit("compression", m.compression);
  visit("compression_class", m.compression_class);
  visit("hardware", m.hardware);
  visit("confidence", m.confidence);
  visit("warnings", m.warnings);
}

}  // namespace

Answer answer_of(const std::string& word) { return enum_of(word, {Answer::no, Answer::yes, Answer::not_assessable}); }

Distribution distribution_of(const std::string& word) {
  return enum_of(word, {Distribution::satisfactory, Distribution::unsatisfactory, Distribution::not_assessable});
}

LeakageType leakage_type_of(const std::string& word) {
  return enum_of(word, {LeakageType::none, LeakageType::paravertebral, LeakageType::other, LeakageType::both, LeakageType::not_assessable});
}

LevelSource level_source_of(const std::string& word) {
  return enum_of(word, {LevelSource::none, LevelSource::clinical, LevelSource::mask, LevelSource::counted});
}

void to_json(json& json, const Finding& finding) {
  json = {{"answer", to_string(finding.answer)}, {"confidence", finding.confidence}, {"reason", finding.reason}};
}

void from_json(const json& json, Finding& finding) {
  finding.answer = answer_of(json.at("answer"));
  json.at("confidence").get_to(finding.confidence);
  json.at("reason").get_to(finding.reason);
}

void to_json(json& json, const VertebraMeasurement& measurement) {
  json = json::object();
  visit_plain_members(measurement, [&](const char* key, const auto& member) { json[key] = member; });
  json["level_source"] = to_string(measurement.level_source);
  json["centre_mm"] = point_json(measurement.centre_mm);
  json["distribution"] = to_string(measurement.distribution);
  json["leakage_type"] = to_string(measurement.leakage_type);
}

void from_json(const json& json, VertebraMeasurement& measurement) {
  visit_plain_members(measurement, [&](const char* key, auto& member) { json.at(key).get_to(member); });
  measurement.level_source = level_source_of(json.at("level_source"));
  measurement.centre_mm = point_of(json.at("centre_mm"));
  measurement.distribution = distribution_of(json.at("distribution"));
  measurement.leakage_type = leakage_type_of(json.at("leakage_type"));
}

}  // namespace cemscope::imaging
