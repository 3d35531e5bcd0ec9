#include "analysis/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace cemscope::analysis {

double normal_cdf(double z) {
  if (std::isinf(z)) return z > 0 ? 1.0 : 0.0;
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

double normal_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }

double normal_two_sided_p(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double t_two_sided_p(double t, double df) {
  if (std::isnan(t)) return t;
  if (std::isinf(t)) return 0.0;
  return 2.0 * boost::math::cdf(boost::math::complement(boost::math::students_t(df), std::abs(t)));
}

double t_quantile(double p, double df) { return boost::math::quantile(boost::math::students_t(df), p); }

double f_upper_p(double f, double df1, double df2) {
  if (std::isnan(f)) return f;
  if (std::isinf(f)) return 0.0;
  return boost::math::cdf(boost::math::complement(boost::math::fisher_f(df1, df2), f));
}

double chi_squared_upper_p(double x, double df) {
  if (std::isnan(x) || df <= 0.0) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(x)) return 0.0;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(df), std::max(0.0, x)));
}

double chi_squared_quantile(double p, double df) { return boost::math::quantile(boost::math::chi_squared(df), p); }

}  // namespace cemscope::analysis
