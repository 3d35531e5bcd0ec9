#include "src/statistics/fit_analysis.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "analysis/distributions.h"
#include "analysis/risk.h"
#include "analysis/selection.h"
#include "analysis/splines.h"
#include "imaging/error.h"
#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

using analysis::FitStatus;
using analysis::LogisticData;

// Above this many numbers in the design the profile limits, Firth's fit and the bootstrap are left out: they would take minutes.
constexpr Eigen::Index kLargeDesign = 2'000'000;
// Predictor columns whose ROC curve is drawn point by point.
constexpr double kFewEventsPerVariable = 10.0;  // Peduzzi 1996

LogisticData view(const FitData& data) { return {data.x, data.y, data.weights_or_null()}; }

bool is_large(const FitData& data) { return data.x.size() > kLargeDesign; }

Eigen::VectorXd probabilities(const Eigen::VectorXd& lp) {
  return lp.unaryExpr([](double v) { return analysis::inverse_logit(v); });
}

void add_term_tests(const FitData& data, MaximumLikelihood& ml) {
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    ml.lr_term.push_back(analysis::likelihood_ratio_of_term(view(data), ml.fit, j));
    ml.lr_term_p.push_back(analysis::chi_squared_upper_p(ml.lr_term.back(), 1));
  }
  for (Eigen::Index j = 0; j <= data.x.cols(); ++j) ml.profile.push_back(analysis::profile_interval(view(data), ml.fit, j));
}

void add_hosmer_lemeshow(const Eigen::VectorXd& p, const FitData& data, MaximumLikelihood& ml) {
  if (p.size() < 20) return;                                                         // fewer cases cannot fill groups of two
  ml.hl_q7 = analysis::hosmer_lemeshow(analysis::group_by_quantiles(p, data.y), 8);  // R keeps g - 2 = 8 whatever ties do
  const auto blocks = analysis::group_by_sas(p, data.y);
  ml.hl_sas = analysis::hosmer_lemeshow(blocks, double(blocks.size()) - 2);
}

MaximumLikelihood fit_ml(const FitData& data) {
  MaximumLikelihood ml;
  ml.fit = analysis::fit_logistic(view(data));
  if (ml.fit.status != FitStatus::converged) {
    ml.limit = analysis::limit_under_separation(view(data), ml.fit);
    return ml;
  }
  const Eigen::VectorXd lp = analysis::linear_predictors(view(data), ml.fit.coefficients), p = probabilities(lp);
  ml.quality = analysis::quality_of(ml.fit, p, view(data));
  ml.classification = analysis::classify(p, view(data), 0.5);
  ml.vif_linear = analysis::vif_linear(data.x);
  ml.vif_glm_vcov = analysis::vif_from_covariance(ml.fit.covariance);
  ml.condition_index_max = analysis::largest_condition_index(data.x);
  for (Eigen::Index i = 0; i < std::min<Eigen::Index>(5, data.x.rows()); ++i)
    ml.first_rows.push_back(analysis::diagnose_case(view(data), ml.fit, i));
  if (!is_large(data)) add_term_tests(data, ml);
  if (data.weights) return ml;
  ml.performance = performance_of(lp, data.y);
  add_hosmer_lemeshow(p, data, ml);
  return ml;
}

std::optional<Firth> fit_penalised(const FitData& data) {
  Firth firth;
  firth.fit = analysis::fit_firth(view(data));
  if (firth.fit.status != FitStatus::converged) return std::nullopt;
  for (Eigen::Index j = 0; j <= data.x.cols(); ++j) {
    firth.plr_chi2.push_back(analysis::firth_likelihood_ratio(view(data), firth.fit, j));
    firth.plr_p.push_back(analysis::chi_squared_upper_p(firth.plr_chi2.back(), 1));
    firth.limits.push_back(analysis::firth_profile_interval(view(data), firth.fit, j));
  }
  return firth;
}

bool is_separated(FitStatus status) { return status == FitStatus::complete_separation || status == FitStatus::quasi_complete_separation; }

