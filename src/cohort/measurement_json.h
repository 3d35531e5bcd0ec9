#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "imaging/vertebra_measurement.h"

/// Findings and measurements as JSON. Every key is always there; what was not measured is null. Numbers round-trip exactly.

namespace nlohmann {
template <typename T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& json, const std::optional<T>& value) {
    if (value)
      json = *value;
    else
      json = nullptr;
  }
  static void from_json(const json& json, std::optional<T>& value) {
    if (json.is_null())
      value.reset();
    else
      value = json.get<T>();
  }
};
}  // namespace nlohmann

namespace cemscope::imaging {

void to_json(nlohmann::json& json, const Finding& finding);
void from_json(const nlohmann::json& json, Finding& finding);
void to_json(nlohmann::json& json, const VertebraMeasurement& measurement);
void from_json(const nlohmann::json& json, VertebraMeasurement& measurement);

/// The enum of the word that to_string gives. Throws Error{inconsistent} for any other word.
Answer answer_of(const std::string& word);
Distribution distribution_of(const std::string& word);
LeakageType leakage_type_of(const std::string& word);
LevelSource level_source_of(const std::string& word);

}  // namespace cemscope::imaging
