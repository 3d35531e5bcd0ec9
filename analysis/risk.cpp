#include "analysis/risk.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

#include <boost/math/distributions/normal.hpp>

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

// An input made ready for the arithmetic: `used` is on the model's scale (direction applied), `corners` are the two values to cover.
struct Prepared {
  double used = 0.0;
  std::vector<double> corners;
};

std::vector<double> corners_of(const RiskModelInput& input) {
  if (input.coding == InputCoding::binary) return {0.0, input.direction};
  if (!input.range_low || !input.range_high) throw std::invalid_argument(input.name + " is unknown and the model gives no range to cover");
  return {input.direction * *input.range_low, input.direction * *input.range_high};
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
  return {input.direction * value, {}};
}

Prepared prepare_unknown(const RiskModelInput& input, Stage stage, RiskEstimate& estimate) {
  if (input.timing == InputTiming::followup && stage != Stage::followup) {
    estimate.warnings.push_back(input.name + " cannot be seen yet and counts as not present; see the risk if it arises");
    return {0.0, {}};
  }
  estimate.missing.push_back(input.name);
  if (input.if_unknown == IfUnknown::take_centre) {
    estimate.warnings.push_back(input.name + " unknown: the development mean " + text(input.direction * input.centre) + " " + input.unit +
                                " was taken");
    return {input.centre, {}};
  }
  estimate.warnings.push_back(input.name + " unknown: the interval covers both of its values");
  return {input.centre, corners_of(input)};
}

std::vector<Prepared> prepare(const RiskModel& model, const RiskInputs& inputs, Stage stage, RiskEstimate& estimate) {
  std::vector<Prepared> prepared;
  for (const auto& input : model.inputs) {
    const auto value = find(inputs, input.name);
    prepared.push_back(value ? prepare_known(input, *value, estimate) : prepare_unknown(input, stage, estimate));
    const double used = prepared.back().used;
    estimate.contributions.push_back({input.name, value, used * input.direction, input.coefficient * (used - input.centre)});
  }
  return prepared;
}

double linear_predictor(const RiskModel& model, const std::vector<double>& x) {
  double lp = model.intercept;
  for (std::size_t j = 0; j < x.size(); ++j) lp += model.inputs[j].coefficient * x[j];
  return lp;
}

double se_from_covariance(const RiskModel& model, const std::vector<double>& x) {
  Eigen::VectorXd row(x.size() + 1);
  row(0) = 1.0;
  for (std::size_t j = 0; j < x.size(); ++j) row(j + 1) = x[j] - model.inputs[j].centre;
  return std::sqrt(std::max(0.0, row.dot(*model.covariance_centred * row)));
}

double se_independent(const RiskModel& model, const std::vector<double>& x) {
  double variance = model.intercept_se_centred * model.intercept_se_centred;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double part = (x[j] - model.inputs[j].centre) * model.inputs[j].standard_error;
    variance += part * part;
  }
  return std::sqrt(variance);
}

double se_of(const RiskModel& model, const std::vector<double>& x) {
  return model.covariance_centred ? se_from_covariance(model, x) : se_independent(model, x);
}

// The largest standard error any correlation between the coefficients allows.
double se_bound(const RiskModel& model, const std::vector<double>& x) {
  double sum = model.intercept_se_centred;
  for (std::size_t j = 0; j < x.size(); ++j) sum += std::abs(x[j] - model.inputs[j].centre) * model.inputs[j].standard_error;
  return sum;
}

// All ways of putting the unknown inputs at their two values; one row when nothing has to be covered.
std::vector<std::vector<double>> corners(const std::vector<Prepared>& prepared) {
  std::vector<std::vector<double>> rows(1);
  std::size_t covered = 0;
  for (const auto& input : prepared) {
    if (input.corners.empty()) {
      for (auto& row : rows) row.push_back(input.used);
      continue;
    }
    if (++covered > kMaxCoveredInputs) throw std::invalid_argument("too many unknown inputs to score");
    std::vector<std::vector<double>> doubled;
    for (const auto& row : rows)
      for (const double corner : input.corners) {
        doubled.push_back(row);
        doubled.back().push_back(corner);
      }
    rows = std::move(doubled);
  }
  return rows;
}

void set_intervals(const RiskModel& model, const std::vector<Prepared>& prepared, double z, RiskEstimate& estimate) {
  double low = INFINITY, high = -INFINITY, low_bound = INFINITY, high_bound = -INFINITY;
  for (const auto& x : corners(prepared)) {
    const double lp = linear_predictor(model, x) - estimate.prior_shift, se = se_of(model, x), bound = se_bound(model, x);
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

void set_risk_if_present(const RiskModel& model, std::vector<double> x, RiskEstimate& estimate) {
  bool any = false;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (model.inputs[j].timing != InputTiming::followup) continue;
    x[j] = model.inputs[j].direction;
    any = true;
  }
  if (any) estimate.risk_if_adjacent_fracture = inverse_logit(linear_predictor(model, x) - estimate.prior_shift);
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

RiskEstimate estimate_risk(const RiskModel& model, const RiskInputs& inputs, const RiskOptions& options) {
  check_names(model, inputs);
  RiskEstimate estimate;
  estimate.prevalence = options.prevalence.value_or(model.prevalence);
  estimate.prior_shift = prior_shift(model.sample_event_fraction, estimate.prevalence);
  const auto prepared = prepare(model, inputs, options.stage, estimate);
  std::vector<double> x;
  for (const auto& input : prepared) x.push_back(input.used);
  estimate.lp_sample = linear_predictor(model, x);
  estimate.risk_sample = inverse_logit(estimate.lp_sample);
  estimate.lp = estimate.lp_sample - estimate.prior_shift;
  estimate.risk = inverse_logit(estimate.lp);
  estimate.se_lp = se_of(model, x);
  estimate.se_lp_bound = se_bound(model, x);
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + options.confidence_level / 2.0);
  set_intervals(model, prepared, z, estimate);
  set_risk_if_present(model, x, estimate);
  return estimate;
}

}  // namespace cemscope::analysis