void choose_estimate(FitAnalysis& a) {
  if (!a.firth) return;
  if (a.options.penalty == Penalty::firth) a.uses_firth_because = "asked for";
  if (a.options.penalty == Penalty::automatic && is_separated(a.ml.fit.status))
    a.uses_firth_because = "separation: maximum likelihood has no finite estimate";
  if (a.options.penalty == Penalty::automatic && a.uses_firth_because.empty() && a.events_per_variable() < kFewEventsPerVariable)
    a.uses_firth_because = fmt::format("{:.1f} events per variable, fewer than 10", a.events_per_variable());
  a.uses_firth = !a.uses_firth_because.empty();
}

std::optional<PriorCorrection> correct_prior(const FitAnalysis& a, double tau) {
  if (a.ml.fit.status != FitStatus::converged || a.data.weights) return std::nullopt;
  PriorCorrection prior;
  prior.tau = tau;
  prior.ybar = a.ml.fit.events / a.ml.fit.n;
  prior.offset = analysis::prior_shift(prior.ybar, tau);
  prior.intercept_corrected = a.ml.fit.coefficients(0) - prior.offset;
  prior.weight_case = tau / prior.ybar;
  prior.weight_control = (1 - tau) / (1 - prior.ybar);
  const Eigen::VectorXd weights = a.data.y.unaryExpr([&](double y) { return y > 0.5 ? prior.weight_case : prior.weight_control; });
  const LogisticData weighted{a.data.x, a.data.y, &weights};
  const auto fit = analysis::fit_logistic(weighted);
  if (fit.status == FitStatus::converged) {
    prior.weighted_coefficients = fit.coefficients;
    prior.robust_se = analysis::robust_standard_errors(weighted, fit);
  }
  const Eigen::VectorXd lp = analysis::linear_predictors(view(a.data), a.ml.fit.coefficients).array() - prior.offset;
  prior.decision_at_tau = analysis::decision_curve(probabilities(lp), a.data.y, printed_thresholds(), tau);
  return prior;
}

// The prevalence to correct to: the user's, or the founding cohort's for a 1:1 sample with the contract's inputs.
std::optional<double> prevalence_for(const FitAnalysis& a, const Table& table) {
  if (a.options.prevalence) return a.options.prevalence;
  const bool one_to_one = a.data.y.sum() * 2 == double(a.data.y.size());
  if (one_to_one && contract_columns(table).size() == 6) return 61.0 / 850.0;
  return std::nullopt;
}

void add_predictor_roc(const Table& table, const std::string& name, const std::vector<double>& outcome, const std::vector<double>& weights,
                       FitAnalysis& a) {
  const auto coded = code_column(table, table.index(name));
  if (coded.kind != ColumnKind::continuous) return;
  std::vector<double> x, y, w;
  for (std::size_t r = 0; r < outcome.size(); ++r) {
    if (std::isnan(outcome[r]) || std::isnan(coded.values[r])) continue;
    x.push_back(coded.values[r]);
    y.push_back(outcome[r]);
    w.push_back(weights.empty() ? 1.0 : weights[r]);
  }
  const auto map = [](const std::vector<double>& v) {
    return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(v.data(), Eigen::Index(v.size())));
  };
  const Eigen::VectorXd xs = map(x), ys = map(y), ws = map(w);
  if (!(ys.sum() > 0) || !(ys.sum() < double(ys.size()))) return;
  auto roc = analysis::analyse_roc(xs, ys, analysis::RocDirection::larger, &ws);
  if (roc.auc < 0.5) roc = analysis::analyse_roc(xs, ys, analysis::RocDirection::smaller, &ws);
  a.rocs.push_back({name, std::move(roc)});
}

