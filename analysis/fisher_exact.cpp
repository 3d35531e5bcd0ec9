#include "analysis/fisher_exact.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <boost/math/tools/roots.hpp>

#include "analysis/brent.h"

namespace cemscope::analysis {
namespace {

constexpr double kRelativeTolerance = 1.0 + 1e-7;  // R's fisher.test, so that equal tables count as equal
constexpr double kAlpha = 0.05;

// The noncentral hypergeometric law of x1_y1 given the margins.
class Support {
 public:
  explicit Support(const TwoByTwo& t) {
    const double m = t.x1_y1 + t.x0_y1, n = t.x1_y0 + t.x0_y0, k = t.x1_y1 + t.x1_y0;
    low_ = std::max(0.0, k - n);
    high_ = std::min(k, m);
    for (double x = low_; x <= high_ + 0.5; x += 1.0)
      log_density_.push_back(log_choose(m, x) + log_choose(n, k - x) - log_choose(m + n, k));
  }

  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

  [[nodiscard]] std::vector<double> density(double odds_ratio) const {
    std::vector<double> d(log_density_);
    if (odds_ratio == 0.0) {  // everything at the lowest count
      d.assign(d.size(), 0.0);
      d.front() = 1.0;
      return d;
    }
    for (std::size_t i = 0; i < d.size(); ++i) d[i] += std::log(odds_ratio) * (low_ + static_cast<double>(i));
    const double top = *std::max_element(d.begin(), d.end());
    double sum = 0.0;
    for (auto& v : d) sum += v = std::exp(v - top);
    for (auto& v : d) v /= sum;
    return d;
  }

  [[nodiscard]] double mean(double odds_ratio) const {
    const auto d = density(odds_ratio);
    double sum = 0.0;
    for (std::size_t i = 0; i < d.size(); ++i) sum += d[i] * (low_ + static_cast<double>(i));
    return sum;
  }

  // P(X <= x) or P(X >= x)
  [[nodiscard]] double tail(double x, double odds_ratio, bool upper) const {
    const auto d = density(odds_ratio);
    double sum = 0.0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      const double at = low_ + static_cast<double>(i);
      if (upper ? at >= x - 0.5 : at <= x + 0.5) sum += d[i];
    }
    return sum;
  }

 private:
  static double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }
  double low_ = 0, high_ = 0;
  std::vector<double> log_density_;
};

// Root of a monotone function of ln(odds ratio), to double precision.
double solve_fully(const std::function<double(double)>& f) {
  const auto of_log = [&](double b) { return f(std::exp(b)); };
  double low = -1.0, high = 1.0;
  while (of_log(low) * of_log(high) > 0.0 && high < 700.0) {
    low *= 2.0;
    high *= 2.0;
  }
  std::uintmax_t iterations = 200;
  const auto root = boost::math::tools::toms748_solve(of_log, low, high, boost::math::tools::eps_tolerance<double>(50), iterations);
  return std::exp(0.5 * (root.first + root.second));
}

// As fisher.test: the root in (0, 1) of the ratio, or of its inverse.
double solve_as_r(const std::function<double(double)>& f) {
  const double at_one = f(1.0);
  if (at_one == 0.0) return 1.0;
  const bool below_one = at_one * f(0.0) < 0.0;
  if (below_one) return brent_root_as_r(f, 0.0, 1.0);
  return 1.0 / brent_root_as_r([&](double t) { return f(1.0 / t); }, std::numeric_limits<double>::epsilon(), 1.0);
}

double two_sided_p(const Support& support, double x) {
  const auto d = support.density(1.0);
  const double limit = d[static_cast<std::size_t>(x - support.low())] * kRelativeTolerance;
  double p = 0.0;
  for (const double v : d)
    if (v <= limit) p += v;
  return std::min(1.0, p);
}

}  // namespace

FisherExact fisher_exact(const TwoByTwo& table, RootSearch search) {
  const Support support(table);
  const auto solve = search == RootSearch::full ? solve_fully : solve_as_r;
  const double x = table.x1_y1;
  FisherExact result;
  result.two_sided_p = two_sided_p(support, x);
  const bool at_low = x <= support.low(), at_high = x >= support.high();
  if (at_low) result.conditional_or = 0.0;
  if (at_low) result.ci_low = 0.0;
  if (!at_low && !at_high) result.conditional_or = solve([&](double odds) { return support.mean(odds) - x; });
  if (!at_low) result.ci_low = solve([&](double odds) { return support.tail(x, odds, true) - kAlpha / 2; });
  if (!at_high) result.ci_high = solve([&](double odds) { return support.tail(x, odds, false) - kAlpha / 2; });
  return result;
}

}  // namespace cemscope::analysis
