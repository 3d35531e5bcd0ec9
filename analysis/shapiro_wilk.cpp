// Shapiro and Wilk's W by Royston's approximation: Applied Statistics 44 (1995) 547-551, algorithm AS R94. The constants are his.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "analysis/distributions.h"
#include "analysis/two_groups.h"

namespace cemscope::analysis {
namespace {

template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  double value = 0.0;
  for (std::size_t i = N; i-- > 0;) value = value * x + c[i];
  return value;
}

// Coefficients of the lower half of the order statistics, positive, largest first.
std::vector<double> half_weights(std::size_t n) {
  const std::size_t half = n / 2;
  if (n == 3) return {std::numbers::sqrt2 / 2};
  constexpr std::array<double, 6> kC1{0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056};
  constexpr std::array<double, 6> kC2{0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633};
  std::vector<double> m(half);
  double sum = 0.0;
  for (std::size_t i = 0; i < half; ++i) {
    m[i] = normal_quantile((static_cast<double>(i) + 1 - 0.375) / (static_cast<double>(n) + 0.25));
    sum += m[i] * m[i];
  }
  sum *= 2;
  const double root = std::sqrt(sum), inverse_root_n = 1 / std::sqrt(static_cast<double>(n));
  const double a1 = polynomial(kC1, inverse_root_n) - m[0] / root;
  std::vector<double> a(half);
  const bool two = n > 5;
  const double a2 = two ? -m[1] / root + polynomial(kC2, inverse_root_n) : 0.0;
  const double factor = two ? std::sqrt((sum - 2 * m[0] * m[0] - 2 * m[1] * m[1]) / (1 - 2 * a1 * a1 - 2 * a2 * a2))
                            : std::sqrt((sum - 2 * m[0] * m[0]) / (1 - 2 * a1 * a1));
  for (std::size_t i = 0; i < half; ++i) a[i] = -m[i] / factor;
  a[0] = a1;
  if (two) a[1] = a2;
  return a;
}

// 1 - W of sorted values, computed without cancellation.
double one_minus_w(const std::vector<double>& x, const std::vector<double>& a) {
  const std::size_t n = x.size();
  const double range = x.back() - x.front();
  const auto weight = [&](std::size_t i) {
    if (i < a.size()) return -a[i];
    return n - 1 - i < a.size() ? a[n - 1 - i] : 0.0;
  };
  double mean_x = 0, mean_a = 0;
  for (std::size_t i = 0; i < n; ++i) {
    mean_x += x[i] / range / static_cast<double>(n);
    mean_a += weight(i) / static_cast<double>(n);
  }
  double saa = 0, sxx = 0, sax = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double da = weight(i) - mean_a, dx = x[i] / range - mean_x;
    saa += da * da;
    sxx += dx * dx;
    sax += da * dx;
  }
  const double root = std::sqrt(saa * sxx);
  return (root - sax) * (root + sax) / (saa * sxx);
}

double p_of_w(double w1, std::size_t size) {
  const double n = static_cast<double>(size);
  if (size == 3) {
    const double p = 6 / std::numbers::pi * (std::asin(std::sqrt(1 - w1)) - std::asin(std::sqrt(0.75)));
    return std::max(0.0, p);
  }
  double y = std::log(w1), mean = 0, sd = 1;
  if (size <= 11) {
    const double gamma = polynomial(std::array{-2.273, 0.459}, n);
    if (y >= gamma) return 1e-99;
    y = -std::log(gamma - y);
    mean = polynomial(std::array{0.544, -0.39978, 0.025054, -6.714e-4}, n);
    sd = std::exp(polynomial(std::array{1.3822, -0.77857, 0.062767, -0.0020322}, n));
  } else {
    const double ln = std::log(n);
    mean = polynomial(std::array{-1.5861, -0.31082, -0.083751, 0.0038915}, ln);
    sd = std::exp(polynomial(std::array{-0.4803, -0.082676, 0.0030302}, ln));
  }
  return 0.5 * std::erfc((y - mean) / sd / std::numbers::sqrt2);
}

}  // namespace

std::optional<double> shapiro_wilk_p(std::vector<double> values) {
  if (values.size() < 3 || values.size() > 5000) return std::nullopt;
  std::sort(values.begin(), values.end());
  const double range = values.back() - values.front();
  if (!(range > 0)) return std::nullopt;
  const double middle = values[values.size() / 2];
  for (auto& v : values) v -= middle;  // as R does, against cancellation
  return p_of_w(one_minus_w(values, half_weights(values.size())), values.size());
}

}  // namespace cemscope::analysis
