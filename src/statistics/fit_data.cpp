#include "src/statistics/fit_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "analysis/logistic.h"
#include "analysis/splines.h"
#include "imaging/error.h"
#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

/// A column of the design before its rows are chosen: the numbers of a table's column, or whether it has a level.
struct Source {
  Term term;
  std::size_t level = 0;  ///< of a text column, index
  std::vector<std::string> levels;
  std::size_t n_missing = 0;
  double mean = 0;  ///< of what is known
};

std::vector<Source> sources_of(const Table& table, const std::string& name) {
  const auto coded = code_column(table, table.index(name));
  if (coded.kind != ColumnKind::category) return {{.term = {name, name, name}, .levels = {}}};
  std::vector<Source> sources;
  for (std::size_t level = 1; level < coded.levels.size(); ++level) {
    const auto term_name = name + "_" + coded.levels[level];
    sources.push_back({.term = {term_name, name, term_name, TermKind::level}, .level = level, .levels = coded.levels});
  }
  return sources;
}

// Read anew whenever they are needed: the design is then the only copy of a large table's numbers.
std::vector<double> values_of(const Table& table, const Source& source) {
  if (source.term.kind == TermKind::value) return numeric_column(table, source.term.column);
  auto values = code_column(table, table.index(source.term.column)).values;
  for (auto& v : values)
    if (!std::isnan(v)) v = v == static_cast<double>(source.level) ? 1.0 : 0.0;
  return values;
}

/// Which rows lack a predictor; fills in what the sources know of themselves.
std::vector<char> find_missing(const Table& table, const FitOptions& options, const std::vector<double>& outcome,
                               std::vector<Source>& sources) {
  std::vector<char> is_missing_row(table.n_rows(), 0);
  for (auto& source : sources) {
    const auto values = values_of(table, source);
    if (values == outcome)
      throw Error(ErrorKind::inconsistent,
                  fmt::format("{}: predictor {} equals the outcome {} in every row", table.name, source.term.name, options.outcome));
    double sum = 0;
    for (std::size_t r = 0; r < values.size(); ++r) {
      const bool is_unknown = std::isnan(values[r]);
      source.n_missing += is_unknown ? 1 : 0;
      if (is_unknown)
        is_missing_row[r] = 1;
      else
        sum += values[r];
    }
    const auto n_known = static_cast<double>(values.size() - source.n_missing);
    source.mean = n_known > 0 ? sum / n_known : 0;
  }
  return is_missing_row;
}

void choose_rows(const std::vector<char>& is_missing_row, const std::vector<double>& outcome, MissingPolicy policy, FitData& data) {
  data.rows.reserve(outcome.size());
  for (std::size_t r = 0; r < outcome.size(); ++r) {
    const bool is_incomplete = is_missing_row[r] != 0 && policy != MissingPolicy::indicator;
    if (std::isnan(outcome[r]) || (is_incomplete && policy == MissingPolicy::complete_case)) {
      ++data.n_dropped;
    } else {
      data.rows.push_back(r);
      data.has_missing_predictors |= is_incomplete;
    }
  }
}

Eigen::VectorXd picked(const std::vector<double>& values, const std::vector<std::size_t>& rows) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) out(static_cast<Eigen::Index>(i)) = values[rows[i]];
  return out;
}

BaseFacts facts_of(const Source& source, const std::vector<double>& values, const std::vector<std::size_t>& rows) {
  std::vector<double> used;
  used.reserve(rows.size());
  for (const auto r : rows) used.push_back(values[r]);
  const auto codes = codes_of(used);
  return {.column = source.term.column,
          .level = source.levels.empty() ? std::string{} : source.levels[source.level],
          .levels = source.levels,
          .low = codes.low,
          .high = codes.high,
          .is_binary = codes.n_distinct <= 2,
          .fill = {},
          .knots = {}};
}

// Mean and indicator in place of missing values.
void fill_missing(const Source& source, Eigen::Index column, Eigen::Index indicator, FitData& data) {
  for (Eigen::Index i = 0; i < data.x.rows(); ++i) {
    const bool is_unknown = std::isnan(data.x(i, column));
    data.x(i, indicator) = is_unknown ? 1 : 0;
    if (is_unknown) data.x(i, column) = source.mean;
  }
  data.bases[source.term.name].fill = source.mean;
  data.terms.push_back({source.term.name + "_missing", source.term.column, source.term.name, TermKind::missing});
  data.notes.push_back({fmt::format("{}: {} missing values set to the mean, with an indicator", source.term.name, source.n_missing),
                        fmt::format("{}：{}个缺失值以均值填补，并加缺失指示变量", source.term.name, source.n_missing)});
}

// Is the column read for another source, or for more than its numbers?
bool is_wanted_later(const std::vector<Source>& sources, std::size_t now, const FitOptions& options) {
  const auto& column = sources[now].term.column;
  if (column == options.weights || column == options.cluster) return true;
  return std::any_of(sources.begin() + std::ptrdiff_t(now) + 1, sources.end(), [&](const Source& s) { return s.term.column == column; });
}

