// A risk model from and to JSON, with the checks that keep a wrong file from scoring a patient.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/model_file.h"

namespace cemscope::statistics {
namespace {

using analysis::IfUnknown;
using analysis::InputCoding;
using analysis::InputTiming;
using analysis::RiskModel;
using analysis::RiskModelInput;
using nlohmann::json;

constexpr std::array<std::pair<InputCoding, const char*>, 2> kCodings{
    {{InputCoding::binary, "binary"}, {InputCoding::continuous, "continuous"}}};
constexpr std::array<std::pair<InputTiming, const char*>, 3> kTimings{
    {{InputTiming::baseline, "baseline"}, {InputTiming::procedure, "procedure"}, {InputTiming::followup, "followup"}}};
constexpr std::array<std::pair<IfUnknown, const char*>, 2> kIfUnknown{
    {{IfUnknown::cover_both_values, "cover_both_values"}, {IfUnknown::take_centre, "take_centre"}}};

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::inconsistent, fmt::format("model {}: {}", where, what));
}

template <typename Table>
auto from_word(const Table& table, const std::string& word, const std::string& where, const std::string& field) {
  std::string allowed;
  for (const auto& [value, name] : table) {
    if (word == name) return value;
    allowed += std::string(allowed.empty() ? "" : ", ") + name;
  }
  refuse(where, fmt::format("{} is \"{}\", needed one of {}", field, word, allowed));
}

template <typename Table, typename Value>
std::string to_word(const Table& table, Value value) {
  for (const auto& [candidate, name] : table)
    if (candidate == value) return name;
  return {};
}

const json& field(const json& object, const char* name, const std::string& where) {
  if (!object.is_object() || !object.contains(name)) refuse(where, fmt::format("\"{}\" is missing", name));
  return object.at(name);
}

double number(const json& object, const char* name, const std::string& where) {
  const auto& value = field(object, name, where);
  if (!value.is_number() || !std::isfinite(value.get<double>()))
    refuse(where, fmt::format("\"{}\" is {}, needed a number", name, value.dump()));
  return value.get<double>();
}

std::string word(const json& object, const char* name, const std::string& where) {
  const auto& value = field(object, name, where);
  if (!value.is_string()) refuse(where, fmt::format("\"{}\" is {}, needed a text", name, value.dump()));
  return value.get<std::string>();
}

std::string word_or_empty(const json& object, const char* name) {
  return object.contains(name) && object.at(name).is_string() ? object.at(name).get<std::string>() : std::string();
}

void check_contract(const RiskModelInput& input, const std::string& where) {
  for (const auto& contract : contract_inputs()) {
    if (input.name != contract.name) continue;
    if (input.unit != contract.unit)
      refuse(where, fmt::format("unit of {} is \"{}\", needed \"{}\"", input.name, input.unit, contract.unit));
    if (input.coding != contract.coding)
      refuse(where, fmt::format("coding of {} is \"{}\", needed \"{}\"", input.name, to_word(kCodings, input.coding),
                                to_word(kCodings, contract.coding)));
  }
}

void read_range(const json& j, RiskModelInput& input, const std::string& where) {
  if (!j.contains("range") || j.at("range").is_null()) return;
  const auto& range = j.at("range");
  if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number() ||
      range[0].get<double>() > range[1].get<double>())
    refuse(where, fmt::format("\"range\" of {} is {}, needed [low, high]", input.name, range.dump()));
  input.range_low = range[0].get<double>();
  input.range_high = range[1].get<double>();
}

analysis::RiskModelTerm read_term(const json& j, const std::string& where) {
  const analysis::RiskModelTerm term{number(j, "coefficient", where), number(j, "standard_error", where), number(j, "centre", where)};
  if (term.standard_error < 0.0) refuse(where, fmt::format("standard_error is {}, needed 0 or more", term.standard_error));
  return term;
}

