#include "src/statistics/cohort_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

constexpr std::size_t kMostLevels = 10;  // more levels than this are an identifier or free text

std::optional<double> number_or_word(std::string_view cell) {
  if (const auto number = parse_number(cell)) return number;
  return parse_yes_no(cell);
}

// A cell as a number, a missing one as kMissing; empty for text.
std::optional<double> value_of(const Table& table, std::size_t row, std::size_t column) {
  if (const auto number = table.number(row, column)) return number;
  const auto cell = table.cell(row, column);
  return is_missing(cell) ? kMissing : number_or_word(cell);
}

// All cells as numbers, or nothing when one is text.
std::optional<std::vector<double>> all_numeric(const Table& table, std::size_t column) {
  std::vector<double> values;
  values.reserve(table.n_rows());
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const auto value = value_of(table, row, column);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

void code_numeric(std::vector<double> values, CodedColumn& coded) {
  const auto codes = codes_of(values);
  coded.values = std::move(values);
  if (codes.n_distinct < 2) return;
  coded.kind = codes.n_distinct == 2 ? ColumnKind::binary : ColumnKind::continuous;
  coded.low_code = codes.low;
  coded.high_code = codes.high;
}

// More numbers than words: a slip in a column of numbers, no category.
bool is_mostly_numbers(const Table& table, std::size_t column) {
  std::size_t n_numbers = 0, n_words = 0;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const auto value = value_of(table, row, column);
    if (!value)
      ++n_words;
    else if (!std::isnan(*value))
      ++n_numbers;
  }
  return n_numbers > n_words;
}

void code_text(const Table& table, std::size_t column, CodedColumn& coded) {
  if (is_mostly_numbers(table, column)) return;
  std::set<std::string> levels;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const auto cell = table.cell(row, column);
    if (!is_missing(cell)) levels.insert(cell);
    if (levels.size() > kMostLevels) return;
  }
  if (levels.size() < 2) return;
  coded.kind = ColumnKind::category;
  coded.levels.assign(levels.begin(), levels.end());
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    const auto cell = table.cell(row, column);
    const auto at = std::find(coded.levels.begin(), coded.levels.end(), cell);
    coded.values.push_back(is_missing(cell) ? kMissing : static_cast<double>(at - coded.levels.begin()));
  }
}

const std::map<std::string, std::string>& synonyms() {
  static const std::map<std::string, std::string> names = {{"leakage", "leakage"},
                                                           {"leak", "leakage"},
                                                           {"cement_leakage", "leakage"},
                                                           {"骨水泥渗漏", "leakage"},
                                                           {"渗漏", "leakage"},
                                                           {"bmd_t_score", "bmd_t_score"},
                                                           {"t_score", "bmd_t_score"},
                                                           {"t-score", "bmd_t_score"},
                                                           {"骨密度T值", "bmd_t_score"},
                                                           {"T值", "bmd_t_score"},
                                                           {"adjacent_fracture", "adjacent_fracture"},
                                                           {"adjacent_fx", "adjacent_fracture"},
                                                           {"邻近节段骨折", "adjacent_fracture"},
                                                           {"邻近椎体骨折", "adjacent_fracture"},
                                                           {"cement_ml", "cement_ml"},
                                                           {"cement_volume_ml", "cement_ml"},
                                                           {"骨水泥注入量(mL)", "cement_ml"},
                                                           {"骨水泥注入量（mL）", "cement_ml"},
                                                           {"骨水泥注入量", "cement_ml"},
                                                           {"soft_tissue_injury", "soft_tissue_injury"},
                                                           {"soft_tissue", "soft_tissue_injury"},
                                                           {"软组织损伤", "soft_tissue_injury"},
                                                           {"distribution_unsatisfactory", "distribution_unsatisfactory"},
                                                           {"cement_dist", "distribution_unsatisfactory"},
                                                           {"骨水泥分布", "distribution_unsatisfactory"}};
  return names;
}

}  // namespace

