#include "src/statistics/univariate.h"

#include <algorithm>
#include <cmath>

#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

struct Inputs {
  const std::vector<double>& outcome;
  const std::vector<double>& weights;

  [[nodiscard]] bool known(std::size_t row, double value) const { return !std::isnan(value) && !std::isnan(outcome[row]); }
  [[nodiscard]] double weight(std::size_t row) const { return weights.empty() ? 1.0 : weights[row]; }
};

void add_binary(const std::string& name, const std::vector<double>& values, double exposed, const Inputs& in, Univariate& out) {
  analysis::TwoByTwo t;
  for (std::size_t r = 0; r < values.size(); ++r) {
    if (!in.known(r, values[r])) continue;
    const bool x = values[r] == exposed, y = in.outcome[r] > 0.5;
    (x ? (y ? t.x1_y1 : t.x1_y0) : (y ? t.x0_y1 : t.x0_y0)) += in.weight(r);
  }
  try {
    out.binary.push_back({name, analysis::analyse_two_by_two(t)});
  } catch (const std::invalid_argument&) {
    out.skipped.push_back(name + ": one value only among patients with a known outcome");
  }
}

void add_continuous(const CodedColumn& column, const Inputs& in, Univariate& out) {
  std::vector<double> events, others;
  for (std::size_t r = 0; r < column.values.size(); ++r) {
    if (!in.known(r, column.values[r])) continue;
    // frequencies stand for that many equal cases
    auto& group = in.outcome[r] > 0.5 ? events : others;
    group.insert(group.end(), static_cast<std::size_t>(std::max(1.0, std::round(in.weight(r)))), column.values[r]);
  }
  out.continuous.push_back({column.name, analysis::compare_groups(events, others)});
}

void add_logistic(const CodedColumn& column, const Inputs& in, Univariate& out) {
  const auto rows = known_rows(column.values, in.outcome, in.weights);
  const Eigen::MatrixXd design = rows.x;
  if (analysis::fit_logistic({design, rows.y, rows.weights_or_null()}).status != analysis::FitStatus::converged) {
    out.skipped.push_back(column.name + ": no finite univariate odds ratio (separation)");
    return;
  }
  if (const auto fit = analysis::fit_line_as_r(rows.x, rows.y, rows.weights_or_null())) out.logistic.push_back({column.name, *fit});
}

void add_category(const CodedColumn& column, const Inputs& in, Univariate& out) {
  UnivariateCategory category{column.name, column.levels, {}, {}, {}};
  Eigen::MatrixXd counts = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(column.levels.size()), 2);
  for (std::size_t r = 0; r < column.values.size(); ++r)
    if (in.known(r, column.values[r])) counts(static_cast<Eigen::Index>(column.values[r]), in.outcome[r] > 0.5 ? 0 : 1) += in.weight(r);
  category.in_events.assign(counts.col(0).begin(), counts.col(0).end());
  category.in_others.assign(counts.col(1).begin(), counts.col(1).end());
  category.pearson = analysis::pearson_chi_squared(counts);
  out.categories.push_back(category);
  for (std::size_t level = 1; level < column.levels.size(); ++level)
    add_binary(column.name + "_" + column.levels[level], column.values, static_cast<double>(level), in, out);
}

void add_column(const CodedColumn& column, const Inputs& in, Univariate& out) {
  switch (column.kind) {
    case ColumnKind::other: out.skipped.push_back(column.name + ": constant, identifiers or free text"); return;
    case ColumnKind::category: add_category(column, in, out); return;
    case ColumnKind::continuous: add_continuous(column, in, out); break;
    case ColumnKind::binary:
      add_binary(column.name, column.values, column.high_code, in, out);
      // a distribution coded 1/2 is "poor" in its higher code
      if (contract_name(column.name) == "distribution_unsatisfactory" && column.high_code == 2)
        add_binary(column.name + "_poor", column.values, column.high_code, in, out);
      break;
  }
  add_logistic(column, in, out);
}

}  // namespace

KnownRows known_rows(const std::vector<double>& values, const std::vector<double>& outcome, const std::vector<double>& weights) {
  const auto is_known = [&](std::size_t row) { return !std::isnan(values[row]) && !std::isnan(outcome[row]); };
  Eigen::Index n = 0;
  for (std::size_t row = 0; row < values.size(); ++row) n += is_known(row);
  KnownRows rows{Eigen::VectorXd(n), Eigen::VectorXd(n), std::nullopt};
  if (!weights.empty()) rows.weights.emplace(n);
  Eigen::Index to = 0;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!is_known(row)) continue;
    rows.x(to) = values[row];
    rows.y(to) = outcome[row];
    if (rows.weights) (*rows.weights)(to) = weights[row];
    ++to;
  }
  return rows;
}

Univariate analyse_columns(const Table& table, const std::vector<double>& outcome, const std::vector<double>& weights,
                           const std::vector<std::string>& leave_out) {
  Univariate out;
  const Inputs in{outcome, weights};
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (std::find(leave_out.begin(), leave_out.end(), table.columns[c]) == leave_out.end()) add_column(code_column(table, c), in, out);
  return out;
}

}  // namespace cemscope::statistics
