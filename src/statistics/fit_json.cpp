#include "src/statistics/fit_json.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "analysis/distributions.h"
#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {
namespace {

using nlohmann::json;

json number_or_null(const std::optional<double>& value) { return value ? statistics::number_or_null(*value) : json(nullptr); }

json pair_json(double low, double high) { return {statistics::number_or_null(low), statistics::number_or_null(high)}; }
json pair_json(const analysis::Interval& i) { return pair_json(i.low, i.high); }

json named(const std::vector<std::string>& names, const Eigen::VectorXd& values) {
  json j = json::object();
  for (std::size_t k = 0; k < names.size(); ++k) j[names[k]] = statistics::number_or_null(values(Eigen::Index(k)));
  return j;
}

json named(const std::vector<std::string>& names, const std::vector<double>& values) {
  return named(names, Eigen::VectorXd(Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()))));
}

std::vector<std::string> with_intercept(const FitAnalysis& a) {
  auto names = a.data.names();
  names.insert(names.begin(), "(Intercept)");
  return names;
}

json test_json(const analysis::TestResult& t) { return {{"chi2", t.statistic}, {"p", statistics::number_or_null(t.p)}}; }

json interval_or_nulls(const std::optional<analysis::Interval>& i) { return i ? pair_json(*i) : json::array({nullptr, nullptr}); }

json binary_json(const analysis::TwoByTwoAnalysis& a) {
  json pearson = test_json(a.pearson);
  pearson["df"] = 1;
  return {{"table", {{"x1_y1", a.table.x1_y1}, {"x1_y0", a.table.x1_y0}, {"x0_y1", a.table.x0_y1}, {"x0_y0", a.table.x0_y0}}},
          {"min_expected", a.min_expected},
          {"pearson", pearson},
          {"yates", test_json(a.yates)},
          {"likelihood_ratio", test_json(a.likelihood_ratio)},
          {"linear_by_linear", test_json(a.linear_by_linear)},
          {"fisher_two_sided_p", a.fisher_two_sided_p},
          {"fisher_cond_mle_or", number_or_null(a.fisher_cond_mle_or)},
          {"fisher_ci", {number_or_null(a.fisher_ci_low), number_or_null(a.fisher_ci_high)}},
          {"fisher_exact_or", number_or_null(a.fisher_exact_or)},
          {"fisher_exact_ci", {number_or_null(a.fisher_exact_low), number_or_null(a.fisher_exact_high)}},
          {"odds_ratio", number_or_null(a.odds_ratio)},
          {"ln_or", number_or_null(a.ln_or)},
          {"se_ln_or", number_or_null(a.se_ln_or)},
          {"or_ci_wald", interval_or_nulls(a.or_ci_wald)},
          {"haldane_or", a.haldane_or},
          {"haldane_ci", pair_json(a.haldane_ci)},
          {"risk_diff", a.risk_diff},
          {"phi", a.phi}};
}

json t_json(const std::optional<analysis::TTest>& t) {
  if (!t) return nullptr;
  return {{"t", t->t}, {"df", t->df}, {"p", t->p}, {"ci", pair_json(t->ci)}};
}

json levene_json(const std::optional<analysis::LeveneTest>& l) {
  if (!l) return nullptr;
  return {{"F", l->f}, {"df1", l->df1}, {"df2", l->df2}, {"p", l->p}};
}

json mann_whitney_json(const std::optional<analysis::MannWhitney>& m) {
  if (!m) return nullptr;
  return {{"U1", m->u1},
          {"p_asymptotic_corrected", m->p_asymptotic_corrected},
          {"p_asymptotic_uncorrected", m->p_asymptotic_uncorrected},
          {"z_uncorrected", m->z_uncorrected}};
}

json continuous_json(const analysis::TwoGroupAnalysis& a) {
  return {{"n1", a.group1.n},
          {"mean1", a.group1.mean},
          {"sd1", a.group1.sd},
          {"n0", a.group0.n},
          {"mean0", a.group0.mean},
          {"sd0", a.group0.sd},
          {"mean_diff", a.mean_diff},
          {"t_pooled", t_json(a.t_pooled)},
          {"t_welch", t_json(a.t_welch)},
          {"levene_mean", levene_json(a.levene_mean)},
          {"levene_median", levene_json(a.levene_median)},
          {"mann_whitney", mann_whitney_json(a.mann_whitney)},
          {"shapiro_1", number_or_null(a.shapiro_p1)},
          {"shapiro_0", number_or_null(a.shapiro_p0)},
          {"cohen_d", number_or_null(a.cohen_d)}};
}

