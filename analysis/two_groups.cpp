#include "analysis/two_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/distributions.h"

namespace cemscope::analysis {
namespace {

TTest t_test(double difference, double se, double df) {
  const double t = difference / se, half = t_quantile(0.975, df) * se;
  return {t, df, t_two_sided_p(t, df), {difference - half, difference + half}};
}

double pooled_variance(const GroupSummary& a, const GroupSummary& b) {
  return ((a.n - 1) * a.sd * a.sd + (b.n - 1) * b.sd * b.sd) / (a.n + b.n - 2);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

std::vector<double> deviations(const std::vector<double>& values, LeveneCentre centre) {
  const double c = centre == LeveneCentre::mean ? summarise(values).mean : median(values);
  std::vector<double> out;
  for (const double v : values) out.push_back(std::abs(v - c));
  return out;
}

std::vector<double> joined(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all(a);
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

// Sum over ties of t^3 - t.
double tie_term(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    const double t = static_cast<double>(j - i);
    sum += t * t * t - t;
    i = j;
  }
  return sum;
}

}  // namespace

GroupSummary summarise(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  if (values.empty()) return {};
  double mean = std::accumulate(values.begin(), values.end(), 0.0) / n, correction = 0.0, squares = 0.0;
  for (const double v : values) correction += v - mean;
  mean += correction / n;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {n, mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0.0};
}

std::optional<TTest> t_test_pooled(const GroupSummary& group1, const GroupSummary& group0) {
  if (group1.n < 2 || group0.n < 2) return std::nullopt;
  const double variance = pooled_variance(group1, group0);
  if (!(variance > 0)) return std::nullopt;
  return t_test(group1.mean - group0.mean, std::sqrt(variance * (1 / group1.n + 1 / group0.n)), group1.n + group0.n - 2);
}

std::optional<TTest> t_test_welch(const GroupSummary& group1, const GroupSummary& group0) {
  if (group1.n < 2 || group0.n < 2) return std::nullopt;
  const double v1 = group1.sd * group1.sd / group1.n, v0 = group0.sd * group0.sd / group0.n, v = v1 + v0;
  if (!(v > 0)) return std::nullopt;
  const double df = v * v / (v1 * v1 / (group1.n - 1) + v0 * v0 / (group0.n - 1));
  return t_test(group1.mean - group0.mean, std::sqrt(v), df);
}

std::optional<LeveneTest> levene_test(const std::vector<double>& group1, const std::vector<double>& group0, LeveneCentre centre) {
  if (group1.size() < 2 || group0.size() < 2) return std::nullopt;
  const auto t = t_test_pooled(summarise(deviations(group1, centre)), summarise(deviations(group0, centre)));
  if (!t) return std::nullopt;
  const double f = t->t * t->t;  // with two groups the analysis of variance is the squared t
  return LeveneTest{f, 1.0, t->df, f_upper_p(f, 1.0, t->df)};
}

std::vector<double> midranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) ranks[order[k]] = 0.5 * static_cast<double>(i + j + 1);
    i = j;
  }
  return ranks;
}

std::optional<MannWhitney> mann_whitney_test(const std::vector<double>& group1, const std::vector<double>& group0) {
  const double n1 = static_cast<double>(group1.size()), n0 = static_cast<double>(group0.size()), n = n1 + n0;
  if (group1.empty() || group0.empty()) return std::nullopt;
  const auto all = joined(group1, group0);
  const auto ranks = midranks(all);
  const double rank_sum = std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(group1.size()), 0.0);
  const double variance = n1 * n0 / 12.0 * (n + 1 - tie_term(all) / (n * (n - 1)));
  if (!(variance > 0)) return std::nullopt;
  MannWhitney result;
  result.u1 = rank_sum - n1 * (n1 + 1) / 2;
  const double difference = result.u1 - n1 * n0 / 2, sigma = std::sqrt(variance);
  result.z_uncorrected = difference / sigma;
  result.p_asymptotic_uncorrected = normal_two_sided_p(result.z_uncorrected);
  const double corrected = difference == 0 ? 0 : (std::abs(difference) - 0.5) / sigma;
  result.p_asymptotic_corrected = std::min(1.0, 2 * normal_cdf(-corrected));
  return result;
}

TwoGroupAnalysis compare_groups(const std::vector<double>& group1, const std::vector<double>& group0) {
  TwoGroupAnalysis a;
  a.group1 = summarise(group1);
  a.group0 = summarise(group0);
  a.mean_diff = a.group1.mean - a.group0.mean;
  a.t_pooled = t_test_pooled(a.group1, a.group0);
  a.t_welch = t_test_welch(a.group1, a.group0);
  a.levene_mean = levene_test(group1, group0, LeveneCentre::mean);
  a.levene_median = levene_test(group1, group0, LeveneCentre::median);
  a.mann_whitney = mann_whitney_test(group1, group0);
  a.shapiro_p1 = shapiro_wilk_p(group1);
  a.shapiro_p0 = shapiro_wilk_p(group0);
  if (a.t_pooled) a.cohen_d = a.mean_diff / std::sqrt(pooled_variance(a.group1, a.group0));
  return a;
}

}  // namespace cemscope::analysis
