#include "analysis/risk.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

#include <boost/math/distributions/normal.hpp>

#include "analysis/splines.h"

namespace cemscope::analysis {
namespace {

constexpr std::size_t kMaxCoveredInputs = 16;  // 2^16 corners still take milliseconds; a patient with more unknown is not scorable

std::string text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

void check_prevalence(double value, const std::string& name) {
  if (!(value > 0.0 && value < 1.0)) throw std::invalid_argument(name + " must lie between 0 and 1, found " + text(value));
}

void check_value(const RiskModelInput& input, double value) {
  if (!std::isfinite(value)) throw std::invalid_argument(input.name + " is not a finite number");
  if (input.coding == InputCoding::binary && value != 0.0 && value != 1.0)
    throw std::invalid_argument(input.name + " must be 0 or 1, found " + text(value) +
                                (value == 2.0 ? " (coded 1/2? the model wants 0/1)" : ""));
}

void check_names(const RiskModel& model, const RiskInputs& inputs) {
  std::set<std::string> known;
  for (const auto& input : model.inputs) known.insert(input.name);
  for (const auto& [name, value] : inputs)
    if (!known.contains(name)) throw std::invalid_argument("model " + model.name + " has no input named " + name);
}

std::optional<double> find(const RiskInputs& inputs, const std::string& name) {
  const auto it = inputs.find(name);
  return it == inputs.end() ? std::nullopt : it->second;
}

// The terms of an input at a value on the model's scale (direction applied).
std::vector<double> terms_at(const RiskModelInput& input, double x, double is_unknown = 0.0) {
  std::vector<double> terms{x};
  if (!input.knots.empty()) {
    const Eigen::MatrixXd basis = spline_basis(Eigen::VectorXd::Constant(1, x), input.knots);
    for (Eigen::Index k = 1; k < basis.cols(); ++k) terms.push_back(basis(0, k));
  }
  if (input.unknown) terms.push_back(is_unknown);
  return terms;
}

// Coefficients, standard errors and centres of all terms, one after the other.
struct Terms {
  std::vector<double> coefficients, standard_errors, centres;
  void add(double coefficient, double standard_error, double centre) {
    coefficients.push_back(coefficient);
    standard_errors.push_back(standard_error);
    centres.push_back(centre);
  }
  void add(const RiskModelTerm& term) { add(term.coefficient, term.standard_error, term.centre); }
};

void add_terms(const RiskModelInput& input, Terms& terms) {
  terms.add(input.coefficient, input.standard_error, input.centre);
  for (const auto& part : input.spline) terms.add(part);
  if (input.unknown) terms.add(*input.unknown);
}

Terms terms_of(const RiskModel& model) {
  Terms terms;
  for (const auto& input : model.inputs) add_terms(input, terms);
  return terms;
}

double effect_of(const RiskModelInput& input, const std::vector<double>& at) {
  Terms terms;
  add_terms(input, terms);
  double sum = 0.0;
  for (std::size_t k = 0; k < at.size(); ++k) sum += terms.coefficients[k] * (at[k] - terms.centres[k]);
  return sum;
}

// An input made ready for the arithmetic: its terms, and those of the two values to cover.
struct Prepared {
  std::vector<double> used;
  std::vector<std::vector<double>> corners;
};

// Where a spline is lowest and highest between the ends of its range.
std::vector<std::vector<double>> extremes_of(const RiskModelInput& input, double low, double high) {
  constexpr int kSteps = 200;
  std::vector<double> lowest = terms_at(input, low), highest = lowest;
  for (int k = 1; k <= kSteps; ++k) {
    const auto at = terms_at(input, low + (high - low) * k / kSteps);
    if (effect_of(input, at) < effect_of(input, lowest)) lowest = at;
    if (effect_of(input, at) > effect_of(input, highest)) highest = at;
  }
  return {lowest, highest};
}

std::vector<std::vector<double>> corners_of(const RiskModelInput& input) {
  if (input.coding == InputCoding::binary) return {terms_at(input, 0.0), terms_at(input, input.direction)};
  if (!input.range_low || !input.range_high) throw std::invalid_argument(input.name + " is unknown and the model gives no range to cover");
  const double low = input.direction * *input.range_low, high = input.direction * *input.range_high;
  if (!input.knots.empty()) return extremes_of(input, low, high);
  return {terms_at(input, low), terms_at(input, high)};
}

void warn_if_outside(const RiskModelInput& input, double value, RiskEstimate& estimate) {
  const bool below = input.range_low && value < *input.range_low;
  const bool above = input.range_high && value > *input.range_high;
  if (!below && !above) return;
  estimate.in_range = false;
  std::string sentence = input.name + " " + text(value) + " " + input.unit + " is outside the model's range " +
                         (input.range_low ? text(*input.range_low) : "-inf") + " to " +
                         (input.range_high ? text(*input.range_high) : "inf");
  const bool sign_lost = input.range_high && *input.range_high < 0.0 && value > 0.0;
  estimate.warnings.push_back(sentence + (sign_lost ? " (was its minus sign lost?)" : ""));
}

Prepared prepare_known(const RiskModelInput& input, double value, RiskEstimate& estimate) {
  check_value(input, value);
  warn_if_outside(input, value, estimate);
  return {terms_at(input, input.direction * value), {}};
}

Prepared prepare_unknown(const RiskModelInput& input, Stage stage, RiskEstimate& estimate) {
  if (input.timing == InputTiming::followup && stage != Stage::followup) {
    estimate.warnings.push_back(input.name + " cannot be seen yet and counts as not present; see the risk if it arises");
    return {terms_at(input, 0.0), {}};
  }
  estimate.missing.push_back(input.name);
  if (input.fill) {
    estimate.warnings.push_back(input.name + " unknown: counted as the model's fit counted unknown values");
    return {terms_at(input, input.direction * *input.fill, 1.0), {}};
  }
  if (input.if_unknown == IfUnknown::take_centre) {
    estimate.warnings.push_back(input.name + " unknown: the development mean " + text(input.direction * input.centre) + " " + input.unit +
                                " was taken");
    return {terms_at(input, input.centre), {}};
  }
  estimate.warnings.push_back(input.name + " unknown: the interval covers both of its values");
  return {terms_at(input, input.centre), corners_of(input)};
}

std::vector<Prepared> prepare(const RiskModel& model, const RiskInputs& inputs, Stage stage, RiskEstimate& estimate) {
  std::vector<Prepared> prepared;
  for (const auto& input : model.inputs) {
    const auto value = find(inputs, input.name);
    prepared.push_back(value ? prepare_known(input, *value, estimate) : prepare_unknown(input, stage, estimate));
    const auto& used = prepared.back().used;
    estimate.contributions.push_back({input.name, value, used[0] * input.direction, effect_of(input, used)});
  }
  return prepared;
}

double linear_predictor(const RiskModel& model, const Terms& terms, const std::vector<double>& x) {
  double lp = model.intercept;
  for (std::size_t j = 0; j < x.size(); ++j) lp += terms.coefficients[j] * x[j];
  return lp;
}

double se_from_covariance(const RiskModel& model, const Terms& terms, const std::vector<double>& x) {
  Eigen::VectorXd row(x.size() + 1);
  row(0) = 1.0;
  for (std::size_t j = 0; j < x.size(); ++j) row(j + 1) = x[j] - terms.centres[j];
  return std::sqrt(std::max(0.0, row.dot(*model.covariance_centred * row)));
}

double se_independent(const RiskModel& model, const Terms& terms, const std::vector<double>& x) {
  double variance = model.intercept_se_centred * model.intercept_se_centred;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double part = (x[j] - terms.centres[j]) * terms.standard_errors[j];
    variance += part * part;
  }
  return std::sqrt(variance);
}

double se_of(const RiskModel& model, const Terms& terms, const std::vector<double>& x) {
  return model.covariance_centred ? se_from_covariance(model, terms, x) : se_independent(model, terms, x);
}

// The largest standard error any correlation between the coefficients allows.
double se_bound(const RiskModel& model, const Terms& terms, const std::vector<double>& x) {
  double sum = model.intercept_se_centred;
  for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - terms.centres[j]) * terms.standard_errors[j];
  return sum;
}