json univariate_json(const Univariate& u) {
  json j = {
      {"binary", json::object()}, {"continuous", json::object()}, {"univariate_logistic", json::object()}, {"category", json::object()}};
  for (const auto& b : u.binary) j["binary"][b.name] = binary_json(b.result);
  for (const auto& c : u.continuous) j["continuous"][c.name] = continuous_json(c.result);
  for (const auto& l : u.logistic) j["univariate_logistic"][l.name] = {{"b", l.fit.b}, {"se", l.fit.b_se}, {"intercept", l.fit.intercept}};
  for (const auto& c : u.categories)
    j["category"][c.name] = {{"levels", c.levels}, {"n1", c.in_events}, {"n0", c.in_others}, {"pearson", test_json(c.pearson)}};
  j["skipped"] = u.skipped;
  return j;
}

json threshold_json(double t) { return std::isinf(t) ? json(t > 0 ? "Inf" : "-Inf") : json(t); }

json youden_json(const analysis::RocPoint& p) {
  return {{"threshold", threshold_json(p.threshold)},
          {"sens", p.sens},
          {"spec", p.spec},
          {"J", p.youden()},
          {"tp", p.tp},
          {"fp", p.fp},
          {"tn", p.tn},
          {"fn", p.fn}};
}

json groups_json(const std::vector<analysis::RiskGroup>& groups) {
  json j = json::array();
  for (const auto& g : groups) j.push_back({{"n", g.n}, {"obs", g.observed}, {"exp", g.expected}});
  return j;
}

json hl_json(const std::optional<analysis::HosmerLemeshow>& hl, const char* method) {
  if (!hl) return "fewer than 3 groups possible: not reported";
  return {{"method", method}, {"chi2", hl->chi2}, {"df", hl->df}, {"p", hl->p}, {"groups", groups_json(hl->groups)}};
}

json calibration_json(const analysis::Calibration& c) {
  json groups = json::object();
  for (std::size_t g = 0; g < c.groups.size(); ++g)
    groups[std::to_string(g + 1)] = {{"n", c.groups[g].n}, {"mean_p", c.groups[g].mean_p()}, {"obs", c.groups[g].observed / c.groups[g].n}};
  json j = {
      {"citl", c.citl},           {"citl_se", c.citl_se},           {"OE", c.observed_expected}, {"brier", c.brier},
      {"brier_max", c.brier_max}, {"brier_scaled", c.brier_scaled}, {"mean_p", c.mean_p},        {"spiegelhalter_z", c.spiegelhalter_z},
      {"log_loss", c.log_loss},   {"calibration_groups", groups}};
  j["slope"] = c.slope_exists ? json(c.slope) : json(nullptr);
  j["slope_se"] = c.slope_exists ? json(c.slope_se) : json(nullptr);
  j["intercept"] = c.slope_exists ? json(c.intercept) : json(nullptr);
  j["intercept_se"] = c.slope_exists ? json(c.intercept_se) : json(nullptr);
  return j;
}

json decision_json(const std::vector<analysis::NetBenefit>& curve) {
  json j = json::array();
  for (const auto& n : curve)
    j.push_back({{"threshold", n.threshold}, {"net_benefit", n.net_benefit}, {"treat_all", n.treat_all}, {"tpr", n.tpr}, {"fpr", n.fpr}});
  return j;
}

json curve_json(const std::optional<analysis::CalibrationCurve>& c) {
  if (!c) return nullptr;
  return {{"method", "logistic regression on a restricted cubic spline of the linear predictor, 4 knots"},
          {"ici", c->ici},
          {"e50", c->e50},
          {"e90", c->e90},
          {"predicted", c->predicted},
          {"observed", c->observed},
          {"low", c->low},
          {"high", c->high}};
}

json matrix_json(const Eigen::MatrixXd& m) {
  json rows = json::array();
  for (const auto& row : m.rowwise()) rows.push_back(std::vector<double>(row.begin(), row.end()));
  return rows;
}