void compare_with_predictors(FitAnalysis& a) {
  if (a.ml.fit.status != FitStatus::converged || a.data.weights) return;
  const Eigen::VectorXd of_model = analysis::placements(analysis::linear_predictors(view(a.data), a.ml.fit.coefficients), a.data.y);
  for (const auto& roc : a.rocs)
    for (std::size_t j = 0; j < a.data.terms.size(); ++j) {
      if (a.data.terms[j].name != roc.name) continue;
      const double sign = roc.roc.direction == analysis::RocDirection::larger ? 1 : -1;
      a.against.push_back({roc.name, analysis::compare_placements(
                                         of_model, analysis::placements(sign * a.data.x.col(Eigen::Index(j)), a.data.y), a.data.y)});
    }
}

analysis::SelectionRule rule_of(Selection selection) {
  switch (selection) {
    case Selection::forward_lr: return analysis::SelectionRule::forward_lr;
    case Selection::forward_wald: return analysis::SelectionRule::forward_wald;
    case Selection::backward_wald: return analysis::SelectionRule::backward_wald;
    default: return analysis::SelectionRule::backward_lr;
  }
}

void keep_selected(FitAnalysis& a) {
  if (a.options.selection == Selection::none) return;
  const auto result = analysis::select_columns(view(a.data), rule_of(a.options.selection));
  for (const auto& step : result.steps)
    a.selection_steps.push_back(fmt::format("{} {} (chi-square {:.3f}, P {:.4f})", step.entered ? "entered" : "removed",
                                            a.data.terms[std::size_t(step.column)].name, step.statistic, step.p));
  if (result.kept.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: the selection keeps no predictor", a.table_name));
  std::vector<Term> terms;
  for (const auto j : result.kept) terms.push_back(a.data.terms[std::size_t(j)]);
  a.data.terms = terms;
  a.data.x = Eigen::MatrixXd(a.data.x(Eigen::all, result.kept));
  a.warnings.push_back("P values and intervals after stepwise selection are too small; the bootstrap repeats the selection");
}

// One resample's model: the selection, when there was one, is part of it.
analysis::Pipeline pipeline_of(const FitData& before, Selection selection) {
  return [&before, selection](const analysis::Resample& resample) -> std::optional<Eigen::VectorXd> {
    if (selection == Selection::none) return analysis::refit_or_refuse(before.x, before.y, resample);
    const auto kept = analysis::select_columns({before.x, before.y, &resample}, rule_of(selection)).kept;
    if (kept.empty()) return std::nullopt;
    const Eigen::MatrixXd part = before.x(Eigen::all, kept);
    const auto coefficients = analysis::refit_or_refuse(part, before.y, resample);
    if (!coefficients) return std::nullopt;
    Eigen::VectorXd full = Eigen::VectorXd::Zero(before.x.cols() + 1);
    full(0) = (*coefficients)(0);
    for (std::size_t k = 0; k < kept.size(); ++k) full(kept[k] + 1) = (*coefficients)(Eigen::Index(k) + 1);
    return full;
  };
}

void run_bootstrap(const FitData& before, FitAnalysis& a) {
  if (a.ml.fit.status != FitStatus::converged || a.data.weights || is_large(before)) return;
  if (a.options.bootstraps <= 0 && !a.options.bootstrap_index) return;
  const auto resamples = a.options.bootstrap_index ? read_resamples(*a.options.bootstrap_index, before.rows.size())
                                                   : analysis::draw_resamples(before.cluster, a.options.bootstraps, a.options.seed);
  a.bootstrap_source = a.options.bootstrap_index ? a.options.bootstrap_index->filename().string() : fmt::format("seed {}", a.options.seed);
  Eigen::VectorXd apparent = Eigen::VectorXd::Zero(before.x.cols() + 1);
  apparent(0) = a.ml.fit.coefficients(0);
  const auto names = before.names();
  for (std::size_t j = 0; j < a.data.terms.size(); ++j) {
    const auto at = std::find(names.begin(), names.end(), a.data.terms[j].name) - names.begin();
    apparent(at + 1) = a.ml.fit.coefficients(Eigen::Index(j) + 1);
  }
  a.bootstrap = analysis::bootstrap_optimism(before.x, before.y, apparent, resamples, pipeline_of(before, a.options.selection));
}

// The refit against the published model on the same patients.
void compare_with_published(FitAnalysis& a) {
  if (!a.external || a.ml.fit.status != FitStatus::converged || a.external->n != a.data.rows.size()) return;
  auto& e = *a.external;
  const Eigen::VectorXd lp = analysis::linear_predictors(view(a.data), a.ml.fit.coefficients);
  e.recalibration = analysis::test_recalibration(e.lp, e.outcome, a.ml.fit.loglik, a.data.x.cols() + 1);
  e.reclassification = analysis::reclassify(probabilities(e.lp), probabilities(lp), e.outcome);
  e.refit_against_published = analysis::compare_paired_roc(lp, e.lp, e.outcome);
  if (e.outcome.sum() < 100)
    a.warnings.push_back(
        fmt::format("external validation of {} with {} events: 100 or more are needed for a firm answer", e.model, e.outcome.sum()));
}

Eigen::Index column_named(const FitData& data, const std::string& name) {
  const auto names = data.names();
  return static_cast<Eigen::Index>(std::find(names.begin(), names.end(), name) - names.begin());
}

// An imputed copy of `raw` as the analysis' own design: the columns that are left, splines bent at the same knots.
Eigen::MatrixXd design_like(const FitData& like, const FitData& raw, const Eigen::MatrixXd& copy) {
  Eigen::MatrixXd x(copy.rows(), static_cast<Eigen::Index>(like.terms.size()));
  for (std::size_t j = 0; j < like.terms.size(); ++j) {
    const auto& term = like.terms[j];
    const Eigen::VectorXd values = copy.col(column_named(raw, term.base));
    const auto part = static_cast<Eigen::Index>(term.name.size() - term.base.size());  // one mark for each
    const bool is_part = term.kind == TermKind::spline_part;
    x.col(static_cast<Eigen::Index>(j)) =
        is_part ? Eigen::VectorXd(analysis::spline_basis(values, like.bases.at(term.base).knots).col(part)) : values;
  }
  return x;
}

std::optional<analysis::PooledFit> fit_imputed(const Table& table, FitOptions options, FitAnalysis& a) {
  if (options.missing != MissingPolicy::multiple_imputation) return std::nullopt;
  options.splines.clear();
  const auto data = build_fit_data(table, options);
  if (!data.has_missing_predictors) return std::nullopt;
  const auto copies = analysis::impute(data.x, data.y, {options.imputations, 10, options.seed});
  std::vector<Eigen::VectorXd> estimates;
  std::vector<Eigen::MatrixXd> covariances;
  for (const auto& copy : copies) {
    const auto x = design_like(a.data, data, copy);
    const auto fit = analysis::fit_logistic({x, data.y, data.weights_or_null()});
    if (fit.status != FitStatus::converged) continue;
    estimates.push_back(fit.coefficients);
    covariances.push_back(fit.covariance);
  }
  if (estimates.size() < 2) {
    a.warnings.push_back("fewer than two imputed copies could be fitted: the figures are those of complete cases");
    return std::nullopt;
  }
  a.warnings.push_back(
      fmt::format("coefficients pooled over {} imputed copies of {} patients; discrimination and calibration are those of complete cases",
                  estimates.size(), data.rows.size()));
  if (options.selection != Selection::none) a.warnings.push_back("predictors were selected on complete cases");
  return analysis::pool_by_rubin(estimates, covariances, double(data.rows.size()));
}

std::string status_of(const FitAnalysis& a) {
  if (a.ml.fit.status != FitStatus::converged) return analysis::to_string(a.ml.fit.status);
  if (!a.data.constant.empty()) return "constant_predictor";
  if (!a.data.dependent.empty()) return "rank_deficient";
  return a.events_per_variable() < kFewEventsPerVariable || a.data.x.rows() < 20 ? "ok_but_flag_small_sample" : "ok";
}

void add_warnings(FitAnalysis& a) {
  for (const auto& name : a.data.constant) a.warnings.push_back(name + " is constant and was left out");
  for (const auto& name : a.data.dependent) a.warnings.push_back(name + " is a combination of earlier predictors and was left out");
  for (const auto& note : a.data.notes) a.warnings.push_back(note);
  if (is_separated(a.ml.fit.status)) {
    std::string terms;
    for (const auto& term : a.ml.fit.infinite_terms)
      if (term.term > 0)
        terms += fmt::format("{}{} ({}infinite)", terms.empty() ? "" : ", ", a.data.terms[std::size_t(term.term - 1)].name,
                             term.sign > 0 ? "+" : "-");
    a.warnings.push_back(fmt::format("{}: maximum likelihood has no finite estimate for {}", analysis::to_string(a.ml.fit.status), terms));
    for (const auto& name : separating_columns(a.data)) a.warnings.push_back(name + " alone separates the outcome");
  }
  if (a.events_per_variable() < kFewEventsPerVariable)
    a.warnings.push_back(fmt::format("only {:.1f} events per variable: estimates are unstable", a.events_per_variable()));
}

// A predictor whose multivariable sign contradicts its univariate direction asks for a look at its coding.
void question_signs(FitAnalysis& a) {
  if (!a.has_estimate()) return;
  for (const auto& univariate : a.univariate.logistic)
    for (std::size_t j = 0; j < a.data.terms.size(); ++j) {
      const double b = a.coefficients()(Eigen::Index(j) + 1);
      const bool clear = std::abs(univariate.fit.b) > univariate.fit.b_se;  // a direction, not noise
      if (a.data.terms[j].name == univariate.name && !a.data.terms[j].is_spline && clear && b * univariate.fit.b < 0)
        a.warnings.push_back(fmt::format("{}: its sign ({:+.3f}) contradicts the univariate direction ({:+.3f}): check its coding",
                                         univariate.name, b, univariate.fit.b));
    }
}

}  // namespace