Codes codes_of(const std::vector<double>& values) {
  Codes codes;
  for (const double v : values) {
    if (std::isnan(v) || (codes.n_distinct > 0 && (v == codes.low || v == codes.high))) continue;
    if (codes.n_distinct == 0) {
      codes = {v, v, 1};
    } else if (codes.n_distinct == 1) {
      codes = {std::min(v, codes.low), std::max(v, codes.high), 2};
    } else {
      codes = {std::min(v, codes.low), std::max(v, codes.high), 3};
    }
  }
  return codes;
}

CodedColumn code_column(const Table& table, std::size_t column) {
  CodedColumn coded;
  coded.name = table.columns[column];
  if (auto values = all_numeric(table, column)) {
    code_numeric(std::move(*values), coded);
  } else {
    code_text(table, column, coded);
  }
  for (std::size_t row = 0; row < table.n_rows(); ++row)
    coded.n_missing += !table.number(row, column) && is_missing(table.cell(row, column));
  return coded;
}

std::vector<double> numeric_column(const Table& table, const std::string& name) {
  const auto column = table.index(name);
  std::vector<double> values;
  values.reserve(table.n_rows());
  for (std::size_t r = 0; r < table.n_rows(); ++r) {
    const auto value = value_of(table, r, column);
    if (!value)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: \"{}\" is no number", place(table, r, column), table.cell(r, column)));
    values.push_back(*value);
  }
  return values;
}

std::vector<double> outcome_column(const Table& table, const std::string& name) {
  auto values = numeric_column(table, name);
  const auto codes = codes_of(values);
  if (codes.n_distinct > 2) {
    for (std::size_t r = 0; r < values.size(); ++r)
      if (values[r] != codes.low && values[r] != codes.high && !std::isnan(values[r]))
        throw Error(ErrorKind::inconsistent,
                    fmt::format("{}: the outcome has more than two values, e.g. {}", place(table, r, table.index(name)), values[r]));
  }
  if (codes.n_distinct == 2)
    for (auto& v : values)
      if (!std::isnan(v)) v = v == codes.high ? 1.0 : 0.0;
  return values;
}

std::vector<double> weight_column(const Table& table, const std::string& name) {
  const auto values = numeric_column(table, name);
  for (std::size_t r = 0; r < values.size(); ++r)
    if (!(values[r] > 0))
      throw Error(ErrorKind::inconsistent, fmt::format("{}: a weight must be above 0, found \"{}\"", place(table, r, table.index(name)),
                                                       table.cell(r, table.index(name))));
  return values;
}

std::optional<std::string> identifier_column(const Table& table) {
  for (const char* name : {"patient_id", "id", "case_id", "patientid", "PatientID", "ID", "编号", "病历号", "住院号"})
    if (table.find(name)) return name;
  return std::nullopt;
}

void require_unique_patients(const Table& table) {
  const auto name = identifier_column(table);
  if (!name) return;
  const auto column = table.index(*name);
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t r = 0; r < table.n_rows(); ++r) {
    if (is_missing(table.cell(r, column))) continue;
    const auto [at, fresh] = seen.emplace(table.cell(r, column), r);
    if (!fresh)
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: the same patient is in row {}; name the column as --cluster if patients may have several rows",
                              place(table, r, column), table.line(at->second)));
  }
}

std::string contract_name(const std::string& column) {
  const auto at = synonyms().find(column);
  return at == synonyms().end() ? std::string() : at->second;
}

std::vector<std::string> contract_columns(const Table& table) {
  std::vector<std::string> out;
  for (const char* name : {"leakage", "bmd_t_score", "adjacent_fracture", "cement_ml", "soft_tissue_injury", "distribution_unsatisfactory"})
    for (const auto& column : table.columns)
      if (contract_name(column) == name) {
        out.push_back(column);
        break;
      }
  return out;
}

std::optional<std::string> usual_outcome(const Table& table) {
  for (const char* name : {"poor", "outcome", "疗效"})
    if (table.find(name)) return name;
  return std::nullopt;
}

}  // namespace cemscope::statistics