json limits_json(const std::vector<std::string>& names, const std::vector<analysis::ProfileInterval>& limits, bool upper) {
  json j = json::object();
  for (std::size_t k = 0; k < limits.size(); ++k) j[names[k]] = number_or_null(upper ? limits[k].high : limits[k].low);
  return j;
}

json cases_json(const std::vector<analysis::CaseDiagnostics>& cases) {
  json j = json::array();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& d = cases[i];
    j.push_back({{"row", i + 1},
                 {"lp", d.lp},
                 {"p", d.p},
                 {"se_lp", d.se_lp},
                 {"leverage", d.leverage},
                 {"pearson_resid", d.pearson_resid},
                 {"deviance_resid", d.deviance_resid},
                 {"cooks", d.cooks}});
  }
  return j;
}

void add_wald(const std::vector<std::string>& names, const Eigen::VectorXd& b, const Eigen::VectorXd& se, json& j) {
  const double half = analysis::normal_quantile(0.975);
  const Eigen::VectorXd z = b.cwiseQuotient(se), low = b - half * se, high = b + half * se;
  j["coef"] = named(names, b);
  j["se"] = named(names, se);
  j["z"] = named(names, z);
  j["wald_chi2"] = named(names, Eigen::VectorXd(z.array().square()));
  j["p"] = named(names, Eigen::VectorXd(z.unaryExpr([](double v) { return analysis::normal_two_sided_p(v); })));
  j["odds_ratio"] = named(names, Eigen::VectorXd(b.array().exp()));
  j["ci_wald_lower"] = named(names, low);
  j["ci_wald_upper"] = named(names, high);
  j["or_ci_wald_lower"] = named(names, Eigen::VectorXd(low.array().exp()));
  j["or_ci_wald_upper"] = named(names, Eigen::VectorXd(high.array().exp()));
}

void add_quality(const MaximumLikelihood& ml, json& j) {
  const auto& q = ml.quality;
  j.update({{"loglik", ml.fit.loglik},
            {"loglik_null", ml.fit.loglik_null},
            {"minus2ll", q.minus2ll},
            {"lr_chi2", q.lr_chi2},
            {"lr_df", q.lr_df},
            {"lr_p", q.lr_p},
            {"aic", q.aic},
            {"bic", q.bic},
            {"cox_snell", q.cox_snell},
            {"nagelkerke", q.nagelkerke},
            {"mcfadden", q.mcfadden},
            {"tjur", q.tjur},
            {"shrinkage_van_houwelingen", statistics::number_or_null(q.shrinkage)},
            {"condition_index_max", statistics::number_or_null(ml.condition_index_max)},
            {"iterations", ml.fit.iterations}});
  const auto& c = ml.classification;
  j["classification_0.5"] = {{"tp", c.tp}, {"fp", c.fp}, {"tn", c.tn}, {"fn", c.fn}};
  j["first_rows"] = cases_json(ml.first_rows);
}

void add_performance(const MaximumLikelihood& ml, json& j) {
  if (!ml.performance) return;
  j["hl_q7"] = hl_json(ml.hl_q7, "quantile type 7 cut points, right-closed (ResourceSelection::hoslem.test)");
  j["hl_sas"] = hl_json(ml.hl_sas, "SAS LOGISTIC LACKFIT blocks, M=floor(N/10+0.5), ties (12 significant digits) kept together");
  j["roc_model"] = roc_json(ml.performance->roc, false);
  j["calibration_apparent"] = calibration_json(ml.performance->calibration);
  j["calibration_curve"] = curve_json(ml.performance->curve);
  j["decision_curve"] = decision_json(ml.performance->decision);
}

json firth_json(const FitAnalysis& a) {
  const auto names = with_intercept(a);
  const auto& f = *a.firth;
  return {{"coef", named(names, f.fit.coefficients)},
          {"se_at_unpenalised_information", named(names, f.fit.standard_errors)},
          {"penalised_loglik", f.fit.penalised_loglik},
          {"penalised_loglik_note", "loglik + 0.5*log det(X'WX) in the original units"},
          {"plr_chi2", named(names, f.plr_chi2)},
          {"plr_p", named(names, f.plr_p)},
          {"pl_ci_lower", limits_json(names, f.limits, false)},
          {"pl_ci_upper", limits_json(names, f.limits, true)},
          {"flic_intercept", f.fit.flic_intercept}};
}