const Eigen::VectorXd& FitAnalysis::coefficients() const {
  return pooled ? pooled->coefficients : uses_firth ? firth->fit.coefficients : ml.fit.coefficients;
}

const Eigen::MatrixXd& FitAnalysis::covariance() const {
  return pooled ? pooled->covariance : uses_firth ? firth->fit.covariance : ml.fit.covariance;
}

double FitAnalysis::events_per_variable() const {
  const double events = data.weights ? data.weights->dot(data.y) : data.y.sum(),
               n = data.weights ? data.weights->sum() : double(data.y.size());
  return data.terms.empty() ? 0 : std::min(events, n - events) / double(data.terms.size());
}

std::vector<std::string> separating_columns(const FitData& data) {
  std::vector<std::string> names;
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    double low1 = INFINITY, high1 = -INFINITY, low0 = INFINITY, high0 = -INFINITY;
    for (Eigen::Index i = 0; i < data.y.size(); ++i) {
      double &low = data.y(i) > 0.5 ? low1 : low0, &high = data.y(i) > 0.5 ? high1 : high0;
      low = std::min(low, data.x(i, j));
      high = std::max(high, data.x(i, j));
    }
    if (high0 < low1 || high1 < low0) names.push_back(data.terms[std::size_t(j)].name);
  }
  return names;
}

