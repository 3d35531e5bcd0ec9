#include "analysis/splines.h"

#include <algorithm>
#include <cmath>

#include "analysis/calibration.h"

namespace cemscope::analysis {
namespace {

double cubed_above(double x) { return x > 0 ? x * x * x : 0; }

std::vector<double> knot_quantiles(int n_knots) {
  if (n_knots <= 3) return {0.10, 0.50, 0.90};
  if (n_knots == 4) return {0.05, 0.35, 0.65, 0.95};
  return {0.05, 0.275, 0.50, 0.725, 0.95};
}

}  // namespace

std::vector<double> default_knots(const Eigen::VectorXd& values, int n_knots) {
  std::vector<double> sorted(values.begin(), values.end()), knots;
  std::sort(sorted.begin(), sorted.end());
  for (const double q : knot_quantiles(n_knots)) knots.push_back(quantile_sorted(sorted, q));
  knots.erase(std::unique(knots.begin(), knots.end()), knots.end());
  return knots;
}

Eigen::MatrixXd spline_basis(const Eigen::VectorXd& values, const std::vector<double>& knots) {
  const std::size_t k = knots.size();
  Eigen::MatrixXd basis(values.size(), static_cast<Eigen::Index>(k - 1));
  basis.col(0) = values;
  const double last = knots[k - 1], before = knots[k - 2], unit = (last - knots[0]) * (last - knots[0]);
  for (std::size_t j = 0; j + 2 < k; ++j)
    basis.col(static_cast<Eigen::Index>(j + 1)) = values.unaryExpr([&](double x) {
      return (cubed_above(x - knots[j]) - cubed_above(x - before) * (last - knots[j]) / (last - before) +
              cubed_above(x - last) * (before - knots[j]) / (last - before)) /
             unit;
    });
  return basis;
}

}  // namespace cemscope::analysis