void add_prior(const FitAnalysis& a, json& j) {
  if (!a.prior) return;
  const auto& p = *a.prior;
  j["prior_correction"] = {{"tau", p.tau}, {"ybar", p.ybar}, {"offset", p.offset}, {"intercept_corrected", p.intercept_corrected}};
  j["weighting"] = {{"weights", {{"case", p.weight_case}, {"control", p.weight_control}}}};
  if (p.weighted_coefficients.size() > 0) {
    j["weighting"]["coef"] = named(with_intercept(a), p.weighted_coefficients);
    j["weighting"]["robust_se_HC0"] = named(with_intercept(a), p.robust_se);
  }
  j["decision_curve_at_tau"] = decision_json(p.decision_at_tau);
}

json multivariable_json(const FitAnalysis& a) {
  const auto names = with_intercept(a), terms = a.data.names();
  json j = {{"n", a.ml.fit.n},
            {"n_rows", a.data.rows.size()},
            {"n_dropped", a.data.n_dropped},
            {"events", a.ml.fit.events},
            {"predictors", terms.size()},
            {"epv", terms.empty() ? 0 : std::min(a.ml.fit.events, a.ml.fit.n - a.ml.fit.events) / double(terms.size())},
            {"outcome", a.data.outcome},
            {"status", a.status}};
  if (a.ml.fit.status == analysis::FitStatus::converged) {
    add_wald(names, a.ml.fit.coefficients, a.ml.fit.standard_errors, j);
    j["vcov"] = matrix_json(a.ml.fit.covariance);
    j["vcov_order"] = names;
    add_quality(a.ml, j);
    if (!a.ml.lr_term.empty()) {
      j["lr_term"] = named(terms, a.ml.lr_term);
      j["lr_term_p"] = named(terms, a.ml.lr_term_p);
      j["ci_profile_lower"] = limits_json(names, a.ml.profile, false);
      j["ci_profile_upper"] = limits_json(names, a.ml.profile, true);
    }
    j["vif_linear"] = named(terms, a.ml.vif_linear);
    j["vif_glm_vcov"] = named(terms, a.ml.vif_glm_vcov);
    add_performance(a.ml, j);
  }
  for (const auto& t : a.ml.fit.infinite_terms) j["infinite_coefficients"][names[std::size_t(t.term)]] = t.sign > 0 ? "+Inf" : "-Inf";
  if (a.ml.limit)
    for (std::size_t k = 0; k < a.ml.limit->terms.size(); ++k)
      j["ml_limit"][names[std::size_t(a.ml.limit->terms[k])]] = a.ml.limit->coefficients(Eigen::Index(k));
  if (a.ml.fit.status == analysis::FitStatus::complete_separation) j["separating_columns"] = separating_columns(a.data);
  if (a.firth) j["firth"] = firth_json(a);
  add_prior(a, j);
  return j;
}

json pooled_json(const FitAnalysis& a) {
  const auto names = with_intercept(a);
  const auto& p = a.imputed->pooled;
  return {{"copies", p.copies},
          {"coef", named(names, p.coefficients)},
          {"se", named(names, p.standard_errors)},
          {"df", named(names, p.df)},
          {"p", named(names, p.p)},
          {"fraction_missing", named(names, p.fraction_missing)}};
}

const char* advice(analysis::Recalibration r) {
  switch (r) {
    case analysis::Recalibration::keep: return "keep";
    case analysis::Recalibration::intercept: return "update the intercept";
    case analysis::Recalibration::intercept_and_slope: return "update intercept and slope";
    case analysis::Recalibration::refit: return "refit";
  }
  return "";
}

json lr_json(const analysis::TestResult& t) { return {{"chi2", t.statistic}, {"df", t.df}, {"p", statistics::number_or_null(t.p)}}; }

