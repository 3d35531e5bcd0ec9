#include "src/statistics/fit_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "analysis/logistic.h"
#include "analysis/splines.h"
#include "imaging/error.h"
#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

struct Column {
  Term term;
  std::vector<double> values;
};

// A predictor's columns: itself, or one per level above the first for text.
void add_predictor(const Table& table, const std::string& name, std::vector<Column>& columns) {
  const auto coded = code_column(table, table.index(name));
  if (coded.kind != ColumnKind::category) {
    columns.push_back({{name, name, true}, numeric_column(table, name)});
    return;
  }
  for (std::size_t level = 1; level < coded.levels.size(); ++level) {
    std::vector<double> values;
    for (const double v : coded.values) values.push_back(std::isnan(v) ? v : v == static_cast<double>(level) ? 1.0 : 0.0);
    columns.push_back({{name + "_" + coded.levels[level], name, false}, values});
  }
}

double mean_of_known(const std::vector<double>& values) {
  double sum = 0, n = 0;
  for (const double v : values)
    if (!std::isnan(v)) sum += v, ++n;
  return n > 0 ? sum / n : 0;
}

void add_indicators(std::vector<Column>& columns, std::vector<std::string>& notes) {
  std::vector<Column> indicators;
  for (auto& column : columns) {
    const auto n = std::count_if(column.values.begin(), column.values.end(), [](double v) { return std::isnan(v); });
    if (n == 0) continue;
    Column indicator{{column.term.name + "_missing", column.term.column, false}, {}};
    const double mean = mean_of_known(column.values);
    for (auto& v : column.values) {
      indicator.values.push_back(std::isnan(v) ? 1 : 0);
      if (std::isnan(v)) v = mean;
    }
    notes.push_back(fmt::format("{}: {} missing values set to the mean, with an indicator", column.term.name, n));
    indicators.push_back(std::move(indicator));
  }
  for (auto& indicator : indicators) columns.push_back(std::move(indicator));
}

bool row_is_complete(const std::vector<Column>& columns, std::size_t row) {
  return std::none_of(columns.begin(), columns.end(), [&](const Column& c) { return std::isnan(c.values[row]); });
}

void choose_rows(const std::vector<Column>& columns, const std::vector<double>& outcome, MissingPolicy policy, FitData& data) {
  for (std::size_t r = 0; r < outcome.size(); ++r) {
    const bool complete = row_is_complete(columns, r);
    if (std::isnan(outcome[r]) || (!complete && policy == MissingPolicy::complete_case)) {
      ++data.n_dropped;
    } else {
      data.rows.push_back(r);
      data.has_missing_predictors |= !complete;
    }
  }
}

Eigen::VectorXd picked(const std::vector<double>& values, const std::vector<std::size_t>& rows) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Eigen::Index>(i)) = values[rows[i]];
  return out;
}

void fill_design(const std::vector<Column>& columns, FitData& data) {
  data.x.resize(static_cast<Eigen::Index>(data.rows.size()), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    data.x.col(static_cast<Eigen::Index>(j)) = picked(columns[j].values, data.rows);
    data.terms.push_back(columns[j].term);
  }
}

void keep_columns(const std::vector<Eigen::Index>& keep, FitData& data) {
  if (static_cast<Eigen::Index>(keep.size()) == data.x.cols()) return;
  std::vector<Term> terms;
  for (const auto j : keep) terms.push_back(data.terms[static_cast<std::size_t>(j)]);
  data.terms = terms;
  data.x = Eigen::MatrixXd(data.x(Eigen::all, keep));
}

void drop_aliased(FitData& data) {
  if (data.has_missing_predictors || data.x.rows() <= data.x.cols() + 1) return;  // too few rows to tell; the fit refuses
  const auto aliased = analysis::find_aliased_columns(data.x);
  std::vector<Eigen::Index> keep;
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    const auto& name = data.terms[static_cast<std::size_t>(j)].name;
    if (std::count(aliased.constant.begin(), aliased.constant.end(), j)) {
      data.constant.push_back(name);
    } else if (std::count(aliased.dependent.begin(), aliased.dependent.end(), j)) {
      data.dependent.push_back(name);
    } else {
      keep.push_back(j);
    }
  }
  keep_columns(keep, data);
}

// Replaces spline predictors by their basis.
void add_splines(const std::vector<std::string>& splines, FitData& data) {
  for (const auto& name : splines) {
    const auto at = std::find_if(data.terms.begin(), data.terms.end(), [&](const Term& t) { return t.name == name; });
    if (at == data.terms.end()) throw Error(ErrorKind::usage, fmt::format("--spline {}: not among the predictors in use", name));
    const auto j = static_cast<Eigen::Index>(at - data.terms.begin());
    const Eigen::VectorXd values = data.x.col(j);
    const auto knots = analysis::default_knots(values, 4);
    if (knots.size() < 3) throw Error(ErrorKind::usage, fmt::format("--spline {}: too few different values for knots", name));
    const Eigen::MatrixXd basis = analysis::spline_basis(values, knots);
    data.notes.push_back(fmt::format("{}: restricted cubic spline, knots {}", name, fmt::join(knots, ", ")));
    at->plain = false;
    std::string mark;
    for (Eigen::Index k = 1; k < basis.cols(); ++k) {
      data.x.conservativeResize(Eigen::NoChange, data.x.cols() + 1);
      data.x.col(data.x.cols() - 1) = basis.col(k);
      data.terms.push_back({name + (mark += "'"), name, false});
    }
  }
}

