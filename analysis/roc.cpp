#include "analysis/roc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "analysis/distributions.h"
#include "analysis/risk.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {
namespace {

constexpr std::size_t kMostPoints = 5'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Cases that share a score, oriented so that larger means the event.
struct Level {
  double value = 0, pos = 0, neg = 0, neg_below = 0, pos_above = 0;
};

std::vector<Level> levels_of(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, double sign, const Eigen::VectorXd* weights) {
  std::vector<std::pair<double, Eigen::Index>> order;
  order.reserve(static_cast<std::size_t>(score.size()));
  for (Eigen::Index i = 0; i < score.size(); ++i)
    if (!weights || (*weights)(i) > 0) order.emplace_back(rounded_score(sign * score(i)), i);
  std::sort(order.begin(), order.end());
  std::size_t n_levels = 0;
  for (std::size_t k = 0; k < order.size(); ++k) n_levels += k == 0 || order[k].first != order[k - 1].first ? 1 : 0;
  std::vector<Level> levels;
  levels.reserve(n_levels);
  for (const auto& [value, i] : order) {
    if (levels.empty() || levels.back().value != value) levels.push_back({value});
    (outcome(i) > 0.5 ? levels.back().pos : levels.back().neg) += weights ? (*weights)(i) : 1.0;
  }
  double below = 0, above = 0;
  for (auto& level : levels) {
    level.neg_below = below;
    below += level.neg;
  }
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    level->pos_above = above;
    above += level->pos;
  }
  return levels;
}

struct Counts {
  double pos = 0, neg = 0;
};

Counts count(const std::vector<Level>& levels) {
  Counts c;
  for (const auto& level : levels) {
    c.pos += level.pos;
    c.neg += level.neg;
  }
  return c;
}

double area(const std::vector<Level>& levels, const Counts& n) {
  double sum = 0;
  for (const auto& level : levels) sum += level.pos * (level.neg_below + 0.5 * level.neg);
  return sum / (n.pos * n.neg);
}

double delong_variance(const std::vector<Level>& levels, const Counts& n, double auc) {
  double s10 = 0, s01 = 0;
  for (const auto& level : levels) {
    const double v10 = (level.neg_below + 0.5 * level.neg) / n.neg - auc, v01 = (level.pos_above + 0.5 * level.pos) / n.pos - auc;
    s10 += level.pos * v10 * v10;
    s01 += level.neg * v01 * v01;
  }
  return (n.pos > 1 ? s10 / (n.pos - 1) / n.pos : 0) + (n.neg > 1 ? s01 / (n.neg - 1) / n.neg : 0);
}

double hanley_mcneil_se(double auc, double q1, double q2, const Counts& n) {
  const double variance = (auc * (1 - auc) + (n.pos - 1) * (q1 - auc * auc) + (n.neg - 1) * (q2 - auc * auc)) / (n.pos * n.neg);
  return std::sqrt(std::max(0.0, variance));
}

// Empirical Q1 and Q2; `tie_share` is the weight of squared ties: 1/3 as SPSS, 1/4 for plain midranks.
double empirical_se(const std::vector<Level>& levels, const Counts& n, double auc, double tie_share) {
  double q1 = 0, q2 = 0;
  for (const auto& level : levels) {
    q2 += level.pos * (level.neg_below * level.neg_below + level.neg_below * level.neg + level.neg * level.neg * tie_share);
    q1 += level.neg * (level.pos_above * level.pos_above + level.pos_above * level.pos + level.pos * level.pos * tie_share);
  }
  return hanley_mcneil_se(auc, q1 / (n.neg * n.pos * n.pos), q2 / (n.pos * n.neg * n.neg), n);
}

RocPoint point_at(double threshold, double tp, double fp, const Counts& n) {
  return {threshold, tp / n.pos, (n.neg - fp) / n.neg, tp, fp, n.neg - fp, n.pos - tp};
}

/// Calls visit(point) for every operating point, from sensitivity 1 to 0.
template <typename Visit>
void for_each_point(const std::vector<Level>& levels, const Counts& n, double sign, const Visit& visit) {
  visit(point_at(-sign * kInfinity, n.pos, n.neg, n));
  double tp = n.pos, fp = n.neg;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    tp -= levels[k].pos;
    fp -= levels[k].neg;
    const bool last = k + 1 == levels.size();
    const double threshold = last ? kInfinity : 0.5 * (levels[k].value + levels[k + 1].value);
    visit(point_at(sign * threshold, last ? 0 : tp, last ? 0 : fp, n));
  }
}

// A curve of more points looks the same with every k-th of them.
std::vector<RocPoint> points_of(const std::vector<Level>& levels, const Counts& n, double sign) {
  const std::size_t step = levels.size() / kMostPoints + 1;
  std::vector<RocPoint> points;
  std::size_t number = 0;
  for_each_point(levels, n, sign, [&](const RocPoint& point) {
    if (number % step == 0 || number == levels.size()) points.push_back(point);
    ++number;
  });
  return points;
}

std::vector<RocPoint> best_youden(const std::vector<Level>& levels, const Counts& n, double sign) {
  double best = -1;
  for_each_point(levels, n, sign, [&](const RocPoint& point) { best = std::max(best, point.youden()); });
  std::vector<RocPoint> out;
  for_each_point(levels, n, sign, [&](const RocPoint& point) {
    if (point.youden() >= best - 1e-12) out.push_back(point);
  });
  return out;
}