void add_comparison(const ExternalValidation& e, json& j) {
  const auto& c = e.performance.calibration;
  j["recalibration"] = {{"intercept_only", {{"add_to_intercept", c.citl}, {"se", c.citl_se}}}};
  if (c.slope_exists) j["recalibration"]["logistic"] = {{"intercept", c.intercept}, {"slope", c.slope}};
  if (e.recalibration) {
    const auto& r = *e.recalibration;
    j["recalibration"].update({{"minus2ll",
                                {{"original", r.minus2ll_original},
                                 {"intercept", r.minus2ll_intercept},
                                 {"logistic", r.minus2ll_logistic},
                                 {"refit", r.minus2ll_refit}}},
                               {"refit_against_original", lr_json(r.refit_against_original)},
                               {"refit_against_intercept", lr_json(r.refit_against_intercept)},
                               {"refit_against_logistic", lr_json(r.refit_against_logistic)},
                               {"advised", advice(r.advised)}});
  }
  if (!e.reclassification) return;
  const auto& r = *e.reclassification;
  j["refit_against_published"] = {
      {"delong",
       {{"auc_refit", e.refit_against_published->auc1},
        {"auc_published", e.refit_against_published->auc2},
        {"z", e.refit_against_published->z},
        {"p", e.refit_against_published->p}}},
      {"nri", {{"events", r.nri_events}, {"others", r.nri_others}, {"nri", r.nri}, {"se", r.nri_se}, {"p", r.nri_p}}},
      {"idi", {{"idi", r.idi}, {"se", r.idi_se}, {"p", r.idi_p}}},
      {"warning", "the net reclassification improvement rewards miscalibration and, here, a model judged on its own data"}};
}

json external_json(const ExternalValidation& e) {
  json j = {{"model", e.model},
            {"n", e.n},
            {"tau", e.tau},
            {"offset", e.offset},
            {"roc", roc_json(e.performance.roc, false)},
            {"calibration", calibration_json(e.performance.calibration)},
            {"calibration_curve", curve_json(e.performance.curve)},
            {"hl_external_df", {{"df", 10}, {"note", "external validation uses df=g"}}},
            {"decision_curve", decision_json(e.performance.decision)},
            {"mean_p_cc", e.mean_p_sample}};
  add_comparison(e, j);
  return j;
}

json bootstrap_json(const analysis::BootstrapResult& b, const std::string& source) {
  json j = {{"source", source},
            {"B", b.resamples},
            {"used", b.used},
            {"apparent_auc", b.apparent_auc},
            {"optimism_auc", b.optimism_auc},
            {"corrected_auc", b.corrected_auc},
            {"apparent_brier", b.apparent_brier},
            {"optimism_brier", b.optimism_brier},
            {"corrected_brier", b.corrected_brier},
            {"corrected_intercept", number_or_null(b.corrected_intercept)},
            {"corrected_slope", number_or_null(b.corrected_slope)},
            {"rule_for_discarding", "non-converged or any fitted p outside (1e-9,1-1e-9) or |coef|>=1000"},
            {"first3", json::array()}};
  for (const auto& r : b.first)
    j["first3"].push_back({{"auc_boot", r.auc_boot},
                           {"auc_orig", r.auc_orig},
                           {"brier_boot", r.brier_boot},
                           {"brier_orig", r.brier_orig},
                           {"intercept", number_or_null(r.intercept)},
                           {"slope", number_or_null(r.slope)}});
  return j;
}

json against_json(const analysis::PairedRoc& r) {
  return {{"auc_model", r.auc1}, {"auc_t", r.auc2}, {"difference", r.difference}, {"ci", pair_json(r.ci)}, {"z", r.z}, {"p", r.p}};
}

// Firth's estimate and imputed ones have figures of their own; those of maximum likelihood keep the reference's names.
void add_in_use(const FitAnalysis& a, json& j) {
  if (a.own_performance)
    j["in_use"] = {{"roc_model", roc_json(a.own_performance->roc, false)},
                   {"calibration_apparent", calibration_json(a.own_performance->calibration)},
                   {"calibration_curve", curve_json(a.own_performance->curve)},
                   {"decision_curve", decision_json(a.own_performance->decision)}};
  if (a.has_estimate()) j["in_use"]["coef"] = named(with_intercept(a), a.coefficients());
  if (a.has_estimate()) j["in_use"]["intercept_for_prediction"] = a.intercept_for_prediction();
  if (a.own_bootstrap) j["in_use"]["bootstrap"] = bootstrap_json(*a.own_bootstrap, a.bootstrap_source);
}

