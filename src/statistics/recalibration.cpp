#include "src/statistics/recalibration.h"

#include <cmath>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/fit_model.h"
#include "src/statistics/model_file.h"

namespace cemscope::statistics {
namespace {

using analysis::Recalibration;

// y on the published linear predictor: what is added, and the factor of the slopes.
struct Update {
  double intercept = 0, slope = 1;
  std::string words;
};

Recalibration choice_of(const FitAnalysis& a) {
  switch (*a.options.recalibrate) {
    case Recalibrate::intercept: return Recalibration::intercept;
    case Recalibrate::slope: return Recalibration::intercept_and_slope;
    case Recalibrate::advised: break;
  }
  if (!a.external->recalibration)
    throw Error(ErrorKind::inconsistent,
                fmt::format("{}: the data cannot tell how to recalibrate; choose intercept or slope", a.table_name));
  return a.external->recalibration->advised;
}

Update update_of(const FitAnalysis& a, Recalibration choice) {
  const auto& c = a.external->performance.calibration;
  if (choice == Recalibration::keep) return {0, 1, "as published: the data ask for no change"};
  if (choice == Recalibration::intercept) return {c.citl, 1, "intercept refitted"};
  if (!c.slope_exists) throw Error(ErrorKind::inconsistent, fmt::format("{}: the outcomes bear no calibration slope", a.table_name));
  return {c.intercept, c.slope, fmt::format("intercept refitted, slopes times {:.3f}", c.slope)};
}

// The codes of the cohort's own columns, so that the model reads its table as the recalibration did.
void take_codes(const FitData& data, analysis::RiskModelInput& input) {
  for (const auto& [name, facts] : data.bases) {
    if (!facts.is_binary || !facts.level.empty() || (name != input.name && contract_name(name) != input.name)) continue;
    input.table = {.column = name, .low_code = facts.low, .high_code = facts.high};
    return;
  }
}

}  // namespace

analysis::RiskModel recalibrated_model(const FitAnalysis& a, const std::string& fingerprint) {
  if (!a.external)
    throw Error(ErrorKind::inconsistent,
                fmt::format("{}: {} cannot be recalibrated without all its inputs and both outcomes", a.table_name, a.options.published));
  const auto choice = choice_of(a);
  if (choice == Recalibration::refit) return model_of(a, fingerprint);
  const auto& e = *a.external;
  const auto update = update_of(a, choice);
  auto model = load_model(a.options.published);
  model.title += " (recalibrated)";
  model.intercept = update.intercept + update.slope * (model.intercept - e.offset);
  for (auto& input : model.inputs) {
    input.coefficient *= update.slope;
    input.standard_error *= std::abs(update.slope);
    take_codes(a.data, input);
  }
  model.intercept_se_centred = e.performance.calibration.citl_se;
  if (model.covariance_centred) {
    *model.covariance_centred *= update.slope * update.slope;
    (*model.covariance_centred)(0, 0) = std::pow(model.intercept_se_centred, 2);
  }
  model.sample_event_fraction = choice == Recalibration::keep ? e.tau : e.outcome.mean();
  model.prevalence = e.tau;
  model.prevalence_source = a.prior ? "stated population prevalence" : "share of events in the local cohort";
  model.intercept_origin = fmt::format("recalibrated on {}: {}", a.table_name, update.words);
  model.training_data =
      fmt::format("{}; recalibrated on {} patients, {} events, {}", model.training_data, e.n, e.outcome.sum(), fingerprint);
  model.name += "-recalibrated";
  model.performance["auc_local"] = fmt::format("{:.3f}", e.performance.roc.auc);
  if (e.outcome.sum() < 100) model.warnings.push_back(fmt::format("recalibrated with {} events; 100 or more are needed", e.outcome.sum()));
  return model;
}

}  // namespace cemscope::statistics