void read_spline(const json& j, RiskModelInput& input, const std::string& where) {
  if (!j.contains("spline")) return;
  const auto& spline = j.at("spline");
  input.knots = field(spline, "knots", where).get<std::vector<double>>();
  const bool is_rising = std::adjacent_find(input.knots.begin(), input.knots.end(), std::greater_equal<>()) == input.knots.end();
  if (input.knots.size() < 3 || !is_rising || input.coding != InputCoding::continuous)
    refuse(where, "\"spline\" needs a continuous input and 3 or more rising knots");
  for (const auto& part : field(spline, "terms", where)) input.spline.push_back(read_term(part, where));
  if (input.spline.size() + 2 != input.knots.size())
    refuse(where, fmt::format("\"spline\" has {} terms, needed {}", input.spline.size(), input.knots.size() - 2));
}

void read_unknown(const json& j, RiskModelInput& input, const std::string& where) {
  if (!j.contains("unknown")) return;
  input.fill = number(j.at("unknown"), "fill", where);
  if (j.at("unknown").contains("term")) input.unknown = read_term(j.at("unknown").at("term"), where);
}

void read_table_coding(const json& j, RiskModelInput& input, const std::string& where) {
  if (!j.contains("table")) return;
  const auto& table = j.at("table");
  input.table.column = word(table, "column", where);
  input.table.level = word_or_empty(table, "level");
  if (table.contains("levels")) input.table.levels = table.at("levels").get<std::vector<std::string>>();
  if (!table.contains("codes")) return;
  const auto codes = table.at("codes").get<std::vector<double>>();
  if (codes.size() != 2 || !(codes[0] < codes[1]))
    refuse(where, fmt::format("\"codes\" is {}, needed [low, high]", table.at("codes").dump()));
  input.table.low_code = codes[0];
  input.table.high_code = codes[1];
}

RiskModelInput read_input(const json& j, const std::string& where) {
  RiskModelInput input;
  input.name = word(j, "name", where);
  const std::string here = where + ", input " + input.name;
  input.unit = word(j, "unit", here);
  input.coding = from_word(kCodings, word(j, "coding", here), here, "coding");
  input.timing = from_word(kTimings, word(j, "timing", here), here, "timing");
  input.if_unknown = from_word(kIfUnknown, word(j, "if_unknown", here), here, "if_unknown");
  input.direction = number(j, "direction", here);
  if (std::abs(input.direction) != 1.0) refuse(here, fmt::format("direction is {}, needed 1 or -1", input.direction));
  input.coefficient = number(j, "coefficient", here);
  input.standard_error = number(j, "standard_error", here);
  if (input.standard_error < 0.0) refuse(here, fmt::format("standard_error is {}, needed 0 or more", input.standard_error));
  input.centre = number(j, "centre", here);
  read_range(j, input, here);
  read_spline(j, input, here);
  read_unknown(j, input, here);
  read_table_coding(j, input, here);
  input.label_en = word_or_empty(j, "label_en");
  input.label_zh = word_or_empty(j, "label_zh");
  input.source = word_or_empty(j, "source");
  check_contract(input, where);
  return input;
}

std::vector<RiskModelInput> read_inputs(const json& j, const std::string& where) {
  const auto& list = field(j, "inputs", where);
  if (!list.is_array() || list.empty()) refuse(where, "\"inputs\" is not a list of at least one input");
  std::vector<RiskModelInput> inputs;
  std::set<std::string> names;
  for (const auto& entry : list) {
    inputs.push_back(read_input(entry, where));
    if (!names.insert(inputs.back().name).second) refuse(where, fmt::format("input {} is listed twice", inputs.back().name));
  }
  return inputs;
}

double read_prevalence(const json& j, const std::string& where) {
  const bool counts = j.contains("events") && j.contains("n");
  const double value = counts ? number(j, "events", where) / number(j, "n", where) : number(j, "value", where);
  if (!(value > 0.0 && value < 1.0)) refuse(where, fmt::format("prevalence is {}, needed between 0 and 1", value));
  return value;
}

