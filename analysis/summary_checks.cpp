#include "analysis/summary_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>

#include "analysis/distributions.h"

namespace cemscope::analysis {
namespace {

constexpr double kSlack = 1e-9;  // binary fractions of decimal half units

struct Point {
  double b, se;
};

// b * nb + se * ns >= limit
struct HalfPlane {
  double nb, ns, limit;
  [[nodiscard]] double side(const Point& p) const { return p.b * nb + p.se * ns - limit; }
};

std::vector<Point> clip(const std::vector<Point>& polygon, const HalfPlane& plane) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point &here = polygon[i], &next = polygon[(i + 1) % polygon.size()];
    const double a = plane.side(here), b = plane.side(next);
    if (a >= 0) out.push_back(here);
    if ((a > 0 && b < 0) || (a < 0 && b > 0))
      out.push_back({here.b + (next.b - here.b) * a / (a - b), here.se + (next.se - here.se) * a / (a - b)});
  }
  return out;
}

void between(std::vector<HalfPlane>& planes, double nb, double ns, const Interval& i) {
  planes.push_back({nb, ns, i.low});
  planes.push_back({-nb, -ns, -i.high});
}

Interval log_box(const PrintedNumber& n) { return {std::log(std::max(1e-300, n.box().low)), std::log(n.box().high)}; }

// Bounds of |b| / se, from the Wald statistic and from its P.
void add_ratio(std::vector<HalfPlane>& planes, double sign, const Interval& squared) {
  planes.push_back({sign, -std::sqrt(std::max(0.0, squared.low)), 0});
  planes.push_back({-sign, std::sqrt(std::max(0.0, squared.high)), 0});
}

std::vector<HalfPlane> constraints(const PrintedCoefficient& row) {
  std::vector<HalfPlane> planes;
  const double z = normal_quantile(0.975), sign = row.b.value < 0 ? -1 : 1;
  if (row.wald) add_ratio(planes, sign, row.wald->box());
  if (row.p && row.p->box().low > 0)
    add_ratio(planes, sign, {chi_squared_quantile(1 - row.p->box().high, 1), chi_squared_quantile(1 - row.p->box().low, 1)});
  if (row.odds_ratio) between(planes, 1, 0, log_box(*row.odds_ratio));
  if (row.ci_low) between(planes, 1, -z, log_box(*row.ci_low));
  if (row.ci_high) between(planes, 1, z, log_box(*row.ci_high));
  return planes;
}

CoefficientBox measure(const std::vector<Point>& polygon) {
  CoefficientBox box{0, 0, {INFINITY, -INFINITY}, {INFINITY, -INFINITY}};
  double area = 0, mean_b = 0, mean_se = 0;
  const Point origin = polygon.front();  // keeps the cross products of a tiny polygon exact
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point p{polygon[i].b - origin.b, polygon[i].se - origin.se};
    const auto& follower = polygon[(i + 1) % polygon.size()];
    const Point q{follower.b - origin.b, follower.se - origin.se};
    const double cross = p.b * q.se - q.b * p.se;
    area += cross;
    mean_b += cross * (p.b + q.b);
    mean_se += cross * (p.se + q.se);
    box.b_range = {std::min(box.b_range.low, polygon[i].b), std::max(box.b_range.high, polygon[i].b)};
    box.se_range = {std::min(box.se_range.low, polygon[i].se), std::max(box.se_range.high, polygon[i].se)};
  }
  const bool flat = std::abs(area) < 1e-300;
  box.b = flat ? origin.b : origin.b + mean_b / (3 * area);
  box.se = flat ? origin.se : origin.se + mean_se / (3 * area);
  return box;
}

double t_of(double mean_difference, double sd1, double sd0, double n1, double n0) {
  const auto t = t_test_pooled({n1, mean_difference, sd1}, {n0, 0, sd0});
  return t ? t->t : 0;
}

double youden_at(const GroupSummary& diseased, const GroupSummary& healthy, double cut) {
  return normal_cdf((cut - diseased.mean) / diseased.sd) - normal_cdf((cut - healthy.mean) / healthy.sd);
}

double binormal_auc(double gap, double sd1, double sd0) { return normal_cdf(gap / std::hypot(sd1, sd0)); }

}  // namespace

double PrintedNumber::half_unit() const { return 0.5 * std::pow(10.0, -decimals); }

bool PrintedNumber::is_rounding_of(double exact) const { return std::abs(exact - value) <= half_unit() + kSlack; }

bool PrintedNumber::is_truncation_of(double exact) const {
  const double unit = 2 * half_unit();
  return std::abs(std::trunc(exact / unit + std::copysign(kSlack, exact)) * unit - value) < 1e-6 * unit;
}

