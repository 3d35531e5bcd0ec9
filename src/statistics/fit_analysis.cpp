#include "src/statistics/fit_analysis.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analysis/distributions.h"
#include "analysis/risk.h"
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

void add_hosmer_lemeshow(const Eigen::VectorXd& p, const Eigen::VectorXd& y, MaximumLikelihood& ml) {
  if (p.size() < 20) return;                                                    // fewer cases cannot fill groups of two
  ml.hl_q7 = analysis::hosmer_lemeshow(analysis::group_by_quantiles(p, y), 8);  // R keeps g - 2 = 8 whatever ties do
  const auto blocks = analysis::group_by_sas(p, y);
  ml.hl_sas = analysis::hosmer_lemeshow(blocks, double(blocks.size()) - 2);
}

bool are_frequencies(const Eigen::VectorXd& weights) {
  return weights.sum() <= kLargeDesign && (weights.array() == weights.array().round()).all();
}

// Every case as often as its frequency says; empty with other weights.
std::optional<Eigen::VectorXd> cases_of(const Eigen::VectorXd& values, const FitData& data) {
  if (!data.weights) return values;
  if (!are_frequencies(*data.weights)) return std::nullopt;
  std::vector<double> out;
  for (Eigen::Index i = 0; i < values.size(); ++i) out.insert(out.end(), static_cast<std::size_t>((*data.weights)(i)), values(i));
  return Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(out.data(), Eigen::Index(out.size())));
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
  if (const auto cases = cases_of(lp, data)) {
    const Eigen::VectorXd outcome = *cases_of(data.y, data);
    ml.performance = performance_of(*cases, outcome);
    add_hosmer_lemeshow(probabilities(*cases), outcome, ml);
  }
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
  if (a.options.penalty == Penalty::firth) a.uses_firth_because = {"asked for", "按要求"};
  if (a.options.penalty == Penalty::automatic && is_separated(a.ml.fit.status))
    a.uses_firth_because = {"separation: maximum likelihood has no finite estimate", "分离：极大似然无有限估计"};
  if (a.options.penalty == Penalty::automatic && a.uses_firth_because.english.empty() && a.events_per_variable() < kFewEventsPerVariable)
    a.uses_firth_because = {fmt::format("{:.1f} events per variable, fewer than 10", a.events_per_variable()),
                            fmt::format("每变量事件数{:.1f}，少于10", a.events_per_variable())};
  a.uses_firth = !a.uses_firth_because.english.empty();
}

std::optional<PriorCorrection> correct_prior(const FitAnalysis& a, double tau) {
  if (!a.has_estimate() || a.data.weights) return std::nullopt;
  const bool is_plain = a.ml.fit.status == FitStatus::converged;
  Eigen::VectorXd coefficients = is_plain ? a.ml.fit.coefficients : a.coefficients();
  if (!is_plain) coefficients(0) = a.intercept_for_prediction();
  PriorCorrection prior;
  prior.tau = tau;
  prior.ybar = a.ml.fit.events / a.ml.fit.n;
  prior.offset = analysis::prior_shift(prior.ybar, tau);
  prior.intercept_corrected = coefficients(0) - prior.offset;
  prior.weight_case = tau / prior.ybar;
  prior.weight_control = (1 - tau) / (1 - prior.ybar);
  const Eigen::VectorXd weights = a.data.y.unaryExpr([&](double y) { return y > 0.5 ? prior.weight_case : prior.weight_control; });
  const LogisticData weighted{a.data.x, a.data.y, &weights};
  const auto fit = analysis::fit_logistic(weighted);
  if (fit.status == FitStatus::converged) {
    prior.weighted_coefficients = fit.coefficients;
    prior.robust_se = analysis::robust_standard_errors(weighted, fit);
  }
  const Eigen::VectorXd lp = analysis::linear_predictors(view(a.data), coefficients).array() - prior.offset;
  prior.decision_at_tau = analysis::decision_curve(probabilities(lp), a.data.y, printed_thresholds(), tau);
  Eigen::VectorXd in_use = a.coefficients();
  in_use(0) = a.intercept_for_prediction() - prior.offset;
  prior.decision_fine_at_tau =
      analysis::decision_curve(probabilities(analysis::linear_predictors(view(a.data), in_use)), a.data.y, fine_thresholds(), tau);
  return prior;
}

// The prevalence to correct to: the user's, or the founding cohort's for a 1:1 sample with the contract's inputs.
std::optional<double> prevalence_for(const FitAnalysis& a, bool has_study_inputs) {
  if (a.options.prevalence) return a.options.prevalence;
  const bool one_to_one = a.data.y.sum() * 2 == double(a.data.y.size());
  if (one_to_one && has_study_inputs) return 61.0 / 850.0;
  return std::nullopt;
}

