#pragma once

namespace cemscope::analysis {

/// Upper tails and quantiles (Boost.Math, double precision, no promotion). Infinite statistics give the limit; NaN gives NaN.
double normal_cdf(double z);
double normal_quantile(double p);     ///< p in (0, 1)
double normal_two_sided_p(double z);  ///< P(|Z| >= |z|)
double t_two_sided_p(double t, double df);
double t_quantile(double p, double df);
double f_upper_p(double f, double df1, double df2);
double chi_squared_upper_p(double x, double df);  ///< x < 0 by rounding counts as 0
double chi_squared_quantile(double p, double df);

}  // namespace cemscope::analysis
