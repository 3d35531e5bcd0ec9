// What was done, in a journal's words, and the items of TRIPOD+AI that the analysis itself can fill.
#include <boost/version.hpp>

#include <fmt/format.h>
#include <Eigen/Core>

#include "src/statistics/fit_report.h"

namespace cemscope::statistics {
namespace {

/// An item of TRIPOD+AI (BMJ 2024;385:e078378) by its number there.
struct TripodItem {
  std::string number, topic, text;
};

std::string names_of(const FitAnalysis& a) { return fmt::format("{}", fmt::join(a.data.names(), ", ")); }

std::string missing_words(const FitAnalysis& a, Language l) {
  switch (a.options.missing) {
    case MissingPolicy::complete_case:
      return fmt::format("{}: {}", say(l, "complete cases, rows left out", "完整病例分析，剔除行数"), a.data.n_dropped);
    case MissingPolicy::indicator:
      return say(l, "mean filled in with an indicator for each incomplete predictor", "以均值填补并加缺失指示变量");
    case MissingPolicy::multiple_imputation:
      if (!a.imputed) return say(l, "nothing was missing", "无缺失");
      return fmt::format("{} {}", a.imputed->pooled.copies,
                         say(l,
                             "copies by chained equations with the outcome (logistic regression; predictive mean matching), pooled by "
                             "Rubin's rules",
                             "份链式方程多重插补（含结局；Logistic回归与预测均值匹配），按Rubin规则合并"));
  }
  return {};
}

std::string estimate_words(const FitAnalysis& a, Language l) {
  if (!a.uses_firth) return say(l, "maximum likelihood", "极大似然法");
  return fmt::format("{} ({})", say(l, "Firth's penalised likelihood, intercept refitted", "Firth惩罚似然，截距重新拟合"),
                     a.uses_firth_because.in(l));
}

std::string design_words(const FitAnalysis& a, Language l) {
  std::string text;
  if (a.options.controls_per_case > 0)
    text += fmt::format(" {} {} ({} {}{}).", say(l, "Controls drawn at random per case:", "每例病例随机抽取对照数："),
                        a.options.controls_per_case, say(l, "seed", "随机种子"), a.options.seed,
                        a.options.match.empty() ? std::string() : fmt::format("; {}", fmt::join(a.options.match, ", ")));
  if (!a.options.splines.empty())
    text += fmt::format(" {} {}.", say(l, "Restricted cubic splines with four knots for", "四节点限制性立方样条："),
                        fmt::join(a.options.splines, ", "));
  if (!a.selection_steps.empty())
    text += fmt::format(" {} {}.", say(l, "Stepwise selection:", "逐步筛选："), fmt::join(a.selection_steps, "; "));
  return text;
}

std::string bootstrap_words(const FitAnalysis& a, Language l) {
  if (!a.optimism()) return {};
  return fmt::format(" {} {} {} ({}).",
                     say(l, "Optimism by bootstrap with the whole procedure (imputation, knots, selection, estimate) repeated:",
                         "自助法乐观校正，每次重抽样重复全部建模步骤（插补、节点、筛选、估计）："),
                     a.optimism()->resamples,
                     a.options.cluster ? say(l, "resamples of whole patients", "次按患者重抽样") : say(l, "resamples", "次重抽样"),
                     a.bootstrap_source);
}

std::string prior_words(const FitAnalysis& a, Language l) {
  if (!a.prior) return {};
  const double intercept = a.intercept_for_prediction();
  return fmt::format(" {} {:.4f}: {} {:.4f} → {:.4f}.",
                     say(l, "Prior correction (King & Zeng) to a prevalence of", "先验校正（King & Zeng），人群患病率"), a.prior->tau,
                     say(l, "intercept", "截距"), intercept, intercept - a.prior->offset);
}

std::string preparation_words(const FitAnalysis& a, Language l) {
  std::string text;
  for (const auto& note : a.data.notes) text += (text.empty() ? "" : "; ") + note.in(l);
  return text.empty() ? "-" : text;
}

std::vector<TripodItem> tripod_items(const FitAnalysis& a, Language l) {
  const auto by_authors = [&](const char* number, const char* english, const char* chinese) {
    return TripodItem{number, say(l, english, chinese), say(l, "to be filled by the authors", "由作者填写")};
  };
  std::vector<TripodItem> items = {
      by_authors("1-4", "Title, abstract, background, objectives", "标题、摘要、背景、目的"),
      {"5a", say(l, "Data", "数据来源"), a.table_name + (a.prior ? say(l, ", a sample by outcome", "，按结局抽样") : "")},
      by_authors("5b-6", "Dates, setting, eligibility, treatments", "日期、场所、纳排标准、治疗"),
      {"7", say(l, "Data preparation", "数据准备"), preparation_words(a, l)},
      {"8a", say(l, "Outcome", "结局"), a.data.outcome},
      {"9a", say(l, "Predictors", "预测因子"), fmt::format("{}", fmt::join(a.options.predictors, ", "))},
      {"10", say(l, "Sample size", "样本量"),
       fmt::format("{:.1f} {}", a.events_per_variable(), say(l, "events per variable", "每变量事件数"))},
      {"11", say(l, "Missing data", "缺失数据"), missing_words(a, l)},
      {"12", say(l, "Analytical methods", "分析方法"), say(l, "see Methods", "见方法")},
      {"13", say(l, "Class imbalance", "类别不平衡"),
       a.prior ? say(l, "case-control sample, intercept corrected to the population", "病例对照抽样，截距按人群校正")
               : say(l, "left as it is", "未处理")},
      by_authors("14", "Fairness", "公平性"),
      {"15", say(l, "Model output", "模型输出"), say(l, "probability", "概率")},
      {"16", say(l, "Training versus evaluation", "训练与评估"),
       a.optimism() ? say(l, "same patients, corrected by bootstrap", "同一人群，自助法校正")
                    : say(l, "same patients, not corrected", "同一人群，未校正")},
      by_authors("17-19", "Ethics, open science, patient involvement", "伦理、开放科学、患者参与"),
      {"20-21", say(l, "Participants and events", "受试者与事件"),
       fmt::format("n = {}, {} = {}", a.n_patients, say(l, "events", "事件"), a.n_events)},
      {"22", say(l, "Model specification", "模型参数"), say(l, "Table 4 and the model file", "表4与模型文件")},
      {"23a", say(l, "Performance with intervals", "模型表现及区间"), say(l, "Table 5 and figures", "表5与各图")}};
  if (a.external)
    items.push_back(
        {"24", say(l, "Model updating", "模型更新"), fmt::format("{}: {}", a.external->model, say(l, "see results file", "见结果文件"))});
  items.push_back(by_authors("25-27", "Interpretation, limitations, usability", "解释、局限、可用性"));
  return items;
}

std::string tripod_html(const FitAnalysis& a, Language l) {
  std::string html = "<table><thead><tr><th>" + std::string(say(l, "Item", "条目")) + "</th><th>" + say(l, "Topic", "内容") + "</th><th>" +
                     say(l, "Reported", "报告") + "</th></tr></thead>\n<tbody>\n";
  for (const auto& item : tripod_items(a, l))
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", item.number, escaped(item.topic), escaped(item.text));
  return html + "</tbody></table>\n";
}

}  // namespace

std::string report_methods_html(const FitAnalysis& a, Language l) {
  std::string text =
      say(l,
          "Groups were compared by Student's or Welch's t test, Mann-Whitney's test, Pearson's chi-square or Fisher's exact "
          "test. ROC areas have DeLong's and Hanley-McNeil's standard errors; calibration is a logistic regression on the "
          "linear predictor and on its spline.",
          "组间比较采用t检验（方差不齐用Welch法）、Mann-Whitney检验、Pearson卡方或Fisher确切概率法。ROC曲线下面积报告DeLong与"
          "Hanley-McNeil标准误；校准以线性预测值及其样条作Logistic回归。");
  text += fmt::format(" {} {}, {}.", say(l, "Logistic regression of", "Logistic回归，自变量"), names_of(a), estimate_words(a, l));
  text += fmt::format(" {} {}.", say(l, "Missing data:", "缺失数据："), missing_words(a, l));
  text += design_words(a, l) + bootstrap_words(a, l) + prior_words(a, l);
  text += fmt::format(" cemscope {}, Eigen {}.{}.{}, Boost.Math {}.{}, gnuplot.", CEMSCOPE_VERSION, EIGEN_WORLD_VERSION,
                      EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000);
  return "<p>" + escaped(text) + "</p><h2>TRIPOD+AI</h2>" + tripod_html(a, l);
}

}  // namespace cemscope::statistics
