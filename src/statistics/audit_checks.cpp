#include "src/statistics/audit_checks.h"

#include <cmath>

#include <fmt/format.h>

#include "analysis/contingency.h"
#include "analysis/distributions.h"
#include "analysis/summary_checks.h"

namespace cemscope::statistics {
namespace {

using analysis::parse_printed;
using analysis::PrintedNumber;
using nlohmann::json;

constexpr double kSignificant = 0.05;

PrintedNumber printed(const json& value) { return parse_printed(value.get<std::string>()); }

std::optional<PrintedNumber> printed_if(const json& fact, const char* name) {
  return fact.contains(name) ? std::optional(printed(fact.at(name))) : std::nullopt;
}

AuditItem start(const json& fact) {
  AuditItem item{fact.at("id"), fact.at("table"), fact.at("row"), json::object(), json::object(), {}, {}};
  for (const auto& [name, value] : fact.items())
    if (name != "id" && name != "table" && name != "row" && name != "kind") item.printed[name] = value;
  return item;
}

std::string p_text(double p) { return p < 0.001 ? "P < 0.001" : fmt::format("P = {:.3f}", p); }

analysis::TwoByTwo table_of(const json& counts) {
  const auto at = [&](int r, int c) { return counts.at(std::size_t(r)).at(std::size_t(c)).get<double>(); };
  return {at(0, 0), at(0, 1), at(1, 0), at(1, 1)};
}

void put_two_by_two(const analysis::TwoByTwoAnalysis& a, json& j) {
  j.update({{"pearson", a.pearson.statistic},
            {"p", a.pearson.p},
            {"yates", a.yates.statistic},
            {"p_yates", a.yates.p},
            {"fisher_p", a.fisher_two_sided_p},
            {"min_expected", a.min_expected}});
  if (a.odds_ratio) j["odds_ratio"] = *a.odds_ratio;
  if (a.or_ci_wald) j.update({{"or_lo", a.or_ci_wald->low}, {"or_hi", a.or_ci_wald->high}});
}

// How many tables with the same group sizes print this chi-square by any of the four usual formulas.
int tables_that_print(const PrintedNumber& chi2, const analysis::TwoByTwo& t) {
  const double n1 = t.x1_y1 + t.x0_y1, n0 = t.x1_y0 + t.x0_y0;
  int found = 0;
  if (n1 * n0 > 1e5) return -1;
  for (double a = 0; a <= n1; ++a)
    for (double b = 0; b <= n0; ++b) {
      const double rows = a + b, others = n1 + n0 - rows;
      if (rows == 0 || others == 0) continue;
      const double cross = std::abs(a * (n0 - b) - b * (n1 - a)), scale = (n1 + n0) / (rows * others * n1 * n0), n = n1 + n0;
      const double pearson = cross * cross * scale, less = std::max(0.0, cross - n / 2), yates = less * less * scale;
      const auto g = [&](double seen, double row, double column) { return seen > 0 ? seen * std::log(seen * n / (row * column)) : 0; };
      const double lr = 2 * (g(a, rows, n1) + g(b, rows, n0) + g(n1 - a, others, n1) + g(n0 - b, others, n0));
      for (const double value : {pearson, yates, lr, pearson * (n - 1) / n}) found += chi2.is_rounding_of(value);
    }
  return found;
}

std::string t_verdict(const json& fact, double t, const analysis::Interval& range) {
  const auto wanted = printed_if(fact, "t");
  if (!wanted) return {};
  const bool coarse = printed(fact.at("mean").at(0)).decimals <= 1;
  if (wanted->is_rounding_of(t)) return coarse ? "reproduced_exactly_from_rounded" : "reproduced";
  if (wanted->is_rounding_of(-t)) return "reproduced_sign_dropped";
  const auto box = wanted->box();
  const bool same_sign = box.high >= range.low && box.low <= range.high, other_sign = box.high >= -range.high && box.low <= -range.low;
  return same_sign || other_sign ? "reproduced_within_rounding" : "not_reproducible";
}

// Without a printed t: does the printed statement on P hold?
std::string p_verdict(const json& fact, double p) {
  if (!fact.contains("p_above")) return "recomputed_only";
  return p > printed(fact.at("p_above")).value ? "reproduced_p_gt_05" : "not_reproducible_changes_conclusion";
}

AuditItem impossible_sd(const json& fact, const std::string& group, const PrintedNumber& mean, const PrintedNumber& sd, double least) {
  auto item = start(fact);
  item.id = "grimmer_" + item.id.substr(item.id.starts_with("t_") ? 2 : 0) + "_" + group;
  item.printed = {{"mean", mean.value}, {"sd", sd.value}};
  item.recomputed = {{"min_sd_for_integer_scores", least}};
  item.verdict = "impossible_for_integer_scale";
  item.consequence = fmt::format("whole-number scores with mean {} have a standard deviation of at least {:.2f}", mean.value, least);
  return item;
}

void check_whole_numbers(const json& fact, const std::vector<std::string>& groups, std::vector<AuditItem>& items) {
  if (!fact.contains("whole_numbers")) return;
  for (std::size_t g = 0; g < 2; ++g) {
    const auto mean = printed(fact.at("mean").at(g)), sd = printed(fact.at("sd").at(g));
    const double n = fact.at("n").at(g), least = analysis::smallest_integer_sd(mean, n);
    if (!analysis::grim_consistent(mean, n))
      items.front().consequence += fmt::format("{}GRIM: a mean of {} is no sum of {} whole numbers",
                                               items.front().consequence.empty() ? "" : "; ", fact.at("mean").at(g).get<std::string>(), n);
    const std::string group = groups.at(g) == "satisfactory" ? "sat" : groups.at(g);
    if (sd.box().high < least) items.push_back(impossible_sd(fact, group, mean, sd, least));
  }
}

// Which other printed count gives the printed percentage.
std::string other_source(const json& all, double n, const PrintedNumber& percent, json& recomputed) {
  for (const auto& fact : all) {
    if (fact.at("kind") != "two_by_two") continue;
    for (const auto& category : fact.at("counts"))
      for (std::size_t g = 0; g < 2; ++g) {
        const double count = category.at(g);
        if (!percent.is_rounding_of(100 * count / n)) continue;
        recomputed[fmt::format("pct_{}", count)] = 100 * count / n;
        return fmt::format("{} is {}/{}, the count of {}", percent.value, count, n, fact.at("row").get<std::string>());
      }
  }
  return {};
}

}  // namespace

std::vector<AuditItem> check_two_by_two(const json& fact) {
  auto item = start(fact);
  const auto t = table_of(fact.at("counts"));
  const auto a = analysis::analyse_two_by_two(t);
  put_two_by_two(a, item.recomputed);
  const auto chi2 = printed_if(fact, "chi2"), p = printed_if(fact, "p");
  const std::string now = fmt::format("chi-square {:.3f}, {}", a.pearson.statistic, p_text(a.pearson.p));
  if (!chi2) {
    item.verdict = "recomputed_only";
  } else if (chi2->is_rounding_of(a.pearson.statistic)) {
    item.verdict = a.min_expected < 5 ? "reproduced_wrong_test" : "reproduced";
    if (a.min_expected < 5)
      item.consequence = fmt::format("an expected count is {:.2f}: Fisher's exact test, {}", a.min_expected, p_text(a.fisher_two_sided_p));
  } else {
    const bool changes = p && (p->value < kSignificant) != (a.pearson.p < kSignificant);
    item.verdict = changes ? "not_reproducible_changes_conclusion" : "not_reproducible";
    const int others = tables_that_print(*chi2, t);
    item.recomputed["tables_that_print_it"] = others;
    item.consequence = now + (others == 0 ? "; no table with these group sizes gives the printed value" : "");
  }
  if (p && p->value == 0) item.consequence += (item.consequence.empty() ? "" : "; ") + std::string("print P < 0.001");
  return {item};
}

std::vector<AuditItem> check_t_test(const json& fact, const std::vector<std::string>& groups) {
  auto item = start(fact);
  const analysis::PrintedGroup one{fact.at("n").at(0), printed(fact.at("mean").at(0)), printed(fact.at("sd").at(0))};
  const analysis::PrintedGroup zero{fact.at("n").at(1), printed(fact.at("mean").at(1)), printed(fact.at("sd").at(1))};
  const auto pooled = analysis::t_test_pooled(one.summary(), zero.summary()), welch = analysis::t_test_welch(one.summary(), zero.summary());
  const auto range = analysis::t_range(one, zero);
  const auto ratio = analysis::variance_ratio(one.summary(), zero.summary());
  item.recomputed = {{"t_poor_minus_sat", pooled->t},  {"df", pooled->df},    {"p", pooled->p},
                     {"welch_df", welch->df},          {"p_welch", welch->p}, {"ci_diff", {pooled->ci.low, pooled->ci.high}},
                     {"var_ratio_F", ratio.statistic}, {"p_F", ratio.p},      {"t_range", {range.low, range.high}}};
  item.verdict = t_verdict(fact, pooled->t, range);
  if (item.verdict.empty()) item.verdict = p_verdict(fact, pooled->p);
  if (item.verdict == "reproduced_sign_dropped") item.consequence = fmt::format("t is {:.3f}: print the direction", pooled->t);
  if (item.verdict == "reproduced_exactly_from_rounded") item.consequence = "was computed from means printed with one decimal";
  if (item.verdict == "not_reproducible")
    item.consequence = fmt::format("t is {:.3f} ({:.3f} to {:.3f} by rounding)", pooled->t, range.low, range.high);
  if (ratio.p < kSignificant && item.verdict == "reproduced_within_rounding")
    item.consequence = fmt::format("variances differ ({}): Welch's test, {}", p_text(ratio.p), p_text(welch->p));
  std::vector<AuditItem> items = {item};
  check_whole_numbers(fact, groups, items);
  return items;
}

std::vector<AuditItem> check_percentages(const json& fact, const json& all) {
  auto item = start(fact);
  bool rounds = true, cuts = true;
  const auto& cells = fact.at("cells");
  for (const auto& cell : cells) {
    const double exact = 100 * cell.at("count").get<double>() / cell.at("n").get<double>();
    const auto percent = printed(cell.at("printed"));
    item.recomputed[cell.at("name").get<std::string>()] = exact;
    rounds &= percent.is_rounding_of(exact);
    cuts &= percent.is_rounding_of(exact) || std::abs(exact - percent.value) < 2 * percent.half_unit();
  }
  const double count = cells.at(0).at("count"), n = cells.at(0).at("n");
  item.verdict = rounds ? "reproduced" : !cuts ? "inconsistent_text" : cells.size() == 1 ? "truncation" : "rounding_error";
  if (cells.size() == 1) {
    const auto wilson = analysis::wilson_interval(count, n), exact = analysis::exact_interval(count, n);
    item.recomputed.update({{"wilson95", {wilson.low, wilson.high}}, {"exact95", {exact.low, exact.high}}});
    item.consequence = rounds ? "" : fmt::format("{}/{} = {:.2f}%", count, n, 100 * count / n);
    if (!cuts) item.consequence += "; " + other_source(all, n, printed(cells.at(0).at("printed")), item.recomputed);
  }
  if (fact.contains("counts")) put_two_by_two(analysis::analyse_two_by_two(table_of(fact.at("counts"))), item.recomputed);
  return {item};
}

std::vector<AuditItem> check_coefficient(const json& fact) {
  auto item = start(fact);
  analysis::PrintedCoefficient row{printed(fact.at("b")),
                                   printed(fact.at("se")),
                                   printed_if(fact, "wald"),
                                   printed_if(fact, "odds_ratio"),
                                   printed_if(fact, "p"),
                                   {},
                                   {}};
  if (fact.contains("ci")) {
    row.ci_low = printed(fact.at("ci").at(0));
    row.ci_high = printed(fact.at("ci").at(1));
  }
  const double b = row.b.value, se = row.se.value, wald = b * b / (se * se), half = analysis::normal_quantile(0.975) * se;
  item.recomputed = {{"wald", wald},
                     {"odds_ratio", std::exp(b)},
                     {"p", analysis::chi_squared_upper_p(wald, 1)},
                     {"ci", {std::exp(b - half), std::exp(b + half)}}};
  const auto box = analysis::consistent_coefficients(row);
  if (!box) {
    item.verdict = "not_reproducible";
    item.consequence = "no coefficient and standard error print as all of the row's figures";
    return {item};
  }
  item.recomputed.update({{"b_refined", box->b},
                          {"b_range", {box->b_range.low, box->b_range.high}},
                          {"se_refined", box->se},
                          {"se_range", {box->se_range.low, box->se_range.high}}});
  const std::string crude = fact.value("crude_direction", "");
  const bool contradicts = (crude == "+" && b < 0) || (crude == "-" && b > 0);
  item.verdict = contradicts ? "reproduced_but_sign_convention_wrong" : "reproduced_within_rounding";
  if (contradicts)
    item.consequence =
        fmt::format("the sign contradicts the groups' means: it applies to a decrease; odds ratio per increase {:.3f} ({:.3f}-{:.3f})",
                    std::exp(-box->b), std::exp(-box->b - half), std::exp(-box->b + half));
  return {item};
}

std::vector<AuditItem> check_note(const json& fact) {
  auto item = start(fact);
  item.printed = fact.at("printed");
  item.recomputed = fact.at("found");
  item.verdict = fact.at("verdict");
  return {item};
}

std::vector<AuditItem> check_subset(const json& fact) {
  auto item = start(fact);
  const double vertebrae = fact.at("vertebrae"), patients = fact.at("patients"), group = fact.at("group"), sampled = fact.at("sampled");
  const double seen = fact.at("multi_in_sample"), most = vertebrae - patients,
               most_in_group = most - fact.at("multi_in_cases").get<double>();
  const double p = analysis::hypergeometric_upper(seen, sampled, most_in_group, group);
  item.recomputed = {{"max_multi_patients", most},
                     {fmt::format("max_multi_sat_{}", group), most_in_group},
                     {fmt::format("expected_in_{}", sampled), most_in_group * sampled / group},
                     {fmt::format("p_hypergeom_ge_{}", seen), p}};
  item.verdict = p < 1e-6 ? "impossible" : p < kSignificant ? "unlikely" : "reproduced";
  item.consequence = fmt::format("{} vertebrae in {} patients allow at most {} with several; {} in a random {} of {}: P = {:.0e}",
                                 vertebrae, patients, most, seen, sampled, group, p);
  return {item};
}

std::vector<AuditItem> check_roc(const json& fact, const json& all) {
  auto item = start(fact);
  const double n1 = fact.at("n").at(0), n0 = fact.at("n").at(1), z = analysis::normal_quantile(0.975);
  const auto auc = printed(fact.at("auc")), low = printed(fact.at("ci").at(0)), high = printed(fact.at("ci").at(1)),
             sens = printed(fact.at("sens")), spec = printed(fact.at("spec"));
  const double cut = printed(fact.at("cut")).value, tp = std::round(sens.value * n1), tn = std::round(spec.value * n0),
               null_se = std::sqrt((n1 + n0 + 1) / (12 * n1 * n0));
  const double se = (high.value - low.value) / (2 * z), youden = tp / n1 + tn / n0 - 1;
  item.recomputed = {{"se_from_ci", se},
                     {"sens", fmt::format("{}/{}={:.6f}", tp, n1, tp / n1)},
                     {"spec", fmt::format("{}/{}={:.6f}", tn, n0, tn / n0)},
                     {"youden", youden},
                     {"p_spss", analysis::normal_two_sided_p((auc.value - 0.5) / null_se)},
                     {"chi2_of_dichotomised", analysis::analyse_two_by_two({tp, n0 - tn, n1 - tp, tn}).pearson.statistic}};
  const double tau = fact.at("prevalence_events").get<double>() / fact.at("prevalence_n").get<double>(), up = tp / n1 * tau,
               fp = (1 - tn / n0) * (1 - tau), right = tn / n0 * (1 - tau);
  item.recomputed.update({{"ppv_at_7_18pct", up / (up + fp)}, {"npv_at_7_18pct", right / (right + (1 - tp / n1) * tau)}});
  const bool adds_up = sens.is_rounding_of(tp / n1) && spec.is_rounding_of(tn / n0) && printed(fact.at("youden")).is_rounding_of(youden);
  item.verdict = adds_up ? "reproduced" : "not_reproducible";
  for (const auto& other : all) {
    if (other.at("id") != fact.value("groups", "")) continue;
    const analysis::PrintedGroup one{n1, printed(other.at("mean").at(0)), printed(other.at("sd").at(0))},
        zero{n0, printed(other.at("mean").at(1)), printed(other.at("sd").at(1))};
    const auto normal = analysis::binormal_roc(one.summary(), zero.summary(), cut);
    const auto range = analysis::binormal_auc_range(one, zero);
    const auto t = analysis::t_test_pooled(one.summary(), zero.summary());
    item.recomputed.update({{"binormal_auc", normal.auc},
                            {"binormal_auc_rounding_range", {range.low, range.high}},
                            {"binormal_sens_at_cut", normal.sens_at_cut},
                            {"binormal_spec_at_cut", normal.spec_at_cut},
                            {"binormal_max_youden", normal.max_youden},
                            {"p_binom_spec_ge_51_normal", analysis::binomial_upper(tn, n0, normal.spec_at_cut)},
                            {"t_squared", t ? t->t * t->t : 0.0}});
    if (adds_up && std::abs(auc.value - normal.auc) > z * se) {
      item.verdict = "internally_consistent_but_conflicts_with_mean_sd";
      item.consequence = fmt::format("means and standard deviations imply an area of {:.3f} ({:.3f}-{:.3f}); show both", normal.auc,
                                     range.low, range.high);
    }
  }
  return {item};
}

}  // namespace cemscope::statistics
