#include "analysis/brent.h"

#include <cmath>
#include <limits>
#include <utility>

namespace cemscope::analysis {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

struct Bracket {
  double a, b, c, fa, fb, fc;  // b the best guess, c on the other side of the root
};

// Interpolated step from b: secant with two points, inverse quadratic with three; p / q.
std::pair<double, double> interpolate(const Bracket& k) {
  const double half = k.c - k.b;
  double p = 0, q = 0;
  if (k.a == k.c) {
    const double t1 = k.fb / k.fa;
    p = half * t1;
    q = 1 - t1;
  } else {
    const double r = k.fa / k.fc, t1 = k.fb / k.fc, t2 = k.fb / k.fa;
    p = t2 * (half * r * (r - t1) - (k.b - k.a) * (t1 - 1));
    q = (r - 1) * (t1 - 1) * (t2 - 1);
  }
  return p > 0 ? std::pair{p, -q} : std::pair{-p, q};
}

double next_step(const Bracket& k, double previous, double tolerance) {
  double step = (k.c - k.b) / 2;
  if (std::abs(previous) >= tolerance && std::abs(k.fa) > std::abs(k.fb)) {
    const auto [p, q] = interpolate(k);
    if (p < 0.75 * (k.c - k.b) * q - std::abs(tolerance * q) / 2 && p < std::abs(previous * q / 2)) step = p / q;
  }
  return std::abs(step) < tolerance ? std::copysign(tolerance, step) : step;
}

}  // namespace

double brent_root_as_r(const std::function<double(double)>& f, double a, double b) {
  const double wanted = std::pow(kEpsilon, 0.25);
  Bracket k{a, b, a, f(a), f(b), 0};
  k.fc = k.fa;
  if (k.fa == 0) return a;
  if (k.fb == 0) return b;
  for (int iteration = 0; iteration < 1000; ++iteration) {
    const double previous = k.b - k.a;
    if (std::abs(k.fc) < std::abs(k.fb)) k = {k.b, k.c, k.b, k.fb, k.fc, k.fb};
    const double tolerance = 2 * kEpsilon * std::abs(k.b) + wanted / 2;
    if (std::abs((k.c - k.b) / 2) <= tolerance || k.fb == 0) return k.b;
    const double step = next_step(k, previous, tolerance);
    k.a = k.b;
    k.fa = k.fb;
    k.b += step;
    k.fb = f(k.b);
    if ((k.fb > 0) == (k.fc > 0)) {
      k.c = k.a;
      k.fc = k.fa;
    }
  }
  return k.b;
}

}  // namespace cemscope::analysis
