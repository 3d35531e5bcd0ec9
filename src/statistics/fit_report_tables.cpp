// Tables 1-5 of a fit report in a journal's form.
#include <cmath>

#include <fmt/format.h>

#include "analysis/distributions.h"
#include "src/statistics/fit_report.h"

namespace cemscope::statistics {
namespace {

using Cells = std::vector<std::string>;

std::string row_html(const Cells& cells, const char* tag = "td") {
  std::string html = "<tr>";
  for (const auto& cell : cells) html += fmt::format("<{0}>{1}</{0}>", tag, escaped(cell));
  return html + "</tr>\n";
}

std::string table_html(const std::string& caption, const Cells& header, const std::vector<Cells>& rows, const std::string& foot) {
  std::string html = "<table><caption>" + escaped(caption) + "</caption>\n<thead>" + row_html(header, "th") + "</thead>\n<tbody>\n";
  for (const auto& row : rows) html += row_html(row);
  return html + "</tbody></table>\n<p class=\"foot\">" + escaped(foot) + "</p>\n";
}

std::string mean_sd(const analysis::GroupSummary& g) { return fmt::format("{:.2f} ± {:.2f}", g.mean, g.sd); }

std::string share(double part, double whole) { return fmt::format("{} ({:.1f}%)", part, 100 * part / whole); }

// "= 0.064" or "< 0.001"
std::string p_relation(double p) { return p < 0.001 ? "< 0.001" : "= " + p_words(p); }

std::string table_1(const FitAnalysis& a, Language l) {
  std::vector<Cells> rows = {
      {say(l, "Patients analysed", "纳入分析例数"), fmt::format("{}", a.n_patients)},
      {say(l, "Events", "事件数"), share(a.n_events, a.n_patients)},
      {a.imputed ? say(l, "With imputed values", "含插补值例数") : say(l, "Left out for missing values", "因缺失值剔除"),
       fmt::format("{}", a.data.n_dropped)},
      {say(l, "Predictors", "自变量数"), fmt::format("{}", a.data.terms.size())},
      {say(l, "Events per variable", "每变量事件数"), fmt::format("{:.1f}", a.events_per_variable())}};
  return table_html(say(l, "Table 1. The cohort", "表1 研究对象"), {say(l, "Item", "项目"), say(l, "Value", "数值")}, rows,
                    fmt::format("{}: {}", say(l, "Outcome", "结局变量"), a.data.outcome));
}

// The test the data call for: Welch's where variances differ, Mann-Whitney where a group is not normal.
Cells chosen_test(const analysis::TwoGroupAnalysis& g) {
  const bool normal = g.shapiro_p1.value_or(1) > 0.05 && g.shapiro_p0.value_or(1) > 0.05;
  if (!normal && g.mann_whitney)
    return {fmt::format("z = {:.3f}", g.mann_whitney->z_uncorrected), p_words(g.mann_whitney->p_asymptotic_uncorrected), "Mann-Whitney"};
  const bool equal = !g.levene_mean || g.levene_mean->p > 0.05;
  const auto& t = equal ? g.t_pooled : g.t_welch;
  if (!t) return {"", "", ""};
  return {fmt::format("t = {:.3f}", t->t), p_words(t->p), equal ? "Student" : "Welch"};
}

std::string table_2(const FitAnalysis& a, Language l) {
  std::vector<Cells> rows;
  for (const auto& c : a.univariate.continuous) {
    Cells row = {term_label(c.name, l), mean_sd(c.result.group1), mean_sd(c.result.group0),
                 c.result.t_pooled ? fmt::format("{:.3f}", c.result.t_pooled->t) : "",
                 c.result.t_pooled ? p_words(c.result.t_pooled->p) : ""};
    for (auto& cell : chosen_test(c.result)) row.push_back(std::move(cell));
    rows.push_back(std::move(row));
  }
  return table_html(
      say(l, "Table 2. Continuous variables", "表2 计量资料比较（均数±标准差）"),
      {say(l, "Variable", "变量"), say(l, "Events", "事件组"), say(l, "Others", "对照组"), "t", "P", say(l, "Chosen test", "适用检验"), "P",
       say(l, "Method", "方法")},
      rows,
      say(l, "t: pooled, events minus others. Chosen: Mann-Whitney where Shapiro-Wilk P ≤ 0.05 in a group, Welch where Levene P ≤ 0.05.",
          "t为等方差t检验（事件组减对照组）；任一组Shapiro-Wilk P≤0.05用Mann-Whitney，Levene P≤0.05用Welch。"));
}

std::string table_3(const FitAnalysis& a, Language l) {
  std::vector<Cells> rows;
  for (const auto& b : a.univariate.binary) {
    const auto& r = b.result;
    const bool exact = r.min_expected < 5;
    rows.push_back({term_label(b.name, l), share(r.table.x1_y1, r.table.x1_y1 + r.table.x0_y1),
                    share(r.table.x1_y0, r.table.x1_y0 + r.table.x0_y0), fmt::format("{:.3f}", r.pearson.statistic), p_words(r.pearson.p),
                    exact ? "Fisher" : say(l, "chi-square", "卡方"), p_words(exact ? r.fisher_two_sided_p : r.pearson.p),
                    r.or_ci_wald ? fmt::format("{:.2f} ({:.2f}-{:.2f})", *r.odds_ratio, r.or_ci_wald->low, r.or_ci_wald->high)
                                 : say(l, "not finite", "不可估计")});
  }
  return table_html(say(l, "Table 3. Categorical variables", "表3 计数资料比较 [n(%)]"),
                    {say(l, "Variable", "变量"), say(l, "Events", "事件组"), say(l, "Others", "对照组"), "χ²", "P",
                     say(l, "Chosen test", "适用检验"), "P", say(l, "Odds ratio (95% CI)", "OR (95%CI)")},
                    rows,
                    say(l, "χ²: Pearson without correction. Fisher's exact test where an expected count is below 5.",
                        "χ²为未校正Pearson检验；期望频数<5用Fisher确切概率法。"));
}

Cells coefficient_row(const FitAnalysis& a, std::size_t term, Language l) {
  const auto k = Eigen::Index(term) + 1;
  const double b = a.coefficients()(k), se = std::sqrt(a.covariance()(k, k)), half = analysis::normal_quantile(0.975) * se;
  const auto* profile = a.imputed ? nullptr : a.uses_firth ? &a.firth->limits : a.ml.profile.empty() ? nullptr : &a.ml.profile;
  std::string limits;
  if (profile && (*profile)[std::size_t(k)].low && (*profile)[std::size_t(k)].high)
    limits = fmt::format("{:.3f}-{:.3f}", std::exp(*(*profile)[std::size_t(k)].low), std::exp(*(*profile)[std::size_t(k)].high));
  const double wald = b * b / (se * se), p = a.imputed      ? a.imputed->pooled.p(k)
                                             : a.uses_firth ? a.firth->plr_p[std::size_t(k)]
                                                            : analysis::chi_squared_upper_p(wald, 1);
  return {term_label(a.data.terms[term].name, l),
          fmt::format("{:.3f}", b),
          fmt::format("{:.3f}", se),
          fmt::format("{:.3f}", wald),
          fmt::format("{:.3f}", std::exp(b)),
          p_words(p),
          fmt::format("{:.3f}-{:.3f}", std::exp(b - half), std::exp(b + half)),
          limits,
          Eigen::Index(term) < a.ml.vif_linear.size() ? fmt::format("{:.2f}", a.ml.vif_linear(Eigen::Index(term))) : std::string()};
}

std::string table_4(const FitAnalysis& a, Language l) {
  if (!a.has_estimate()) return "<p>" + escaped(refusal_sentence(a)) + "</p>";
  std::vector<Cells> rows;
  for (std::size_t j = 0; j < a.data.terms.size(); ++j) rows.push_back(coefficient_row(a, j, l));
  rows.push_back({say(l, "Constant", "常量"), fmt::format("{:.3f}", a.coefficients()(0)),
                  fmt::format("{:.3f}", std::sqrt(a.covariance()(0, 0))), "", "", "", "", "", ""});
  const std::string foot = a.uses_firth ? fmt::format("{} ({})",
                                                      say(l, "Firth's penalised likelihood; P and the second interval from its profile",
                                                          "Firth惩罚似然；P值与剖面区间来自惩罚剖面似然"),
                                                      a.uses_firth_because.in(l))
                                        : say(l, "Maximum likelihood; P by Wald's test.", "极大似然法，Wald检验。");
  return table_html(say(l, "Table 4. Multivariable logistic regression", "表4 多因素Logistic回归"),
                    {say(l, "Variable", "变量"), "β", "SE", "Wald", "OR", "P", say(l, "95% CI (Wald)", "95%CI（Wald）"),
                     say(l, "95% CI (profile)", "95%CI（剖面似然）"), "VIF"},
                    rows, foot);
}

Cells classification_row(const analysis::Classification& c, Language l) {
  return {say(l, "Classified at 0.5: right of events, of others, of all", "以0.5为界的分类正确率：事件、对照、总体"),
          fmt::format("{:.1f}%, {:.1f}%, {:.1f}%", 100 * c.tp / (c.tp + c.fn), 100 * c.tn / (c.tn + c.fp),
                      100 * (c.tp + c.tn) / (c.tp + c.fn + c.tn + c.fp))};
}

std::string calibration_words(const analysis::Calibration& c) {
  const auto slope = c.slope_exists ? fmt::format("{:.3f}", c.slope) : std::string("-");
  return fmt::format("{:.3f}, {}, {:.3f}", c.citl, slope, 1 / c.observed_expected);
}

// Observed over expected says nothing in a sample drawn by outcome.
std::string published_words(const FitAnalysis& a, Language l) {
  const auto& c = a.external->performance.calibration;
  std::string text = fmt::format("AUC {:.3f}", a.external->performance.roc.auc);
  if (!a.prior) text += fmt::format(", O/E {:.2f}", c.observed_expected);
  if (c.slope_exists) text += fmt::format(", {} {:.2f}", say(l, "slope", "斜率"), c.slope);
  return text;
}

std::string table_5(const FitAnalysis& a, Language l) {
  if (!a.performance()) return {};
  const auto& performance = *a.performance();
  const auto& roc = performance.roc;
  const auto& c = performance.calibration;
  std::vector<Cells> rows = {
      {say(l, "Area under the ROC curve (DeLong)", "ROC曲线下面积（DeLong）"),
       fmt::format("{:.3f} ({:.3f}-{:.3f})", roc.auc, roc.delong_ci.low, roc.delong_ci.high)},
      {say(l, "Standard error: DeLong / Hanley-McNeil (SPSS)", "标准误：DeLong／Hanley-McNeil（SPSS）"),
       fmt::format("{:.4f} / {:.4f}", roc.delong_se, roc.spss_nonparametric_se)},
      {say(l, "Brier score (scaled)", "Brier评分（标化）"), fmt::format("{:.4f} ({:.3f})", c.brier, c.brier_scaled)}};
  if (a.ml.performance)
    rows.push_back({"-2LL, Cox-Snell R², Nagelkerke R²",
                    fmt::format("{:.2f}, {:.3f}, {:.3f}", a.ml.quality.minus2ll, a.ml.quality.cox_snell, a.ml.quality.nagelkerke)});
  if (a.ml.performance) rows.push_back(classification_row(a.ml.classification, l));
  for (const auto& p : roc.youden)
    rows.push_back({say(l, "Best cut by Youden: probability, sensitivity, specificity", "Youden最佳截断：概率、灵敏度、特异度"),
                    fmt::format("{:.3f}, {:.3f}, {:.3f}", p.threshold, p.sens, p.spec)});
  rows.push_back({say(l, "Calibration in the large, slope, E/O", "总体校准截距、斜率、E/O"), calibration_words(c)});
  if (a.ml.hl_q7)
    rows.push_back({say(l, "Hosmer-Lemeshow (deciles, type 7)", "Hosmer-Lemeshow（十分位）"),
                    fmt::format("χ² = {:.3f}, P {}", a.ml.hl_q7->chi2, p_relation(a.ml.hl_q7->p))});
  if (const auto& optimism = a.optimism(); optimism && optimism->used > 0) {
    rows.push_back({say(l, "Area corrected for optimism", "乐观校正曲线下面积"),
                    fmt::format("{:.3f} ({} {})", optimism->corrected_auc, optimism->used, say(l, "resamples", "次重抽样"))});
    rows.push_back({say(l, "Brier score corrected", "校正后Brier评分"), fmt::format("{:.4f}", optimism->corrected_brier)});
    if (optimism->corrected_slope)
      rows.push_back({say(l, "Calibration slope corrected", "校正后校准斜率"), fmt::format("{:.3f}", *optimism->corrected_slope)});
  }
  if (performance.curve)
    rows.push_back({say(l, "Integrated calibration index", "综合校准指数"), fmt::format("{:.4f}", performance.curve->ici)});
  for (const auto& m : a.against)
    rows.push_back({fmt::format("{} {}", say(l, "Model against", "模型对比"), term_label(m.name, l)),
                    fmt::format("{:.3f} / {:.3f}, z = {:.2f}, P {}", m.comparison.auc1, m.comparison.auc2, m.comparison.z,
                                p_relation(m.comparison.p))});
  if (a.external)
    rows.push_back({fmt::format("{} {}", say(l, "Published model on these patients:", "已发表模型在本样本："), a.external->model),
                    published_words(a, l)});
  return table_html(say(l, "Table 5. Performance", "表5 模型表现"), {say(l, "Measure", "指标"), say(l, "Value", "数值")}, rows,
                    std::string(say(l, "On the data of the fit unless said otherwise.", "除注明外均为建模样本内结果。")) +
                        (a.own_performance && a.ml.performance
                             ? say(l, " -2LL, R², Hosmer-Lemeshow and comparisons are those of maximum likelihood on complete cases.",
                                   " -2LL、R²、Hosmer-Lemeshow及模型对比为完整病例的极大似然结果。")
                             : ""));
}

}  // namespace

std::string report_tables_html(const FitAnalysis& a, Language l) {
  return table_1(a, l) + table_2(a, l) + table_3(a, l) + table_4(a, l) + table_5(a, l);
}

}  // namespace cemscope::statistics