void append(std::vector<double>& row, const std::vector<double>& terms) { row.insert(row.end(), terms.begin(), terms.end()); }

// All ways of putting the unknown inputs at their two values; one row when nothing has to be covered.
std::vector<std::vector<double>> corners(const std::vector<Prepared>& prepared) {
  std::vector<std::vector<double>> rows(1);
  std::size_t covered = 0;
  for (const auto& input : prepared) {
    if (input.corners.empty()) {
      for (auto& row : rows) append(row, input.used);
      continue;
    }
    if (++covered > kMaxCoveredInputs) throw std::invalid_argument("too many unknown inputs to score");
    std::vector<std::vector<double>> doubled;
    for (const auto& row : rows)
      for (const auto& corner : input.corners) {
        doubled.push_back(row);
        append(doubled.back(), corner);
      }
    rows = std::move(doubled);
  }
  return rows;
}

void set_intervals(const RiskModel& model, const Terms& terms, const std::vector<Prepared>& prepared, double z, RiskEstimate& estimate) {
  double low = INFINITY, high = -INFINITY, low_bound = INFINITY, high_bound = -INFINITY;
  for (const auto& x : corners(prepared)) {
    const double lp = linear_predictor(model, terms, x) - estimate.prior_shift, se = se_of(model, terms, x),
                 bound = se_bound(model, terms, x);
    low = std::min(low, lp - z * se);
    high = std::max(high, lp + z * se);
    low_bound = std::min(low_bound, lp - z * bound);
    high_bound = std::max(high_bound, lp + z * bound);
  }
  estimate.low = inverse_logit(low);
  estimate.high = inverse_logit(high);
  estimate.low_bound = inverse_logit(low_bound);
  estimate.high_bound = inverse_logit(high_bound);
}

