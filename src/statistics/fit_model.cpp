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

// How a column's numbers become the model's: value = shift + scale * input.
struct Coding {
  double shift = 0, scale = 1;
};

const RiskModelInput* published_input(const analysis::RiskModel& published, const std::string& name) {
  for (const auto& input : published.inputs)
    if (input.name == name) return &input;
  return nullptr;
}

bool is_binary(const Eigen::VectorXd& values) {
  const double low = values.minCoeff(), high = values.maxCoeff();
  return ((values.array() == low) || (values.array() == high)).all();
}

// The term as an input without its coefficient.
RiskModelInput describe(const Term& term, const Eigen::VectorXd& values, const analysis::RiskModel& published) {
  RiskModelInput input;
  const std::string known = contract_name(term.column);
  if (const auto* like = published_input(published, known)) input = *like;
  input.name = known.empty() ? term.name : known;
  input.coding = is_binary(values) ? InputCoding::binary : InputCoding::continuous;
  input.source = fmt::format("column {} of the cohort table", term.name);
  if (known.empty()) input.label_en = input.label_zh = term.name;
  if (input.coding == InputCoding::binary) input.unit = "1";
  input.range_low = input.coding == InputCoding::binary ? 0 : values.minCoeff();
  input.range_high = input.coding == InputCoding::binary ? 1 : values.maxCoeff();
  return input;
}

Coding coding_of(const RiskModelInput& input, const Eigen::VectorXd& values) {
  if (input.coding == InputCoding::continuous) return {};
  return {values.minCoeff(), values.maxCoeff() - values.minCoeff()};
}

void check_terms(const FitAnalysis& a) {
  if (!a.has_estimate()) throw Error(ErrorKind::usage, refusal_sentence(a));
  for (const auto& term : a.data.terms) {
    const bool is_spline = std::count_if(a.data.terms.begin(), a.data.terms.end(),
                                         [&](const Term& t) { return t.column == term.column && t.kind == TermKind::spline_part; }) > 0;
    if (is_spline || term.name.ends_with("_missing"))
      throw Error(ErrorKind::usage,
                  fmt::format("{} cannot be put into a model file: fit without splines and missing-value indicators for -o", term.name));
  }
}

void add_performance(const FitAnalysis& a, analysis::RiskModel& model) {
  if (a.ml.performance) model.performance["auc_apparent"] = fmt::format("{:.3f}", a.ml.performance->roc.auc);
  if (!a.bootstrap || a.bootstrap->used == 0) return;
  model.performance["auc_optimism_corrected"] = fmt::format("{:.3f}", a.bootstrap->corrected_auc);
  model.performance["calibration_slope"] = fmt::format("{:.3f}", a.bootstrap->corrected_slope);
  model.performance["brier_optimism_corrected"] = fmt::format("{:.4f}", a.bootstrap->corrected_brier);
}

std::string estimator(const FitAnalysis& a) {
  if (a.pooled) return fmt::format("maximum likelihood pooled over {} imputed copies", a.pooled->copies);
  return a.uses_firth ? "Firth's penalised likelihood, intercept refitted (FLIC)" : "maximum likelihood";
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
  model.warnings = a.warnings;
  model.warnings.push_back("not validated outside its own data, research use");
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
  model.intercept = a.uses_firth && !a.pooled ? a.firth->fit.flic_intercept : a.coefficients()(0);
  const Eigen::Index p = a.data.x.cols();
  // rows: intercept at the centre, then the model's coefficients; columns: those of the fit
  Eigen::MatrixXd map = Eigen::MatrixXd::Identity(p + 1, p + 1);
  for (Eigen::Index j = 0; j < p; ++j) {
    const Eigen::VectorXd values = a.data.x.col(j);
    auto input = describe(a.data.terms[std::size_t(j)], values, published);
    const auto coding = coding_of(input, values);
    const double b = a.coefficients()(j + 1);
    model.intercept += b * coding.shift;
    map(0, j + 1) = values.mean();
    map(j + 1, j + 1) = coding.scale * input.direction;
    input.coefficient = b * map(j + 1, j + 1);
    input.centre = input.direction * (values.mean() - coding.shift) / coding.scale;
    model.inputs.push_back(std::move(input));
  }
  model.covariance_centred = map * a.covariance() * map.transpose();
  model.intercept_se_centred = std::sqrt((*model.covariance_centred)(0, 0));
  for (Eigen::Index j = 0; j < p; ++j) model.inputs[std::size_t(j)].standard_error = std::sqrt((*model.covariance_centred)(j + 1, j + 1));
  return model;
}

}  // namespace cemscope::statistics
