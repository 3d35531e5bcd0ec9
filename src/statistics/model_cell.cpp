#include "src/statistics/model_cell.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "src/statistics/table.h"

namespace cemscope::statistics {
namespace {

double level_value(const analysis::TableCoding& table, std::string_view cell) {
  if (std::find(table.levels.begin(), table.levels.end(), cell) == table.levels.end())
    throw std::invalid_argument(
        fmt::format("column {}: \"{}\" is none of {}, which the model knows", table.column, cell, fmt::join(table.levels, ", ")));
  return cell == table.level ? 1 : 0;
}

double decoded(const analysis::RiskModelInput& input, double value) {
  const auto& table = input.table;
  if (value != table.low_code && value != table.high_code)
    throw std::invalid_argument(fmt::format("column {}: {} is neither {} nor {}", table.column, value, table.low_code, table.high_code));
  return value == table.high_code ? 1 : 0;
}

}  // namespace

std::optional<double> value_in_cell(const analysis::RiskModelInput& input, std::string_view cell, CellCodes codes) {
  if (is_missing(cell)) return std::nullopt;
  if (!input.table.level.empty()) return level_value(input.table, cell);
  if (const auto number = parse_number(cell)) return codes == CellCodes::as_fitted ? decoded(input, *number) : *number;
  if (const auto word = parse_yes_no(cell)) return word;
  throw std::invalid_argument(fmt::format("column {}: \"{}\" is no number", input.name, cell));
}

}  // namespace cemscope::statistics