std::optional<PredictorRoc> predictor_roc(const Table& table, const std::string& name, const std::vector<double>& outcome,
                                          const std::vector<double>& weights) {
  const auto coded = code_column(table, table.index(name));
  if (coded.kind != ColumnKind::continuous) return std::nullopt;
  const auto rows = known_rows(coded.values, outcome, weights);
  if (!(rows.y.sum() > 0) || !(rows.y.sum() < double(rows.y.size()))) return std::nullopt;
  auto roc = analysis::analyse_roc(rows.x, rows.y, analysis::RocDirection::larger, rows.weights_or_null());
  if (roc.auc < 0.5) roc = analysis::analyse_roc(rows.x, rows.y, analysis::RocDirection::smaller, rows.weights_or_null());
  return PredictorRoc{name, std::move(roc)};
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

void keep_selected(FitAnalysis& a) {
  if (a.options.selection == Selection::none) return;
  const auto kept = selected_columns(a.data, view(a.data), a.options.selection, &a.selection_steps);
  if (kept.empty()) throw Error(ErrorKind::inconsistent, fmt::format("{}: the selection keeps no predictor", a.table_name));
  std::vector<Term> terms;
  for (const auto j : kept) terms.push_back(a.data.terms[std::size_t(j)]);
  a.data.terms = terms;
  a.data.x = Eigen::MatrixXd(a.data.x(Eigen::all, kept));
  a.notes.push_back({"P values and intervals after stepwise selection are too small; the bootstrap repeats the selection",
                     "逐步筛选后的P值与区间偏小；自助法重复了筛选步骤"});
}

Procedure procedure_of(const FitAnalysis& a, const FitData& design) {
  return {.design = design,
          .terms = a.data.terms,
          .selection = a.options.selection,
          .estimator = Estimator::maximum_likelihood,
          .copies = a.options.imputations,
          .seed = a.options.seed};
}

Procedure procedure_in_use(const FitAnalysis& a, const FitData& design, const std::optional<FitData>& with_holes) {
  auto procedure = procedure_of(a, design);
  if (a.uses_firth) procedure.estimator = Estimator::firth;
  if (with_holes) procedure.with_holes = &*with_holes;
  return procedure;
}

std::vector<analysis::Resample> resamples_for(const FitOptions& options, const FitData& data) {
  return options.bootstrap_index ? read_resamples(*options.bootstrap_index, data.rows.size())
                                 : analysis::draw_resamples(data.cluster, options.bootstraps, options.seed);
}

bool wants_bootstrap(const FitAnalysis& a) { return a.options.bootstraps > 0 || a.options.bootstrap_index; }

void run_bootstrap(const FitData& design, FitAnalysis& a) {
  if (!wants_bootstrap(a) || a.data.weights || is_large(design)) return;
  a.bootstrap_source = a.options.bootstrap_index ? a.options.bootstrap_index->filename().string() : fmt::format("seed {}", a.options.seed);
  if (a.ml.fit.status == FitStatus::converged)
    a.bootstrap = bootstrap_procedure(procedure_of(a, design), {analysis::linear_predictors(view(a.data), a.ml.fit.coefficients)}, nullptr,
                                      resamples_for(a.options, design));
  if (!a.uses_firth || a.imputed) return;
  Eigen::VectorXd coefficients = a.coefficients();
  coefficients(0) = a.intercept_for_prediction();
  a.own_bootstrap =
      bootstrap_procedure(procedure_in_use(a, design, std::nullopt), {analysis::linear_predictors(view(a.data), coefficients)}, nullptr,
                          resamples_for(a.options, design));
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
    a.notes.push_back(
        {fmt::format("external validation of {} with {} events: 100 or more are needed for a firm answer", e.model, e.outcome.sum()),
         fmt::format("{}的外部验证仅有{}例事件：可靠结论需100例以上", e.model, e.outcome.sum())});
}

void impute_and_fit(const FitData& design, const std::optional<FitData>& with_holes, FitAnalysis& a) {
  if (!with_holes) return;
  const auto procedure = procedure_in_use(a, design, with_holes);
  a.imputed = fit_imputed(procedure);
  if (!a.imputed) {
    a.notes.push_back({"fewer than two imputed copies could be fitted: the figures are those of complete cases",
                       "可拟合的插补数据集不足两份：结果为完整病例分析"});
    return;
  }
  const auto n_copies = a.imputed->pooled.copies;
  a.notes.push_back({fmt::format("coefficients pooled over {} imputed copies of {} patients", n_copies, with_holes->rows.size()),
                     fmt::format("系数由{1}例患者的{0}份插补数据合并", n_copies, with_holes->rows.size())});
  if (a.options.selection != Selection::none) a.notes.push_back({"predictors were selected on complete cases", "自变量在完整病例中筛选"});
  if (with_holes->weights) return;
  const auto predictors = imputed_predictors(procedure, *a.imputed);
  a.own_performance = performance_of_copies(predictors, with_holes->y);
  if (wants_bootstrap(a) && !a.options.bootstrap_index && !is_large(*with_holes))
    a.own_bootstrap = bootstrap_procedure(procedure, predictors, &*a.imputed, resamples_for(a.options, *with_holes));
}

void judge_firth(FitAnalysis& a) {
  if (!a.uses_firth || a.imputed) return;
  Eigen::VectorXd coefficients = a.coefficients();
  coefficients(0) = a.intercept_for_prediction();
  if (const auto lp = cases_of(analysis::linear_predictors(view(a.data), coefficients), a.data))
    a.own_performance = performance_of(*lp, *cases_of(a.data.y, a.data));
}

std::string status_of(const FitAnalysis& a) {
  if (a.ml.fit.status != FitStatus::converged) return analysis::to_string(a.ml.fit.status);
  if (!a.data.constant.empty()) return "constant_predictor";
  if (!a.data.dependent.empty()) return "rank_deficient";
  return a.events_per_variable() < kFewEventsPerVariable || a.data.x.rows() < 20 ? "ok_but_flag_small_sample" : "ok";
}

void add_warnings(FitAnalysis& a) {
  for (const auto& name : a.data.constant) a.notes.push_back({name + " is constant and was left out", name + "为常数，已剔除"});
  for (const auto& name : a.data.dependent)
    a.notes.push_back({name + " is a combination of earlier predictors and was left out", name + "为其他自变量的线性组合，已剔除"});
  if (a.data.n_dropped > 0)
    a.notes.push_back({fmt::format("{}{} of {} rows left out for a missing outcome or predictor", a.imputed ? "complete cases: " : "",
                                   a.data.n_dropped, a.data.n_dropped + a.data.rows.size()),
                       fmt::format("{}{}行中有{}行因结局或自变量缺失被剔除", a.imputed ? "完整病例分析：" : "",
                                   a.data.n_dropped + a.data.rows.size(), a.data.n_dropped)});
  a.notes.insert(a.notes.end(), a.data.notes.begin(), a.data.notes.end());
  if (is_large(a.data))
    a.notes.push_back({"a table of this size: profile limits, Firth's estimate and the bootstrap were left out",
                       "数据量过大：未计算剖面似然区间、Firth估计与自助法"});
  if (is_separated(a.ml.fit.status)) {
    std::string terms;
    for (const auto& term : a.ml.fit.infinite_terms)
      if (term.term > 0)
        terms += fmt::format("{}{} ({}infinite)", terms.empty() ? "" : ", ", a.data.terms[std::size_t(term.term - 1)].name,
                             term.sign > 0 ? "+" : "-");
    a.notes.push_back(
        {fmt::format("{}: maximum likelihood has no finite estimate for {}", analysis::to_string(a.ml.fit.status), terms),
         fmt::format("{}：极大似然对{}无有限估计", a.ml.fit.status == FitStatus::complete_separation ? "完全分离" : "准完全分离", terms)});
    for (const auto& name : separating_columns(a.data))
      a.notes.push_back({name + " alone separates the outcome", name + "单独即可分离结局"});
  }
  if (a.events_per_variable() < kFewEventsPerVariable)
    a.notes.push_back({fmt::format("only {:.1f} events per variable: estimates are unstable", a.events_per_variable()),
                       fmt::format("每变量事件数仅{:.1f}：估计不稳定", a.events_per_variable())});
}

// A predictor whose multivariable sign contradicts its univariate direction asks for a look at its coding.
void question_signs(FitAnalysis& a) {
  if (!a.has_estimate()) return;
  for (const auto& univariate : a.univariate.logistic)
    for (std::size_t j = 0; j < a.data.terms.size(); ++j) {
      const double b = a.coefficients()(Eigen::Index(j) + 1);
      const bool clear = std::abs(univariate.fit.b) > univariate.fit.b_se;  // a direction, not noise
      if (a.data.terms[j].name == univariate.name && !a.data.terms[j].is_spline && clear && b * univariate.fit.b < 0)
        a.notes.push_back(
            {fmt::format("{}: its sign ({:+.3f}) contradicts the univariate direction ({:+.3f}): check its coding", univariate.name, b,
                         univariate.fit.b),
             fmt::format("{}：多因素系数符号（{:+.3f}）与单因素方向（{:+.3f}）相反，请核对编码", univariate.name, b, univariate.fit.b)});
    }
}

}  // namespace