void set_risk_if_present(const RiskModel& model, const Terms& terms, const std::vector<Prepared>& prepared, RiskEstimate& estimate) {
  bool any = false;
  std::vector<double> x;
  for (std::size_t j = 0; j < prepared.size(); ++j) {
    const bool is_followup = model.inputs[j].timing == InputTiming::followup;
    append(x, is_followup ? terms_at(model.inputs[j], model.inputs[j].direction) : prepared[j].used);
    any |= is_followup;
  }
  if (any) estimate.risk_if_adjacent_fracture = inverse_logit(linear_predictor(model, terms, x) - estimate.prior_shift);
}

}  // namespace

double inverse_logit(double x) {
  if (x >= 0.0) return 1.0 / (1.0 + std::exp(-x));
  const double e = std::exp(x);
  return e / (1.0 + e);
}

double prior_shift(double sample_event_fraction, double prevalence) {
  check_prevalence(sample_event_fraction, "share of events in the sample");
  check_prevalence(prevalence, "prevalence");
  return std::log((1.0 - prevalence) / prevalence) + std::log(sample_event_fraction / (1.0 - sample_event_fraction));
}

std::size_t n_terms(const RiskModelInput& input) { return 1 + input.spline.size() + (input.unknown ? 1 : 0); }

RiskEstimate estimate_risk(const RiskModel& model, const RiskInputs& inputs, const RiskOptions& options) {
  check_names(model, inputs);
  RiskEstimate estimate;
  estimate.prevalence = options.prevalence.value_or(model.prevalence);
  estimate.prior_shift = prior_shift(model.sample_event_fraction, estimate.prevalence);
  const auto prepared = prepare(model, inputs, options.stage, estimate);
  std::vector<double> x;
  for (const auto& input : prepared) append(x, input.used);
  const auto terms = terms_of(model);
  estimate.lp_sample = linear_predictor(model, terms, x);
  estimate.risk_sample = inverse_logit(estimate.lp_sample);
  estimate.lp = estimate.lp_sample - estimate.prior_shift;
  estimate.risk = inverse_logit(estimate.lp);
  estimate.se_lp = se_of(model, terms, x);
  estimate.se_lp_bound = se_bound(model, terms, x);
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + options.confidence_level / 2.0);
  set_intervals(model, terms, prepared, z, estimate);
  set_risk_if_present(model, terms, prepared, estimate);
  if (!std::isfinite(estimate.lp) || !std::isfinite(estimate.low) || !std::isfinite(estimate.high))
    throw std::invalid_argument("model " + model.name + " gives no finite risk for these values");
  return estimate;
}

}  // namespace cemscope::analysis