PrintedNumber parse_printed(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) throw std::invalid_argument("\"" + text + "\" is no printed number");
  const auto point = text.find('.');
  return {value, point == std::string::npos ? 0 : static_cast<int>(text.size() - point - 1)};
}

Interval t_range(const PrintedGroup& group1, const PrintedGroup& group0) {
  const double gap = group1.mean.value - group0.mean.value, slack = group1.mean.half_unit() + group0.mean.half_unit();
  Interval range{INFINITY, -INFINITY};
  for (const double difference : {gap - slack, gap + slack})
    for (const double sd1 : {group1.sd.box().low, group1.sd.box().high})
      for (const double sd0 : {group0.sd.box().low, group0.sd.box().high}) {
        const double t = t_of(difference, std::max(1e-12, sd1), std::max(1e-12, sd0), group1.n, group0.n);
        range = {std::min(range.low, t), std::max(range.high, t)};
      }
  return range;
}

TestResult variance_ratio(const GroupSummary& group1, const GroupSummary& group0) {
  const double f = group1.sd * group1.sd / (group0.sd * group0.sd);
  const boost::math::fisher_f law(group1.n - 1, group0.n - 1);
  const double below = boost::math::cdf(law, f);
  return {f, group1.n - 1, 2 * std::min(below, 1 - below)};
}

bool grim_consistent(const PrintedNumber& mean, double n) {
  const double nearest = std::round(mean.value * n);
  for (const double sum : {nearest - 1, nearest, nearest + 1})
    if (mean.is_rounding_of(sum / n)) return true;
  return false;
}

double smallest_integer_sd(const PrintedNumber& mean, double n) {
  // the variance of whole numbers is least when all lie next to the mean: f (1 - f), f the fraction of the mean
  const auto box = mean.box();
  if (std::floor(box.low) != std::floor(box.high)) return 0;  // a whole number rounds to it: all values may be equal
  const auto spread = [](double m) { return (m - std::floor(m)) * (1 - (m - std::floor(m))); };
  return std::sqrt(std::min(spread(box.low), spread(box.high)) * n / (n - 1));
}

std::optional<CoefficientBox> consistent_coefficients(const PrintedCoefficient& row) {
  const auto b = row.b.box(), se = row.se.box();
  std::vector<Point> polygon = {{b.low, se.low}, {b.high, se.low}, {b.high, se.high}, {b.low, se.high}};
  for (const auto& plane : constraints(row)) polygon = clip(polygon, plane);
  if (polygon.empty()) return std::nullopt;
  return measure(polygon);
}

BinormalRoc binormal_roc(const GroupSummary& diseased, const GroupSummary& healthy, double cut) {
  BinormalRoc roc;
  roc.auc = binormal_auc(healthy.mean - diseased.mean, diseased.sd, healthy.sd);
  roc.sens_at_cut = normal_cdf((cut - diseased.mean) / diseased.sd);
  roc.spec_at_cut = 1 - normal_cdf((cut - healthy.mean) / healthy.sd);
  const double reach = 4 * std::max(diseased.sd, healthy.sd), from = std::min(diseased.mean, healthy.mean) - reach;
  const double width = std::abs(healthy.mean - diseased.mean) + 2 * reach;
  for (int k = 0; k <= 20000; ++k) roc.max_youden = std::max(roc.max_youden, youden_at(diseased, healthy, from + width * k / 20000));
  return roc;
}

Interval binormal_auc_range(const PrintedGroup& diseased, const PrintedGroup& healthy) {
  const double gap = healthy.mean.value - diseased.mean.value, slack = healthy.mean.half_unit() + diseased.mean.half_unit();
  Interval range{1, 0};
  for (const double difference : {gap - slack, gap + slack})
    for (const double up : {-1.0, 1.0}) {
      const double auc =
          binormal_auc(difference, diseased.sd.value + up * diseased.sd.half_unit(), healthy.sd.value + up * healthy.sd.half_unit());
      range = {std::min(range.low, auc), std::max(range.high, auc)};
    }
  return range;
}

double hypergeometric_upper(double x, double n, double marked, double total) {
  const auto log_choose = [](double a, double b) { return std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1); };
  double sum = 0;
  for (double k = x; k <= std::min(n, marked); k += 1)
    if (n - k <= total - marked) sum += std::exp(log_choose(marked, k) + log_choose(total - marked, n - k) - log_choose(total, n));
  return std::min(1.0, sum);
}

double binomial_upper(double x, double n, double p) {
  if (x <= 0) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::binomial(n, p), x - 1));
}

}  // namespace cemscope::analysis
