#include "analysis/selection.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/distributions.h"
#include "analysis/logistic_engine.h"

namespace cemscope::analysis {
namespace {

using Columns = std::vector<Eigen::Index>;

bool is_forward(SelectionRule rule) { return rule == SelectionRule::forward_lr || rule == SelectionRule::forward_wald; }
bool uses_lr(SelectionRule rule) { return rule == SelectionRule::forward_lr || rule == SelectionRule::backward_lr; }

// The test of `column` within the model of `columns`; empty when that model has no finite estimate.
std::optional<SelectionStep> test_of(const LogisticData& data, const Columns& columns, Eigen::Index column, SelectionRule rule) {
  const Eigen::MatrixXd x = data.x(Eigen::all, columns);
  const LogisticData part{x, data.y, data.weights, data.offset};
  const auto fit = fit_logistic(part);
  if (fit.status != FitStatus::converged) return std::nullopt;
  const auto at = std::find(columns.begin(), columns.end(), column) - columns.begin();
  const double z = fit.coefficients(at + 1) / fit.standard_errors(at + 1);
  const double statistic = uses_lr(rule) ? likelihood_ratio_of_term(part, fit, at) : z * z;
  return SelectionStep{column, true, statistic, chi_squared_upper_p(statistic, 1)};
}

// Rao's score test of adding `column` to the model of `columns`, as SPSS judges entry.
std::optional<SelectionStep> score_of(const LogisticData& data, const Columns& columns, Eigen::Index column) {
  const Eigen::MatrixXd small = data.x(Eigen::all, columns);
  const auto fit = fit_logistic({small, data.y, data.weights, data.offset});
  if (fit.status != FitStatus::converged) return std::nullopt;
  Columns larger = columns;
  larger.push_back(column);
  const Eigen::MatrixXd x = data.x(Eigen::all, larger);
  const LogisticData part{x, data.y, data.weights, data.offset};
  Eigen::VectorXd coefficients = Eigen::VectorXd::Zero(x.cols() + 1);
  coefficients.head(fit.coefficients.size()) = fit.coefficients;
  const auto scaling = engine::scaling_of(part);
  const auto at = engine::evaluate(part, scaling, engine::to_standardised(scaling, coefficients));
  const Eigen::MatrixXd inverse = engine::inverse_or_empty(at.information);
  if (inverse.size() == 0) return std::nullopt;
  const double statistic = at.gradient.dot(inverse * at.gradient);
  return SelectionStep{column, true, statistic, chi_squared_upper_p(statistic, 1)};
}

Columns with(Columns columns, Eigen::Index column) {
  columns.push_back(column);
  std::sort(columns.begin(), columns.end());
  return columns;
}

bool enter_best(const LogisticData& data, double limit, SelectionResult& result) {
  std::optional<SelectionStep> best;
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    if (std::count(result.kept.begin(), result.kept.end(), j)) continue;
    const auto step = score_of(data, result.kept, j);
    if (step && (!best || step->statistic > best->statistic)) best = step;
  }
  if (!best || best->p >= limit) return false;
  result.kept = with(result.kept, best->column);
  result.steps.push_back(*best);
  return true;
}

bool remove_worst(const LogisticData& data, SelectionRule rule, double limit, SelectionResult& result) {
  std::optional<SelectionStep> worst;
  for (const auto j : result.kept) {
    const auto step = test_of(data, result.kept, j, rule);
    if (step && (!worst || step->statistic < worst->statistic)) worst = step;
  }
  if (!worst || worst->p <= limit) return false;
  std::erase(result.kept, worst->column);
  worst->entered = false;
  result.steps.push_back(*worst);
  return true;
}

}  // namespace

SelectionResult select_columns(const LogisticData& data, SelectionRule rule, double enter, double leave) {
  SelectionResult result;
  if (!is_forward(rule)) {
    for (Eigen::Index j = 0; j < data.x.cols(); ++j) result.kept.push_back(j);
    while (remove_worst(data, rule, leave, result)) {
    }
    return result;
  }
  for (Eigen::Index guard = 0; guard < 2 * data.x.cols() && enter_best(data, enter, result); ++guard)
    while (remove_worst(data, rule, leave, result)) {
    }
  return result;
}

}  // namespace cemscope::analysis
