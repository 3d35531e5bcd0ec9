#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

namespace cemscope::analysis {

/// What the values of an input may be: 0/1 only, or any finite number.
enum class InputCoding { binary, continuous };

/// When an input can first be known. `followup`: an event that arises after treatment; before it can be seen it is "not (yet)" = 0.
enum class InputTiming { baseline, procedure, followup };

/// What happens when an input is unknown: the interval covers both of its values (both ends of its range), or, where the model's
/// authors of the file judged it nearly neutral, the development mean is taken and said so.
enum class IfUnknown { cover_both_values, take_centre };

/// The patient's stage; decides only whether a `followup` input that is unknown means "not yet" (preop, postop) or "unknown" (followup).
enum class Stage { preop, postop, followup };

/// A part of an input's contribution besides its own value.
struct RiskModelTerm {
  double coefficient = 0.0, standard_error = 0.0;
  double centre = 0.0;  ///< mean of the part in the development sample
};

/// How the table of the development sample wrote an input, for tables of the same make.
struct TableCoding {
  std::string column = {};
  std::string level = {};                  ///< of a text column: the input is 1 where the cell says so
  std::vector<std::string> levels = {};    ///< all that the column may say
  double low_code = 0.0, high_code = 1.0;  ///< of a binary input: what stood for 0 and 1
};

/// One input of a logistic risk model. The linear predictor gets coefficient * direction * value (direction -1: the model was fitted on
/// the decrease, as with a T-score). `centre` is the mean of direction * value in the development sample.
struct RiskModelInput {
  std::string name = {};
  std::string unit = {};  ///< UCUM-like: "1", "SD", "mL", "a"; empty when the source gave none
  InputCoding coding = InputCoding::continuous;
  InputTiming timing = InputTiming::baseline;
  IfUnknown if_unknown = IfUnknown::cover_both_values;
  double direction = 1.0;
  double coefficient = 0.0;     ///< per unit of direction * value
  double standard_error = 0.0;  ///< of the coefficient
  double centre = 0.0;
  std::optional<double> range_low = {}, range_high = {};  ///< natural units; values outside are scored with a warning
  std::string label_en = {}, label_zh = {};
  std::string source = {};                    ///< how and on which scale the development study measured it
  std::vector<double> knots = {};             ///< of a restricted cubic spline of direction * value (splines.h); empty: linear
  std::vector<RiskModelTerm> spline = {};     ///< its parts after the linear one, knots - 2 of them
  std::optional<double> fill = {};            ///< natural units: what an unknown value counts as, when the model was fitted so ...
  std::optional<RiskModelTerm> unknown = {};  ///< ... and the term that is added then
  TableCoding table = {};
};

/// A logistic model as a model file describes it. `intercept` belongs to the development sample with the share `sample_event_fraction` of
/// events; `prevalence` is that of the population the risk is meant for, and shifts the intercept by the prior odds (King & Zeng 2001).
/// `covariance`, when known, is that of (intercept at the centre, coefficients) with inputs centred, in the order of `inputs`, the spline
/// parts and the term of an unknown value of an input following its own coefficient.
struct RiskModel {
  std::string name, version, title, citation, outcome;
  std::vector<RiskModelInput> inputs;
  double intercept = 0.0;
  double intercept_se_centred = 0.0;  ///< standard error of the linear predictor at the centre
  std::string intercept_origin;
  double sample_event_fraction = 0.5;
  double prevalence = 0.5;
  std::string prevalence_source;
  std::optional<Eigen::MatrixXd> covariance_centred;
  std::string interval_note;  ///< how the interval is to be named, e.g. "approximate: covariance not published"
  std::vector<std::string> inclusion, exclusion, warnings;
  std::map<std::string, std::string> performance;
  std::string training_data;  ///< size, events and fingerprint of the development data
  std::string hash;           ///< of the file's canonical content
};

/// A patient's values by input name; an absent name and an empty optional both mean unknown.
using RiskInputs = std::map<std::string, std::optional<double>>;

struct RiskOptions {
  std::optional<double> prevalence = {};  ///< local prevalence, 0-1 exclusive; empty: the model's own
  Stage stage = Stage::postop;
  double confidence_level = 0.95;
};

/// What one input did: coefficient * (direction * value - centre) and the like of its further terms, so that 0 is the average patient of
/// the development sample.
struct RiskContribution {
  std::string name;
  std::optional<double> value;  ///< as given; empty when unknown
  double used_value = 0.0;      ///< natural units; what the point estimate was computed with
  double contribution = 0.0;
};

/// A patient's risk. `risk`, `low`, `high` and `lp` are at the prevalence used; `lp_sample` and `risk_sample` are those of the development
/// sample and must not be shown as a patient's risk. The interval is the default one of STATISTICS.md 2.4, widened over the unknown
/// inputs; `low_bound`, `high_bound` hold whatever the unpublished correlations are.
struct RiskEstimate {
  double risk = 0.0, low = 0.0, high = 0.0, lp = 0.0;
  double lp_sample = 0.0, risk_sample = 0.0;
  double se_lp = 0.0, se_lp_bound = 0.0, low_bound = 0.0, high_bound = 0.0;
  double prevalence = 0.0, prior_shift = 0.0;       ///< lp = lp_sample - prior_shift
  std::optional<double> risk_if_adjacent_fracture;  ///< with every `followup` input present; empty when the model has none
  std::vector<RiskContribution> contributions;      ///< in the model's order
  std::vector<std::string> missing;                 ///< names of unknown inputs, "not yet" excepted
  std::vector<std::string> warnings;                ///< sentences, no patient identifiers
  bool in_range = true;                             ///< every known value inside the model's range
};

/// Number of terms an input adds to the linear predictor: itself, its spline parts, the term of an unknown value.
std::size_t n_terms(const RiskModelInput& input);

/// Risk of one patient by `model`.
/// Unknown inputs: one with a `fill` counts as that, as in the fit; a `followup` input before follow-up counts as 0 ("not yet");
/// `take_centre` inputs count as the development mean; any other is taken at the development mean for the point estimate (neither raises
/// nor lowers it) while low and high cover both its values (0 and 1, or both ends of its range). All of them are listed in `missing` and
/// named in `warnings`; nothing is silently 0. Interval: SE^2 = se_centred^2 + sum (x - centre)^2 SE^2 without a covariance (independence
/// after centring), else from the covariance; bound: se_centred + sum |x - centre| SE. Throws std::invalid_argument for a value that is not
/// finite, a binary input that is neither 0 nor 1, an input the model does not have, a prevalence outside (0, 1), or more than 16 inputs to
/// be covered.
RiskEstimate estimate_risk(const RiskModel& model, const RiskInputs& inputs, const RiskOptions& options = {});

/// ln of the prior-odds ratio between a sample with the share `sample_event_fraction` of events and a population with `prevalence`:
/// what is subtracted from the sample's intercept. Both in (0, 1), else std::invalid_argument. For a 1:1 sample it is ln((1-p)/p).
double prior_shift(double sample_event_fraction, double prevalence);

/// 1 / (1 + exp(-x)) without overflow.
double inverse_logit(double x);

}  // namespace cemscope::analysis
