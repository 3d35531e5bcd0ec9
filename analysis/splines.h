#pragma once

#include <vector>

#include <Eigen/Core>

namespace cemscope::analysis {

/// Knots of a restricted cubic spline at Harrell's quantiles for 3, 4 or 5 knots (type 7); fewer come back when values coincide.
std::vector<double> default_knots(const Eigen::VectorXd& values, int n_knots);

/// Restricted cubic spline basis (Stone & Koo; Harrell): first column the value itself, then knots - 2 columns, scaled by the squared
/// range of the knots so that they keep the value's unit; linear beyond the outer knots. Needs 3 or more increasing knots.
Eigen::MatrixXd spline_basis(const Eigen::VectorXd& values, const std::vector<double>& knots);

}  // namespace cemscope::analysis
