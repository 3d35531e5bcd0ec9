#include "src/statistics/model_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <xxhash.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/embedded.h"

namespace cemscope::statistics {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorKind::unreadable, fmt::format("model {}: neither a shipped model nor a readable file", path.string()));
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

nlohmann::json parse_text(const std::string& content, const std::string& where) {
  try {
    return nlohmann::json::parse(content);
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::unreadable, fmt::format("model {}: not JSON ({})", where, e.what()));
  }
}

}  // namespace

const std::vector<ContractInput>& contract_inputs() {
  using analysis::InputCoding;
  static const std::vector<ContractInput> inputs = {{"leakage", "1", InputCoding::binary},
                                                    {"adjacent_fracture", "1", InputCoding::binary},
                                                    {"soft_tissue_injury", "1", InputCoding::binary},
                                                    {"distribution_unsatisfactory", "1", InputCoding::binary},
                                                    {"bmd_t_score", "SD", InputCoding::continuous},
                                                    {"cement_ml", "mL", InputCoding::continuous}};
  return inputs;
}

std::string content_hash(const nlohmann::json& json) {
  auto copy = json;
  copy.erase("hash");
  const std::string bytes = copy.dump();
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("xxh3-128:{:016x}{:016x}", hash.high64, hash.low64);
}

std::vector<std::string> shipped_models() {
  std::vector<std::string> names;
  for (const auto& [name, content] : embedded_files())
    if (name.find('/') == std::string::npos && name.ends_with(".json")) names.push_back(name.substr(0, name.size() - 5));
  return names;
}

analysis::RiskModel load_model(const std::string& name_or_path) {
  const auto& files = embedded_files();
  const auto shipped = files.find(name_or_path + ".json");
  const std::string content = shipped != files.end() ? shipped->second : read_text(name_or_path);
  return parse_model(parse_text(content, name_or_path), name_or_path);
}

void require_scorable(const analysis::RiskModel& model) {
  std::string unknown;
  for (const auto& input : model.inputs) {
    const auto& known = contract_inputs();
    const bool found = std::any_of(known.begin(), known.end(), [&](const auto& c) { return input.name == c.name; });
    if (!found) unknown += (unknown.empty() ? "" : ", ") + input.name;
  }
  if (!unknown.empty())
    throw Error(ErrorKind::inconsistent, fmt::format("model {}: cannot be scored from images, it needs {}", model.name, unknown));
}

void write_model(const analysis::RiskModel& model, const std::filesystem::path& path) {
  const auto temporary = std::filesystem::path(path.string() + ".tmp");
  {
    std::ofstream out(temporary, std::ios::binary);
    out << to_model_json(model).dump(1) << '\n';
    if (!out) throw Error(ErrorKind::unreadable, fmt::format("cannot write {}", path.string()));
  }
  std::filesystem::rename(temporary, path);
}

}  // namespace cemscope::statistics