const std::vector<double>& printed_thresholds() {
  static const std::vector<double> thresholds = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5};
  return thresholds;
}

Performance performance_of(const Eigen::VectorXd& lp, const Eigen::VectorXd& y) {
  Performance performance;
  const Eigen::VectorXd p = probabilities(lp);
  performance.roc = analysis::analyse_roc(p, y, analysis::RocDirection::larger);
  performance.calibration = analysis::calibrate(lp, y);
  if (lp.size() >= 50) performance.curve = analysis::calibration_curve(lp, y);  // fewer patients bear no smooth curve
  performance.decision = analysis::decision_curve(p, y, printed_thresholds());
  std::vector<double> fine;
  for (int percent = 1; percent < 100; ++percent) fine.push_back(percent / 100.0);
  performance.decision_fine = analysis::decision_curve(p, y, fine);
  return performance;
}

std::vector<analysis::Resample> read_resamples(const std::filesystem::path& path, std::size_t n_rows) {
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::unreadable, fmt::format("{}: cannot be opened", path.filename().string()));
  std::vector<analysis::Resample> resamples;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    analysis::Resample resample = analysis::Resample::Zero(Eigen::Index(n_rows));
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) {
      const auto row = parse_number(cell.substr(0, cell.find('\r')));
      if (!row || *row < 1 || *row > double(n_rows))
        throw Error(ErrorKind::inconsistent, fmt::format("{}: line {}: \"{}\" is no row from 1 to {}", path.filename().string(),
                                                         resamples.size() + 1, cell, n_rows));
      resample(Eigen::Index(*row) - 1) += 1;
    }
    resamples.push_back(resample);
  }
  return resamples;
}