Interval around(double centre, double se) {
  const double z = normal_quantile(0.975);
  return {centre - z * se, centre + z * se};
}

Interval within_unit(Interval i) { return {std::max(0.0, i.low), std::min(1.0, i.high)}; }

std::optional<Interval> logit_interval(double auc, double se) {
  if (!(auc > 0 && auc < 1)) return std::nullopt;
  const auto limits = around(std::log(auc / (1 - auc)), se / (auc * (1 - auc)));
  return Interval{inverse_logit(limits.low), inverse_logit(limits.high)};
}

}  // namespace

double rounded_score(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 11 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

RocAnalysis analyse_roc(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, RocDirection direction,
                        const Eigen::VectorXd* weights) {
  const double sign = direction == RocDirection::larger ? 1 : -1;
  const auto levels = levels_of(score, outcome, sign, weights);
  const auto n = count(levels);
  if (n.pos <= 0 || n.neg <= 0) throw std::invalid_argument("a ROC curve needs both outcomes");
  RocAnalysis roc;
  roc.direction = direction;
  roc.n_pos = n.pos;
  roc.n_neg = n.neg;
  roc.auc = area(levels, n);
  roc.delong_var = delong_variance(levels, n, roc.auc);
  roc.delong_se = std::sqrt(roc.delong_var);
  roc.delong_ci = within_unit(around(roc.auc, roc.delong_se));
  roc.delong_ci_logit = logit_interval(roc.auc, roc.delong_se);
  roc.spss_nonparametric_se = empirical_se(levels, n, roc.auc, 1.0 / 3);
  roc.spss_ci = around(roc.auc, roc.spss_nonparametric_se);
  roc.se_simple_midrank = empirical_se(levels, n, roc.auc, 0.25);
  roc.spss_null_se = std::sqrt((n.pos + n.neg + 1) / (12 * n.pos * n.neg));
  roc.spss_p = normal_two_sided_p((roc.auc - 0.5) / roc.spss_null_se);
  roc.hanley_mcneil_exponential_se = hanley_mcneil_se(roc.auc, roc.auc / (2 - roc.auc), 2 * roc.auc * roc.auc / (1 + roc.auc), n);
  roc.points = points_of(levels, n, sign);
  roc.youden = best_youden(levels, n, sign);
  return roc;
}

RocDirection better_direction(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, const Eigen::VectorXd* weights) {
  const auto levels = levels_of(score, outcome, 1, weights);
  return area(levels, count(levels)) < 0.5 ? RocDirection::smaller : RocDirection::larger;
}

double auc_of(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome, const Eigen::VectorXd* weights) {
  const auto levels = levels_of(score, outcome, 1, weights);
  return area(levels, count(levels));
}

Eigen::VectorXd placements(const Eigen::VectorXd& score, const Eigen::VectorXd& outcome) {
  std::vector<double> rounded, pos, neg;
  for (Eigen::Index i = 0; i < score.size(); ++i) {
    rounded.push_back(rounded_score(score(i)));
    (outcome(i) > 0.5 ? pos : neg).push_back(rounded.back());
  }
  std::sort(pos.begin(), pos.end());
  std::sort(neg.begin(), neg.end());
  const auto below = [](const std::vector<double>& sorted, double v) {
    const auto [lo, hi] = std::equal_range(sorted.begin(), sorted.end(), v);
    return static_cast<double>(lo - sorted.begin()) + 0.5 * static_cast<double>(hi - lo);
  };
  Eigen::VectorXd out(score.size());
  for (Eigen::Index i = 0; i < score.size(); ++i) {
    const double v = rounded[static_cast<std::size_t>(i)];
    out(i) = outcome(i) > 0.5 ? below(neg, v) / double(neg.size()) : (double(pos.size()) - below(pos, v)) / double(pos.size());
  }
  return out;
}

PairedRoc compare_paired_roc(const Eigen::VectorXd& score1, const Eigen::VectorXd& score2, const Eigen::VectorXd& outcome) {
  return compare_placements(placements(score1, outcome), placements(score2, outcome), outcome);
}

PairedRoc compare_placements(const Eigen::VectorXd& v1, const Eigen::VectorXd& v2, const Eigen::VectorXd& outcome) {
  PairedRoc result;
  const double n1 = outcome.sum(), n0 = double(outcome.size()) - n1;
  result.auc1 = v1.dot(outcome) / n1;
  result.auc2 = v2.dot(outcome) / n1;
  result.difference = result.auc1 - result.auc2;
  double s1 = 0, s0 = 0;
  for (Eigen::Index i = 0; i < outcome.size(); ++i) {
    const double d = v1(i) - v2(i) - result.difference;
    (outcome(i) > 0.5 ? s1 : s0) += d * d;
  }
  result.se = std::sqrt(s1 / (n1 - 1) / n1 + s0 / (n0 - 1) / n0);
  result.z = result.se > 0 ? result.difference / result.se : 0;
  result.p = normal_two_sided_p(result.z);
  result.ci = around(result.difference, result.se);
  return result;
}

}  // namespace cemscope::analysis