std::vector<int> clusters(const Table& table, const FitOptions& options, const std::vector<std::size_t>& rows) {
  std::map<std::string, int> number;
  std::vector<int> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string key = options.cluster ? table.rows[rows[i]][table.index(*options.cluster)] : std::to_string(i);
    out.push_back(number.emplace(key, static_cast<int>(number.size())).first->second);
  }
  return out;
}

std::string matching_key(const Table& table, std::size_t row, const std::vector<std::string>& match) {
  std::string key;
  for (const auto& name : match) key += table.rows[row][table.index(name)] + '\x1f';
  return key;
}

}  // namespace

std::vector<std::string> FitData::names() const {
  std::vector<std::string> out;
  for (const auto& term : terms) out.push_back(term.name);
  return out;
}

FitOptions complete_options(const Table& table, FitOptions options) {
  if (options.outcome.empty()) {
    const auto usual = usual_outcome(table);
    if (!usual)
      throw Error(ErrorKind::usage,
                  fmt::format("{}: name the outcome with --outcome; none of the usual columns (poor, outcome, 疗效) is there", table.name));
    options.outcome = *usual;
  }
  (void)table.index(options.outcome);
  if (options.predictors.empty()) options.predictors = contract_columns(table);
  if (options.predictors.empty()) throw Error(ErrorKind::usage, fmt::format("{}: name the predictors with --predictors", table.name));
  if (options.prevalence && !(*options.prevalence > 0 && *options.prevalence < 1))
    throw Error(ErrorKind::usage, fmt::format("the prevalence must lie between 0 and 1, found {}", *options.prevalence));
  std::set<std::string> seen;
  for (const auto& name : options.predictors) {
    (void)table.index(name);
    if (name == options.outcome) throw Error(ErrorKind::usage, fmt::format("{}: the outcome {} is among the predictors", table.name, name));
    if (!seen.insert(name).second) throw Error(ErrorKind::usage, fmt::format("{}: predictor {} is named twice", table.name, name));
  }
  return options;
}

FitData build_fit_data(const Table& table, const FitOptions& options) {
  if (!options.cluster) require_unique_patients(table);
  FitData data;
  data.outcome = options.outcome;
  std::vector<Column> columns;
  for (const auto& name : options.predictors) add_predictor(table, name, columns);
  const auto outcome = outcome_column(table, options.outcome);
  for (const auto& column : columns)
    if (column.values == outcome)
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: predictor {} equals the outcome {} in every row", table.name, column.term.name, options.outcome));
  if (options.missing == MissingPolicy::indicator) add_indicators(columns, data.notes);
  choose_rows(columns, outcome, options.missing, data);
  if (data.rows.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: no row has the outcome and every predictor", table.name));
  if (data.n_dropped > 0)
    data.notes.push_back(fmt::format("{} of {} rows left out for a missing outcome or predictor", data.n_dropped, table.rows.size()));
  fill_design(columns, data);
  data.y = picked(outcome, data.rows);
  if (options.weights) data.weights = picked(weight_column(table, *options.weights), data.rows);
  data.cluster = clusters(table, options, data.rows);
  drop_aliased(data);
  add_splines(options.splines, data);
  if (data.terms.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: no predictor varies", table.name));
  return data;
}

Table sample_controls(const Table& table, const std::string& outcome, int per_case, const std::vector<std::string>& match,
                      std::uint64_t seed) {
  const auto y = outcome_column(table, outcome);
  std::map<std::string, std::vector<std::size_t>> pools;
  for (std::size_t r = 0; r < y.size(); ++r)
    if (y[r] == 0) pools[matching_key(table, r, match)].push_back(r);
  std::mt19937_64 random(seed);
  std::set<std::size_t> chosen;
  for (std::size_t r = 0; r < y.size(); ++r) {
    if (y[r] != 1) continue;
    chosen.insert(r);
    auto& pool = pools[matching_key(table, r, match)];
    for (int k = 0; k < per_case; ++k) {
      if (pool.empty())
        throw Error(ErrorKind::inconsistent,
                    fmt::format("{}: too few controls for {} per case (row {})", table.name, per_case, table.lines[r]));
      const auto at = static_cast<std::size_t>((random() >> 11) * 0x1.0p-53 * double(pool.size()));
      chosen.insert(pool[at]);
      pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  Table sample{table.name, table.columns, {}, {}};
  for (const auto r : chosen) {
    sample.rows.push_back(table.rows[r]);
    sample.lines.push_back(table.lines[r]);
  }
  return sample;
}

}  // namespace cemscope::statistics
