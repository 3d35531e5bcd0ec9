#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "analysis/risk.h"

namespace cemscope::statistics {

/// The schema a model file must name; the second when inputs have splines or terms of unknown values, which a reader must not miss.
inline constexpr const char* kModelSchema = "cemscope-risk-model/1";
inline constexpr const char* kModelSchemaWithTerms = "cemscope-risk-model/2";

/// A risk model by the name of a shipped one ("liu-2021") or by the path of a JSON file.
/// Throws Error{unreadable} when there is no such file, Error{inconsistent} with field, value found and value needed when the schema, a
/// unit, a coding, a number or the hash does not fit. A file without a hash is read with a warning added to the model's.
analysis::RiskModel load_model(const std::string& name_or_path);

/// The model of a JSON document; the same checks as load_model. `where` names the document in messages.
analysis::RiskModel parse_model(const nlohmann::json& json, const std::string& where);

/// Throws Error{inconsistent} naming the inputs that `score` cannot measure, when the model has any (CONTRACT.md lists those it can).
void require_scorable(const analysis::RiskModel& model);

/// The model as JSON, hash included; parse_model gives the same model back.
nlohmann::json to_model_json(const analysis::RiskModel& model);

/// Writes the model file (temporary name, then rename). Throws Error{unreadable} when it cannot.
void write_model(const analysis::RiskModel& model, const std::filesystem::path& path);

/// Names of the models shipped with the program.
std::vector<std::string> shipped_models();

/// "xxh3-128:<hex>" of the document without its own "hash", keys sorted, no white space.
std::string content_hash(const nlohmann::json& json);

/// One input that images or the clinical table can fill: its contract name, unit and coding.
struct ContractInput {
  const char* name;
  const char* unit;
  analysis::InputCoding coding;
};
const std::vector<ContractInput>& contract_inputs();

}  // namespace cemscope::statistics