std::size_t n_terms_of(const std::vector<RiskModelInput>& inputs) {
  std::size_t n = 0;
  for (const auto& input : inputs) n += analysis::n_terms(input);
  return n;
}

std::optional<Eigen::MatrixXd> read_covariance(const json& j, std::size_t n_terms, const std::string& where) {
  if (!j.contains("covariance") || j.at("covariance").is_null()) return std::nullopt;
  const auto& rows = field(j.at("covariance"), "matrix", where);
  const auto n = static_cast<Eigen::Index>(n_terms + 1);
  if (!rows.is_array() || rows.size() != n_terms + 1) refuse(where, fmt::format("covariance needs {} rows", n));
  Eigen::MatrixXd matrix(n, n);
  for (Eigen::Index r = 0; r < n; ++r) {
    if (!rows[r].is_array() || rows[r].size() != n_terms + 1) refuse(where, fmt::format("covariance row {} needs {} numbers", r + 1, n));
    for (Eigen::Index c = 0; c < n; ++c) {
      if (!rows[r][c].is_number()) refuse(where, fmt::format("covariance row {} holds {}, needed numbers", r + 1, rows[r][c].dump()));
      matrix(r, c) = rows[r][c].get<double>();
    }
  }
  return matrix;
}

std::vector<std::string> read_list(const json& object, const char* name) {
  return object.contains(name) && object.at(name).is_array() ? object.at(name).get<std::vector<std::string>>() : std::vector<std::string>{};
}

void read_intercept(const json& j, RiskModel& model, const std::string& where) {
  const auto& intercept = field(j, "intercept", where);
  model.intercept = number(intercept, "value", where);
  model.intercept_se_centred = number(intercept, "se_centred", where);
  model.intercept_origin = word(intercept, "origin", where);
  model.sample_event_fraction = number(intercept, "sample_event_fraction", where);
  if (!(model.sample_event_fraction > 0.0 && model.sample_event_fraction < 1.0))
    refuse(where, fmt::format("sample_event_fraction is {}, needed between 0 and 1", model.sample_event_fraction));
}

void check_hash(const json& j, RiskModel& model, const std::string& where) {
  model.hash = content_hash(j);
  if (!j.contains("hash")) {
    model.warnings.push_back("model file carries no hash");
    return;
  }
  if (j.at("hash") != model.hash)
    refuse(where, fmt::format("hash is {}, its content gives {}: the file was changed after it was made", j.at("hash").dump(), model.hash));
}

void read_text_fields(const json& j, RiskModel& model, const std::string& where) {
  model.name = word(j, "name", where);
  model.version = word(j, "version", where);
  model.title = word_or_empty(j, "title");
  model.citation = word_or_empty(j, "citation");
  model.outcome = word_or_empty(j, "outcome");
  model.interval_note = word_or_empty(j, "interval_note");
  model.training_data = word_or_empty(j, "training_data");
  if (j.contains("applicability")) {
    model.inclusion = read_list(j.at("applicability"), "inclusion");
    model.exclusion = read_list(j.at("applicability"), "exclusion");
  }
  model.warnings = read_list(j, "warnings");
  if (j.contains("performance")) model.performance = j.at("performance").get<std::map<std::string, std::string>>();
}

RiskModel read_model(const json& j, const std::string& where) {
  const std::string schema = word(j, "schema", where);
  if (schema != kModelSchema && schema != kModelSchemaWithTerms)
    refuse(where, fmt::format("schema is \"{}\", needed \"{}\" or \"{}\"", schema, kModelSchema, kModelSchemaWithTerms));
  RiskModel model;
  read_text_fields(j, model, where);
  read_intercept(j, model, where);
  const auto& prevalence = field(j, "prevalence", where);
  model.prevalence = read_prevalence(prevalence, where);
  model.prevalence_source = word_or_empty(prevalence, "source");
  model.inputs = read_inputs(j, where);
  if (schema == kModelSchema && n_terms_of(model.inputs) != model.inputs.size())
    refuse(where, fmt::format("splines and terms of unknown values need the schema \"{}\"", kModelSchemaWithTerms));
  model.covariance_centred = read_covariance(j, n_terms_of(model.inputs), where);
  check_hash(j, model, where);
  return model;
}

