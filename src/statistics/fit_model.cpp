#include "src/statistics/fit_model.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/model_file.h"

namespace cemscope::statistics {
namespace {

using analysis::InputCoding;
using analysis::RiskModelInput;

const RiskModelInput* published_input(const analysis::RiskModel& published, const std::string& name) {
  for (const auto& input : published.inputs)
    if (input.name == name) return &input;
  return nullptr;
}

/// Columns of the fit that belong to one input of the model.
struct InputColumns {
  std::string base;
  std::optional<Eigen::Index> value, unknown;  ///< empty: taken out of the fit
  std::vector<Eigen::Index> spline;            ///< one per part, in order; -1: taken out
};

// The inputs in the order of their first columns.
std::vector<InputColumns> input_columns(const FitData& data) {
  std::vector<InputColumns> inputs;
  for (std::size_t j = 0; j < data.terms.size(); ++j) {
    const auto& term = data.terms[j];
    auto at = std::find_if(inputs.begin(), inputs.end(), [&](const InputColumns& input) { return input.base == term.base; });
    if (at == inputs.end()) at = inputs.insert(inputs.end(), {.base = term.base, .value = {}, .unknown = {}, .spline = {}});
    const auto column = static_cast<Eigen::Index>(j);
    if (term.kind == TermKind::missing) {
      at->unknown = column;
    } else if (term.kind == TermKind::spline_part) {
      const auto part = static_cast<std::size_t>(std::count(term.name.begin() + std::ptrdiff_t(term.base.size()), term.name.end(), '\''));
      at->spline.resize(std::max(at->spline.size(), part), -1);
      at->spline[part - 1] = column;
    } else {
      at->value = column;
    }
  }
  return inputs;
}

// The input without its coefficients.
RiskModelInput describe(const std::string& base, const BaseFacts& facts, const analysis::RiskModel& published) {
  RiskModelInput input;
  const std::string known = contract_name(facts.column);
  if (const auto* like = published_input(published, known)) input = *like;
  input.name = known.empty() ? base : known;
  input.coding = facts.is_binary ? InputCoding::binary : InputCoding::continuous;
  input.source = fmt::format("column {} of the cohort table", facts.column);
  if (known.empty()) input.label_en = input.label_zh = base;
  if (facts.is_binary) input.unit = "1";
  input.range_low = facts.is_binary ? 0 : facts.low;
  input.range_high = facts.is_binary ? 1 : facts.high;
  input.knots = facts.knots;
  if (!facts.knots.empty()) input.direction = 1;  // the knots are those of the values as they stand
  input.table = {.column = facts.column, .level = facts.level, .levels = facts.levels};
  if (facts.is_binary && facts.level.empty()) input.table.low_code = facts.low, input.table.high_code = facts.high;
  return input;
}

void check_terms(const FitAnalysis& a) {
  if (!a.has_estimate()) throw Error(ErrorKind::usage, refusal_sentence(a));
}

void add_performance(const FitAnalysis& a, analysis::RiskModel& model) {
  if (a.performance()) model.performance["auc_apparent"] = fmt::format("{:.3f}", a.performance()->roc.auc);
  const auto& optimism = a.optimism();
  if (!optimism || optimism->used == 0) return;
  model.performance["auc_optimism_corrected"] = fmt::format("{:.3f}", optimism->corrected_auc);
  if (optimism->corrected_slope) model.performance["calibration_slope"] = fmt::format("{:.3f}", *optimism->corrected_slope);
  model.performance["brier_optimism_corrected"] = fmt::format("{:.4f}", optimism->corrected_brier);
}

std::string estimator(const FitAnalysis& a) {
  const std::string estimate = a.uses_firth ? "Firth's penalised likelihood, intercept refitted (FLIC)" : "maximum likelihood";
  return a.imputed ? fmt::format("{}, pooled over {} imputed copies", estimate, a.imputed->pooled.copies) : estimate;
}

void add_text(const FitAnalysis& a, const std::string& fingerprint, analysis::RiskModel& model) {
  const double events = a.data.y.sum(), n = double(a.data.y.size());
  model.name = "fit-" + a.data.outcome;
  model.version = "1.0.0";
  model.title = fmt::format("Logistic model of {} fitted on {}", a.data.outcome, a.table_name);
  model.outcome = a.data.outcome;
  model.intercept_origin = estimator(a);
  model.interval_note = "covariance of the fit; choice of model and optimism not included";
  model.training_data = fmt::format("{} patients, {} events, {}", n, events, fingerprint);
  model.warnings = a.warnings();
  model.warnings.push_back("not validated outside its own data, research use");
}

/// Takes coefficients and covariance of the fit to the terms of the model: the intercept at the centre, then the terms in their order.
class TermMap {
 public:
  explicit TermMap(const FitAnalysis& a) : a_(a), intercept_(Eigen::RowVectorXd::Zero(a.data.x.cols() + 1)) { intercept_(0) = 1; }

