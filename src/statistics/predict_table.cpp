#include "src/statistics/predict_table.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

struct InputColumn {
  std::optional<std::size_t> value, source;
};

std::optional<std::size_t> column_of(const Table& table, const std::string& input) {
  if (const auto exact = table.find(input)) return exact;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (contract_name(table.columns[c]) == input) return c;
  return std::nullopt;
}

void refuse_other_codes(const Table& table, const analysis::RiskModelInput& input, std::size_t column) {
  if (input.coding != analysis::InputCoding::binary) return;
  const auto coded = code_column(table, column);
  if (coded.kind == ColumnKind::binary && (coded.low_code != 0 || coded.high_code != 1))
    throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} is coded {}/{}, the model wants 0/1 ({})", table.name,
                                                     table.columns[column], coded.low_code, coded.high_code, input.source));
}

std::vector<InputColumn> find_columns(const Table& table, const analysis::RiskModel& model) {
  std::vector<InputColumn> columns;
  for (const auto& input : model.inputs) {
    columns.push_back({column_of(table, input.name), table.find(input.name + "_source")});
    if (columns.back().value) refuse_other_codes(table, input, *columns.back().value);
  }
  if (std::none_of(columns.begin(), columns.end(), [](const InputColumn& c) { return c.value.has_value(); }))
    throw Error(ErrorKind::inconsistent,
                fmt::format("{}: has none of the model's inputs; it needs columns such as {}", table.name, model.inputs.front().name));
  return columns;
}

std::optional<double> read_value(const Table& table, std::size_t row, std::size_t column) {
  const auto cell = table.cell(row, column);
  if (is_missing(cell)) return std::nullopt;
  if (const auto number = parse_number(cell)) return number;
  if (const auto word = parse_yes_no(cell)) return word;
  throw std::invalid_argument(fmt::format("column {}: \"{}\" is no number", table.columns[column], cell));
}

// A QCT T-score is on another scale than DXA's: it is refused, not scored.
void refuse_scale(const Table& table, std::size_t row, const InputColumn& column, const analysis::RiskModelInput& input) {
  if (!column.source || input.name != "bmd_t_score") return;
  const auto source = table.cell(row, *column.source);
  if (source.find("QCT") != source.npos || source.find("qct") != source.npos)
    throw std::invalid_argument("bmd_t_score is from QCT, the model needs DXA");
}

analysis::RiskInputs read_inputs(const Table& table, std::size_t row, const analysis::RiskModel& model,
                                 const std::vector<InputColumn>& columns) {
  analysis::RiskInputs inputs;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (!columns[j].value) continue;
    refuse_scale(table, row, columns[j], model.inputs[j]);
    inputs[model.inputs[j].name] = read_value(table, row, *columns[j].value);
  }
  return inputs;
}

analysis::RiskOptions options_of_row(const Table& table, std::size_t row, analysis::RiskOptions options) {
  const auto column = table.find("stage");
  if (!column || is_missing(table.cell(row, *column))) return options;
  const auto stage = parse_stage(table.cell(row, *column));
  if (!stage) throw std::invalid_argument(fmt::format("stage \"{}\" is none of preop, postop, followup", table.cell(row, *column)));
  options.stage = *stage;
  return options;
}

}  // namespace

std::optional<analysis::Stage> parse_stage(std::string_view word) {
  if (word == "preop") return analysis::Stage::preop;
  if (word == "postop") return analysis::Stage::postop;
  if (word == "followup") return analysis::Stage::followup;
  return std::nullopt;
}

std::vector<PredictedRow> predict_table(const Table& table, const analysis::RiskModel& model, const analysis::RiskOptions& options) {
  if (options.prevalence && !(*options.prevalence > 0 && *options.prevalence < 1))
    throw Error(ErrorKind::usage, fmt::format("the prevalence must lie between 0 and 1, found {}", *options.prevalence));
  const auto columns = find_columns(table, model);
  const auto id = identifier_column(table);
  std::vector<PredictedRow> rows;
  for (std::size_t r = 0; r < table.n_rows(); ++r) {
    PredictedRow row{id ? std::string(table.cell(r, table.index(*id))) : std::to_string(table.line(r)), std::nullopt, {}};
    try {
      row.estimate = analysis::estimate_risk(model, read_inputs(table, r, model, columns), options_of_row(table, r, options));
    } catch (const std::invalid_argument& e) {
      row.error = fmt::format("row {}: {}", table.line(r), e.what());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cemscope::statistics
