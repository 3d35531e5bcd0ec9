#pragma once

#include <functional>

namespace cemscope::analysis {

/// Root of `f` between a and b (opposite signs) by Brent's method (1973) with the steps and the stopping rule of R's uniroot, whose
/// default tolerance is epsilon^(1/4) = 1.2e-4. Only where R's printed digits are wanted.
double brent_root_as_r(const std::function<double(double)>& f, double a, double b);

}  // namespace cemscope::analysis