  /// The next term: column `column` of the fit is shift + scale * term. A column taken out of the fit gives a term of nothing.
  analysis::RiskModelTerm add(std::optional<Eigen::Index> column, double shift, double scale) {
    Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(intercept_.size());
    analysis::RiskModelTerm term;
    if (column) {
      const double mean = a_.data.x.col(*column).mean();
      intercept_(*column + 1) = mean;
      row(*column + 1) = scale;
      term.coefficient = a_.coefficients()(*column + 1) * scale;
      term.centre = (mean - shift) / scale;
    }
    rows_.push_back(row);
    return term;
  }

  [[nodiscard]] Eigen::MatrixXd covariance() const {
    Eigen::MatrixXd map(static_cast<Eigen::Index>(rows_.size()) + 1, intercept_.size());
    map.row(0) = intercept_;
    for (std::size_t k = 0; k < rows_.size(); ++k) map.row(static_cast<Eigen::Index>(k) + 1) = rows_[k];
    return map * a_.covariance() * map.transpose();
  }

 private:
  const FitAnalysis& a_;
  Eigen::RowVectorXd intercept_;
  std::vector<Eigen::RowVectorXd> rows_;
};

void set_standard_errors(analysis::RiskModel& model) {
  const Eigen::VectorXd errors = model.covariance_centred->diagonal().cwiseMax(0).cwiseSqrt();
  model.intercept_se_centred = errors(0);
  Eigen::Index at = 1;
  for (auto& input : model.inputs) {
    input.standard_error = errors(at++);
    for (auto& part : input.spline) part.standard_error = errors(at++);
    if (input.unknown) input.unknown->standard_error = errors(at++);
  }
}

}  // namespace

analysis::RiskModel model_of(const FitAnalysis& a, const std::string& fingerprint) {
  check_terms(a);
  const auto published = load_model("liu-2021");
  analysis::RiskModel model;
  add_text(a, fingerprint, model);
  add_performance(a, model);
  model.sample_event_fraction = a.data.weights ? a.data.weights->dot(a.data.y) / a.data.weights->sum() : a.data.y.mean();
  model.prevalence = a.prior ? a.prior->tau : a.options.prevalence.value_or(model.sample_event_fraction);
  model.prevalence_source = a.prior ? "stated population prevalence" : "share of events in the sample";
  model.intercept = a.intercept_for_prediction();
  const auto inputs = input_columns(a.data);
  TermMap map(a);
  for (const auto& columns : inputs) {
    const auto& facts = a.data.bases.at(columns.base);
    auto input = describe(columns.base, facts, published);
    // value of the fit = shift + scale * value of the model
    const double shift = facts.is_binary ? facts.low : 0, scale = (facts.is_binary ? facts.high - facts.low : 1) * input.direction;
    const auto linear = map.add(columns.value, shift, scale);
    if (columns.value) model.intercept += a.coefficients()(*columns.value + 1) * shift;
    input.coefficient = linear.coefficient;
    input.centre = linear.centre;
    if (facts.fill) input.fill = (*facts.fill - shift) / (scale * input.direction);
    for (std::size_t part = 0; !facts.knots.empty() && part + 2 < facts.knots.size(); ++part) {
      const auto column = part < columns.spline.size() ? columns.spline[part] : -1;
      input.spline.push_back(map.add(column < 0 ? std::nullopt : std::optional(column), 0, 1));
    }
    if (columns.unknown) input.unknown = map.add(columns.unknown, 0, 1);
    model.inputs.push_back(std::move(input));
  }
  model.covariance_centred = map.covariance();
  set_standard_errors(model);
  return model;
}

}  // namespace cemscope::statistics