json term_json(const analysis::RiskModelTerm& term) {
  return {{"coefficient", term.coefficient}, {"standard_error", term.standard_error}, {"centre", term.centre}};
}

json table_json(const analysis::TableCoding& table) {
  json j = {{"column", table.column}};
  if (!table.level.empty()) j["level"] = table.level, j["levels"] = table.levels;
  if (table.low_code != 0 || table.high_code != 1) j["codes"] = {table.low_code, table.high_code};
  return j;
}

void add_terms(const RiskModelInput& input, json& j) {
  if (!input.knots.empty()) {
    j["spline"] = {{"knots", input.knots}, {"terms", json::array()}};
    for (const auto& part : input.spline) j["spline"]["terms"].push_back(term_json(part));
  }
  if (input.fill) j["unknown"] = {{"fill", *input.fill}};
  if (input.unknown) j["unknown"]["term"] = term_json(*input.unknown);
  if (!input.table.column.empty()) j["table"] = table_json(input.table);
}

json input_json(const RiskModelInput& input) {
  json j = {{"name", input.name},
            {"unit", input.unit},
            {"coding", to_word(kCodings, input.coding)},
            {"timing", to_word(kTimings, input.timing)},
            {"if_unknown", to_word(kIfUnknown, input.if_unknown)},
            {"direction", input.direction},
            {"coefficient", input.coefficient},
            {"standard_error", input.standard_error},
            {"centre", input.centre},
            {"label_en", input.label_en},
            {"label_zh", input.label_zh},
            {"source", input.source}};
  if (input.range_low && input.range_high) j["range"] = {*input.range_low, *input.range_high};
  add_terms(input, j);
  return j;
}

json covariance_json(const RiskModel& model) {
  if (!model.covariance_centred) return nullptr;
  json order = {"intercept_at_centre"}, rows = json::array();
  for (const auto& input : model.inputs) {
    order.push_back(input.name);
    for (std::size_t k = 1; k <= input.spline.size(); ++k) order.push_back(input.name + std::string(k, '\''));
    if (input.unknown) order.push_back(input.name + "_missing");
  }
  for (const auto& row : model.covariance_centred->rowwise()) rows.push_back(std::vector<double>(row.begin(), row.end()));
  return {{"order", order}, {"matrix", rows}};
}

}  // namespace

RiskModel parse_model(const json& j, const std::string& where) {
  try {
    return read_model(j, where);
  } catch (const json::exception& e) {
    refuse(where, fmt::format("a field has the wrong type ({})", e.what()));
  }
}

json to_model_json(const RiskModel& model) {
  json inputs = json::array();
  for (const auto& input : model.inputs) inputs.push_back(input_json(input));
  const bool has_terms = n_terms_of(model.inputs) != model.inputs.size();
  json j = {{"schema", has_terms ? kModelSchemaWithTerms : kModelSchema},
            {"name", model.name},
            {"version", model.version},
            {"title", model.title},
            {"citation", model.citation},
            {"outcome", model.outcome},
            {"intercept",
             {{"value", model.intercept},
              {"se_centred", model.intercept_se_centred},
              {"sample_event_fraction", model.sample_event_fraction},
              {"origin", model.intercept_origin}}},
            {"prevalence", {{"value", model.prevalence}, {"source", model.prevalence_source}}},
            {"inputs", inputs},
            {"covariance", covariance_json(model)},
            {"interval_note", model.interval_note},
            {"applicability", {{"inclusion", model.inclusion}, {"exclusion", model.exclusion}}},
            {"performance", model.performance},
            {"training_data", model.training_data},
            {"warnings", model.warnings}};
  j["hash"] = content_hash(j);
  return j;
}

}  // namespace cemscope::statistics