const Eigen::VectorXd& FitAnalysis::coefficients() const {
  return imputed ? imputed->pooled.coefficients : uses_firth ? firth->fit.coefficients : ml.fit.coefficients;
}

const Eigen::MatrixXd& FitAnalysis::covariance() const {
  return imputed ? imputed->pooled.covariance : uses_firth ? firth->fit.covariance : ml.fit.covariance;
}

double FitAnalysis::intercept_for_prediction() const {
  if (imputed) return imputed->intercept_for_prediction;
  return uses_firth ? firth->fit.flic_intercept : ml.fit.coefficients(0);
}

std::vector<std::string> FitAnalysis::warnings(Language language) const {
  std::vector<std::string> out;
  for (const auto& note : notes) out.push_back(note.in(language));
  return out;
}

double FitAnalysis::events_per_variable() const {
  return data.terms.empty() ? 0 : std::min(n_events, n_patients - n_events) / double(data.terms.size());
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

namespace {

/// What is taken from the table before its columns go into the design.
struct FromTable {
  Univariate univariate;
  std::vector<PredictorRoc> rocs;
  std::optional<std::vector<double>> published;
  bool has_study_inputs = false;
};

FromTable describe(const Table& table, const FitOptions& options) {
  const auto outcome = outcome_column(table, options.outcome);
  const auto weights = options.weights ? weight_column(table, *options.weights) : std::vector<double>{};
  std::vector<std::string> leave_out = {options.outcome};
  for (const auto& name : {options.weights, options.cluster, identifier_column(table)})
    if (name) leave_out.push_back(*name);
  FromTable out;
  out.univariate = analyse_columns(table, outcome, weights, leave_out);
  for (const auto& name : options.predictors)
    if (auto roc = predictor_roc(table, name, outcome, weights)) out.rocs.push_back(std::move(*roc));
  out.published = published_predictors(table, options.published);
  out.has_study_inputs = contract_columns(table).size() == 6;
  return out;
}

// The columns with their holes, when there are any to impute.
std::optional<FitData> data_with_holes(const Table& table, FitOptions options) {
  if (options.missing != MissingPolicy::multiple_imputation) return std::nullopt;
  options.splines.clear();
  auto data = build_fit_data(table, options);
  if (!data.has_missing_predictors) return std::nullopt;
  return data;
}

FitData design_of_table(Table table, FitOptions options) {
  if (options.missing == MissingPolicy::multiple_imputation) options.missing = MissingPolicy::complete_case;
  return build_fit_data(std::move(table), options);
}

void count_patients(const FitData& data, FitAnalysis& a) {
  a.n_patients = data.weights ? data.weights->sum() : double(data.y.size());
  a.n_events = data.weights ? data.weights->dot(data.y) : data.y.sum();
}

void complete_analysis(const FromTable& from, const FitData& design, const std::optional<FitData>& with_holes, FitAnalysis& a) {
  impute_and_fit(design, with_holes, a);
  judge_firth(a);
  compare_with_predictors(a);
  const auto tau = prevalence_for(a, from.has_study_inputs);
  if (tau) a.prior = correct_prior(a, *tau);
  if (from.published) a.external = validate_published(*from.published, a.data, tau.value_or(a.data.y.mean()), a.options.published);
  compare_with_published(a);
  run_bootstrap(design, a);
  add_warnings(a);
  question_signs(a);
}

}  // namespace

FitAnalysis analyse_cohort(Table table, const FitOptions& given) {
  FitAnalysis a;
  a.options = complete_options(table, given);
  a.table_name = table.name;
  if (a.options.controls_per_case > 0)
    table = sample_controls(table, a.options.outcome, a.options.controls_per_case, a.options.match, a.options.seed);
  check_table(table, a.options);
  auto from = describe(table, a.options);
  const auto with_holes = data_with_holes(table, a.options);
  a.data = design_of_table(std::move(table), a.options);
  count_patients(with_holes ? *with_holes : a.data, a);
  a.univariate = std::move(from.univariate);
  std::optional<FitData> before_selection;
  if (a.options.selection != Selection::none) before_selection = a.data;
  keep_selected(a);
  a.ml = fit_ml(a.data);
  const bool refused = a.ml.fit.status == FitStatus::single_class || a.ml.fit.status == FitStatus::more_parameters_than_observations;
  if (!refused && !is_large(a.data)) a.firth = fit_penalised(a.data);
  choose_estimate(a);
  a.status = status_of(a);
  if (refused) return a;
  a.rocs = std::move(from.rocs);
  complete_analysis(from, before_selection ? *before_selection : a.data, with_holes, a);
  return a;
}

}  // namespace cemscope::statistics
