#include "src/statistics/predict_table.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/model_cell.h"

namespace cemscope::statistics {
namespace {

struct InputColumn {
  std::optional<std::size_t> value, source;
  CellCodes codes = CellCodes::zero_one;
};

// By the input's name, by the column it was fitted on, by a usual synonym.
std::optional<std::size_t> column_of(const Table& table, const analysis::RiskModelInput& input) {
  if (!input.table.level.empty()) return table.find(input.table.column);
  if (const auto exact = table.find(input.name)) return exact;
  if (const auto fitted = table.find(input.table.column)) return fitted;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (contract_name(table.columns[c]) == input.name) return c;
  return std::nullopt;
}

bool is_of(const Codes& codes, double low, double high) {
  const auto known = [&](double v) { return v == low || v == high; };
  return codes.n_distinct <= 2 && known(codes.low) && known(codes.high);
}

// A column coded 1/2 is read so if it is the one the model was fitted on; a lone 1 under a name of the contract could mean either.
CellCodes codes_in(const Table& table, const analysis::RiskModelInput& input, std::size_t column) {
  const auto& fitted = input.table;
  if (input.coding != analysis::InputCoding::binary || !fitted.level.empty()) return CellCodes::zero_one;
  const auto coded = code_column(table, column);
  const auto codes = codes_of(coded.values);
  const bool is_own = table.columns[column] == fitted.column, has_codes = fitted.low_code != 0 || fitted.high_code != 1;
  const bool is_lone_one = codes.n_distinct == 1 && codes.low == 1 && is_of(codes, fitted.low_code, fitted.high_code);
  if (is_own && has_codes && is_lone_one && !contract_name(fitted.column).empty() && contract_name(fitted.column) == fitted.column)
    throw Error(ErrorKind::inconsistent,
                fmt::format("{}: column {} holds 1 only, which the model's own table used for \"no\": write yes or no", table.name,
                            table.columns[column]));
  if (is_own && has_codes && codes.n_distinct > 0 && is_of(codes, fitted.low_code, fitted.high_code)) return CellCodes::as_fitted;
  if (codes.n_distinct == 2 && !is_of(codes, 0, 1))
    throw Error(ErrorKind::inconsistent, fmt::format("{}: column {} is coded {}/{}, the model wants 0/1 ({})", table.name,
                                                     table.columns[column], codes.low, codes.high, input.source));
  return CellCodes::zero_one;
}

std::vector<InputColumn> find_columns(const Table& table, const analysis::RiskModel& model) {
  std::vector<InputColumn> columns;
  for (const auto& input : model.inputs) {
    InputColumn column{column_of(table, input), table.find(input.name + "_source")};
    if (column.value) column.codes = codes_in(table, input, *column.value);
    columns.push_back(column);
  }
  if (std::none_of(columns.begin(), columns.end(), [](const InputColumn& c) { return c.value.has_value(); }))
    throw Error(ErrorKind::inconsistent,
                fmt::format("{}: has none of the model's inputs; it needs columns such as {}", table.name, model.inputs.front().name));
  return columns;
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
    inputs[model.inputs[j].name] = value_in_cell(model.inputs[j], table.cell(row, *columns[j].value), columns[j].codes);
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

std::vector<std::string> code_notes(const Table& table, const analysis::RiskModel& model, const std::vector<InputColumn>& columns) {
  std::vector<std::string> notes;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].codes != CellCodes::as_fitted) continue;
    const auto& coding = model.inputs[j].table;
    notes.push_back(fmt::format("{} is coded {}/{} as in the model's own table: {} was taken as yes", table.columns[*columns[j].value],
                                coding.low_code, coding.high_code, coding.high_code));
  }
  return notes;
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
  const auto notes = code_notes(table, model, columns);
  std::vector<PredictedRow> rows;
  for (std::size_t r = 0; r < table.n_rows(); ++r) {
    PredictedRow row{id ? std::string(table.cell(r, table.index(*id))) : std::to_string(table.line(r)), std::nullopt, {}};
    try {
      row.estimate = analysis::estimate_risk(model, read_inputs(table, r, model, columns), options_of_row(table, r, options));
      row.estimate->warnings.insert(row.estimate->warnings.end(), notes.begin(), notes.end());
    } catch (const std::invalid_argument& e) {
      row.error = fmt::format("row {}: {}", table.line(r), e.what());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cemscope::statistics
