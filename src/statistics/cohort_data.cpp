#include "src/statistics/cohort_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

constexpr std::size_t kMostLevels = 10;  // more levels than this are an identifier or free text

std::optional<double> number_or_word(const std::string& cell) {
  if (const auto number = parse_number(cell)) return number;
  return parse_yes_no(cell);
}

// All cells as numbers, or nothing when one is text.
std::optional<std::vector<double>> all_numeric(const Table& table, std::size_t column) {
  std::vector<double> values;
  for (const auto& row : table.rows) {
    if (is_missing(row[column])) {
      values.push_back(kMissing);
    } else if (const auto value = number_or_word(row[column])) {
      values.push_back(*value);
    } else {
      return std::nullopt;
    }
  }
  return values;
}

std::set<double> distinct(const std::vector<double>& values) {
  std::set<double> out;
  for (const double v : values)
    if (!std::isnan(v)) out.insert(v);
  return out;
}

void code_numeric(std::vector<double> values, CodedColumn& coded) {
  const auto codes = distinct(values);
  coded.values = std::move(values);
  if (codes.size() < 2) return;
  coded.kind = codes.size() == 2 ? ColumnKind::binary : ColumnKind::continuous;
  coded.low_code = *codes.begin();
  coded.high_code = *codes.rbegin();
}

void code_text(const Table& table, std::size_t column, CodedColumn& coded) {
  std::set<std::string> levels;
  for (const auto& row : table.rows)
    if (!is_missing(row[column])) levels.insert(row[column]);
  if (levels.size() < 2 || levels.size() > kMostLevels) return;
  coded.kind = ColumnKind::category;
  coded.levels.assign(levels.begin(), levels.end());
  for (const auto& row : table.rows) {
    const auto at = std::find(coded.levels.begin(), coded.levels.end(), row[column]);
    coded.values.push_back(is_missing(row[column]) ? kMissing : static_cast<double>(at - coded.levels.begin()));
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

CodedColumn code_column(const Table& table, std::size_t column) {
  CodedColumn coded;
  coded.name = table.columns[column];
  if (auto values = all_numeric(table, column)) {
    code_numeric(std::move(*values), coded);
  } else {
    code_text(table, column, coded);
  }
  for (const auto& row : table.rows) coded.n_missing += is_missing(row[column]);
  return coded;
}

std::vector<double> numeric_column(const Table& table, const std::string& name) {
  const auto column = table.index(name);
  std::vector<double> values;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& cell = table.rows[r][column];
    const auto value = is_missing(cell) ? std::optional<double>(kMissing) : number_or_word(cell);
    if (!value) throw Error(ErrorKind::inconsistent, fmt::format("{}: \"{}\" is no number", place(table, r, column), cell));
    values.push_back(*value);
  }
  return values;
}

std::vector<double> outcome_column(const Table& table, const std::string& name) {
  auto values = numeric_column(table, name);
  const auto codes = distinct(values);
  if (codes.size() > 2) {
    for (std::size_t r = 0; r < values.size(); ++r)
      if (values[r] != *codes.begin() && values[r] != *codes.rbegin() && !std::isnan(values[r]))
        throw Error(ErrorKind::inconsistent,
                    fmt::format("{}: the outcome has more than two values, e.g. {}", place(table, r, table.index(name)), values[r]));
  }
  if (codes.size() == 2)
    for (auto& v : values)
      if (!std::isnan(v)) v = v == *codes.rbegin() ? 1.0 : 0.0;
  return values;
}

std::vector<double> weight_column(const Table& table, const std::string& name) {
  const auto values = numeric_column(table, name);
  for (std::size_t r = 0; r < values.size(); ++r)
    if (!(values[r] > 0))
      throw Error(ErrorKind::inconsistent, fmt::format("{}: a weight must be above 0, found \"{}\"", place(table, r, table.index(name)),
                                                       table.rows[r][table.index(name)]));
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
  std::map<std::string, std::size_t> seen;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (is_missing(table.rows[r][column])) continue;
    const auto [at, fresh] = seen.emplace(table.rows[r][column], r);
    if (!fresh)
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: the same patient is in row {}; name the column as --cluster if patients may have several rows",
                              place(table, r, column), table.lines[at->second]));
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