// The reference's edge sets have the fit at the top; the same figures once more, so that one comparison by name serves all.
void add_top_level(const FitAnalysis& a, json& j) {
  const auto& m = j["multivariable"];
  const bool reduced = !a.data.constant.empty() || !a.data.dependent.empty();
  if (m.contains("coef")) {
    j[reduced ? "coef_reduced" : "coef"] = m.at("coef");
    j[reduced ? "se_reduced" : "se"] = m.at("se");
    j["minus2ll"] = m.at("minus2ll");
  }
  for (const char* name : {"epv", "firth", "infinite_coefficients", "ml_limit"})
    if (m.contains(name)) j[name] = m.at(name);
  j.update({{"n_rows", a.data.rows.size()},
            {"rows", a.data.rows.size()},
            {"n_cases", a.ml.fit.n},
            {"rank", a.data.terms.size() + 1},
            {"columns", a.data.terms.size() + a.data.constant.size() + a.data.dependent.size() + 1}});
  if (!a.data.constant.empty()) j["column"] = a.data.constant.front();
  if (!a.data.dependent.empty()) j["aliased_in_R"] = a.data.dependent.front();
  for (const auto& b : a.univariate.binary)
    if (std::count(a.options.predictors.begin(), a.options.predictors.end(), b.name))
      j["univariate_" + b.name] = j["univariate"]["binary"][b.name];
}

void add_rocs(const FitAnalysis& a, json& j) {
  for (const auto& r : a.rocs) {
    j["roc"][r.name] = roc_json(r.roc, !a.data.weights);
    j["roc_" + r.name] = j["roc"][r.name];
  }
  for (const auto& m : a.against) {
    j["delong_paired_model_vs_" + m.name] = against_json(m.comparison);
    if (contract_name(m.name) == "bmd_t_score") j["delong_paired_model_vs_t"] = against_json(m.comparison);
  }
}

}  // namespace

json number_or_null(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json roc_json(const analysis::RocAnalysis& r, bool with_points) {
  json j = {{"direction", r.direction == analysis::RocDirection::larger ? "<" : ">"},
            {"n_pos", r.n_pos},
            {"n_neg", r.n_neg},
            {"auc", r.auc},
            {"delong_var", r.delong_var},
            {"delong_se", r.delong_se},
            {"delong_ci", pair_json(r.delong_ci)},
            {"delong_ci_logit", interval_or_nulls(r.delong_ci_logit)},
            {"spss_nonparametric_se", r.spss_nonparametric_se},
            {"spss_ci", pair_json(r.spss_ci)},
            {"se_simple_midrank", r.se_simple_midrank},
            {"spss_null_se", r.spss_null_se},
            {"spss_p", r.spss_p},
            {"hanley_mcneil_exponential_se", r.hanley_mcneil_exponential_se},
            {"youden", json::array()},
            {"points", nullptr}};
  for (const auto& p : r.youden) j["youden"].push_back(youden_json(p));
  if (with_points && r.points.size() <= 100) {
    j["points"] = json::array();
    for (const auto& p : r.points) j["points"].push_back({{"threshold", threshold_json(p.threshold)}, {"sens", p.sens}, {"spec", p.spec}});
  }
  return j;
}

json to_results_json(const FitAnalysis& a) {
  json j = {{"dataset", a.table_name},
            {"outcome", a.data.outcome},
            {"status", a.status},
            {"univariate", univariate_json(a.univariate)},
            {"multivariable", multivariable_json(a)},
            {"warnings", a.warnings()},
            {"estimate_in_use", a.imputed      ? "multiple_imputation"
                                : a.uses_firth ? "firth"
                                               : "ml"}};
  if (!a.selection_steps.empty()) j["selection"] = a.selection_steps;
  if (a.imputed) j["multiple_imputation"] = pooled_json(a);
  if (a.external) j["published_model_external_validation"] = external_json(*a.external);
  if (a.bootstrap) j["bootstrap"] = bootstrap_json(*a.bootstrap, a.bootstrap_source);
  add_in_use(a, j);
  add_rocs(a, j);
  add_top_level(a, j);
  return j;
}

}  // namespace cemscope::statistics