std::string refusal_sentence(const FitAnalysis& a) {
  if (a.has_estimate()) return {};
  switch (a.ml.fit.status) {
    case FitStatus::single_class:
      return fmt::format("{}: every patient has the same {}: nothing can be fitted", a.table_name, a.data.outcome);
    case FitStatus::more_parameters_than_observations:
      return fmt::format("{}: {} predictors and an intercept for {} patients: refused", a.table_name, a.data.terms.size(),
                         a.data.rows.size());
    case FitStatus::complete_separation:
    case FitStatus::quasi_complete_separation:
      return fmt::format("{}: the predictors separate the outcome, so plain maximum likelihood has no finite estimate; use --penalty firth",
                         a.table_name);
    default: return fmt::format("{}: the fit did not converge", a.table_name);
  }
}

FitAnalysis analyse_cohort(const Table& whole, const FitOptions& given) {
  FitAnalysis a;
  a.options = complete_options(whole, given);
  a.table_name = whole.name;
  std::optional<Table> sample;
  if (a.options.controls_per_case > 0)
    sample = sample_controls(whole, a.options.outcome, a.options.controls_per_case, a.options.match, a.options.seed);
  const Table& table = sample ? *sample : whole;
  auto complete = a.options;
  if (complete.missing == MissingPolicy::multiple_imputation) complete.missing = MissingPolicy::complete_case;
  a.data = build_fit_data(table, complete);
  const auto outcome = outcome_column(table, a.options.outcome);
  const auto weights = a.options.weights ? weight_column(table, *a.options.weights) : std::vector<double>{};
  std::vector<std::string> leave_out = {a.options.outcome};
  for (const auto& name : {a.options.weights, a.options.cluster, identifier_column(table)})
    if (name) leave_out.push_back(*name);
  a.univariate = analyse_columns(table, outcome, weights, leave_out);
  std::optional<FitData> before_selection;
  if (a.options.selection != Selection::none) before_selection = a.data;
  keep_selected(a);
  a.ml = fit_ml(a.data);
  const bool refused = a.ml.fit.status == FitStatus::single_class || a.ml.fit.status == FitStatus::more_parameters_than_observations;
  if (!refused && !is_large(a.data)) a.firth = fit_penalised(a.data);
  choose_estimate(a);
  a.status = status_of(a);
  if (refused) return a;
  a.pooled = fit_imputed(table, a.options, a);
  for (const auto& name : a.options.predictors) add_predictor_roc(table, name, outcome, weights, a);
  compare_with_predictors(a);
  const auto tau = prevalence_for(a, table);
  if (tau) a.prior = correct_prior(a, *tau);
  a.external = validate_published(table, a.data, tau.value_or(a.data.y.mean()));
  compare_with_published(a);
  run_bootstrap(before_selection ? *before_selection : a.data, a);
  add_warnings(a);
  question_signs(a);
  return a;
}

}  // namespace cemscope::statistics