void fill_design(Table& table, const std::vector<Source>& sources, const FitOptions& options, FitData& data) {
  const auto policy = options.missing;
  const auto needs_indicator = [&](const Source& source) { return policy == MissingPolicy::indicator && source.n_missing > 0; };
  const auto n_sources = static_cast<Eigen::Index>(sources.size());
  data.x.resize(static_cast<Eigen::Index>(data.rows.size()), n_sources + std::count_if(sources.begin(), sources.end(), needs_indicator));
  for (std::size_t j = 0; j < sources.size(); ++j) {
    const auto values = values_of(table, sources[j]);
    data.x.col(static_cast<Eigen::Index>(j)) = picked(values, data.rows);
    data.terms.push_back(sources[j].term);
    data.bases[sources[j].term.name] = facts_of(sources[j], values, data.rows);
    if (!is_wanted_later(sources, j, options)) table.release(table.index(sources[j].term.column));
  }
  Eigen::Index indicator = n_sources;
  for (std::size_t j = 0; j < sources.size(); ++j)
    if (needs_indicator(sources[j])) fill_missing(sources[j], static_cast<Eigen::Index>(j), indicator++, data);
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
    data.notes.push_back({fmt::format("{}: restricted cubic spline, knots {}", name, fmt::join(knots, ", ")),
                          fmt::format("{}：限制性立方样条，节点{}", name, fmt::join(knots, "、"))});
    data.bases[name].knots = knots;
    at->is_spline = true;
    std::string mark;
    const Eigen::Index n_before = data.x.cols();
    data.x.conservativeResize(Eigen::NoChange, n_before + basis.cols() - 1);
    for (Eigen::Index k = 1; k < basis.cols(); ++k) {
      data.x.col(n_before + k - 1) = basis.col(k);
      data.terms.push_back({name + (mark += "'"), name, name, TermKind::spline_part});
    }
  }
}

// Two values other than 0 and 1 are read as no and yes; whoever coded them otherwise must hear of it.
void note_codes(const Table& table, const std::string& outcome, FitData& data) {
  const auto note = [&](const std::string& name, double low, double high, const Note& meaning) {
    if (low != 0 || high != 1)
      data.notes.push_back({fmt::format("{} is coded {}/{}: {} was taken as {}, {} as not", name, low, high, high, meaning.english, low),
                            fmt::format("{}编码为{}/{}：{}视为{}，{}视为否", name, low, high, high, meaning.chinese, low)});
  };
  const auto codes = codes_of(numeric_column(table, outcome));
  if (codes.n_distinct == 2) note(outcome, codes.low, codes.high, {"the event", "事件"});
  for (const auto& [name, facts] : data.bases)
    if (facts.is_binary && facts.level.empty() && facts.low != facts.high) note(name, facts.low, facts.high, {"yes", "是"});
}

std::vector<int> clusters(const Table& table, const FitOptions& options, const std::vector<std::size_t>& rows) {
  std::vector<int> out(rows.size());
  if (!options.cluster) {
    std::iota(out.begin(), out.end(), 0);
    return out;
  }
  const auto column = table.index(*options.cluster);
  std::unordered_map<std::string, int> number;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out[i] = number.emplace(table.cell(rows[i], column), static_cast<int>(number.size())).first->second;
  return out;
}

std::string matching_key(const Table& table, std::size_t row, const std::vector<std::string>& match) {
  std::string key;
  for (const auto& name : match) key.append(table.cell(row, table.index(name))) += '\x1f';
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

void check_table(const Table& table, const FitOptions& options) {
  if (!options.cluster) require_unique_patients(table);
  for (const auto& name : options.predictors)
    if (code_column(table, table.index(name)).kind != ColumnKind::category) (void)numeric_column(table, name);
  (void)outcome_column(table, options.outcome);
  if (options.weights) (void)weight_column(table, *options.weights);
}

FitData build_fit_data(Table table, const FitOptions& options) {
  FitData data;
  data.outcome = options.outcome;
  std::vector<Source> sources;
  for (const auto& name : options.predictors)
    for (auto& source : sources_of(table, name)) sources.push_back(std::move(source));
  const auto outcome = outcome_column(table, options.outcome);
  choose_rows(find_missing(table, options, outcome, sources), outcome, options.missing, data);
  if (data.rows.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: no row has the outcome and every predictor", table.name));
  fill_design(table, sources, options, data);
  note_codes(table, options.outcome, data);
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
                    fmt::format("{}: too few controls for {} per case (row {})", table.name, per_case, table.line(r)));
      const auto at = static_cast<std::size_t>((random() >> 11) * 0x1.0p-53 * double(pool.size()));
      chosen.insert(pool[at]);
      pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  Table sample(table.name, table.columns);
  for (const auto r : chosen) sample.add_row_of(table, r);
  return sample;
}

}  // namespace cemscope::statistics
