// The shipped model on a cohort's own patients: the first thing a hospital should look at.
#include <algorithm>
#include <cmath>

#include "analysis/risk.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/model_file.h"

namespace cemscope::statistics {
namespace {

// 0/1 from any two codes: the contract's inputs are 0/1, papers also code 1/2.
std::vector<double> as_zero_one(const CodedColumn& column) {
  std::vector<double> out;
  for (const double v : column.values) out.push_back(std::isnan(v) ? v : v == column.high_code ? 1.0 : 0.0);
  return out;
}

std::optional<std::vector<std::vector<double>>> model_values(const Table& table, const analysis::RiskModel& model) {
  std::vector<std::vector<double>> values;
  for (const auto& input : model.inputs) {
    for (const auto& name : table.columns) {
      if (name != input.name && contract_name(name) != input.name && name != input.table.column) continue;
      const auto coded = code_column(table, table.index(name));
      if (coded.kind != ColumnKind::binary && coded.kind != ColumnKind::continuous) return std::nullopt;
      values.push_back(input.coding == analysis::InputCoding::binary ? as_zero_one(coded) : coded.values);
      break;
    }
  }
  if (values.size() != model.inputs.size()) return std::nullopt;
  return values;
}

}  // namespace

std::optional<std::vector<double>> published_predictors(const Table& table, const std::string& published) {
  const auto model = load_model(published);
  const auto has_further_terms = [](const analysis::RiskModelInput& input) { return analysis::n_terms(input) > 1; };
  if (std::any_of(model.inputs.begin(), model.inputs.end(), has_further_terms)) return std::nullopt;
  const auto values = model_values(table, model);
  if (!values) return std::nullopt;
  std::vector<double> lp(table.n_rows(), model.intercept);
  for (std::size_t j = 0; j < model.inputs.size(); ++j)
    for (std::size_t row = 0; row < lp.size(); ++row)
      lp[row] += model.inputs[j].coefficient * model.inputs[j].direction * (*values)[j][row];
  return lp;
}

std::optional<ExternalValidation> validate_published(const std::vector<double>& predictors, const FitData& data, double tau,
                                                     const std::string& published) {
  if (data.weights) return std::nullopt;
  const auto model = load_model(published);
  std::vector<double> lp, y;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (std::isnan(predictors[data.rows[i]])) continue;
    lp.push_back(predictors[data.rows[i]]);
    y.push_back(data.y(Eigen::Index(i)));
  }
  const Eigen::VectorXd lp_sample = Eigen::Map<const Eigen::VectorXd>(lp.data(), Eigen::Index(lp.size()));
  const Eigen::VectorXd outcome = Eigen::Map<const Eigen::VectorXd>(y.data(), Eigen::Index(y.size()));
  if (outcome.size() == 0 || !(outcome.sum() > 0) || !(outcome.sum() < double(outcome.size()))) return std::nullopt;
  ExternalValidation external;
  external.model = model.name;
  external.n = lp.size();
  external.tau = tau;
  external.offset = analysis::prior_shift(model.sample_event_fraction, tau);
  external.mean_p_sample = lp_sample.unaryExpr([](double v) { return analysis::inverse_logit(v); }).mean();
  external.performance = performance_of(lp_sample.array() - external.offset, outcome);
  external.lp = lp_sample.array() - external.offset;
  external.outcome = outcome;
  external.performance.roc =
      analysis::analyse_roc(lp_sample, outcome, analysis::RocDirection::larger);  // thresholds as the reference has them
  return external;
}

}  // namespace cemscope::statistics
