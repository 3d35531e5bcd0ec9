#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Core>

#include "analysis/logistic.h"

namespace cemscope::analysis {

/// Completed copies of a matrix with holes (NaN), by chained equations: each incomplete column is regressed on all others and the
/// outcome, binary columns (0/1 only) by logistic regression with a draw of the coefficients, others by predictive mean matching with
/// 5 donors (van Buuren 2018). `cycles` passes per copy. Deterministic in `seed`. A column without any known value is
/// std::invalid_argument.
struct ImputationOptions {
  int copies = 20;
  int cycles = 10;
  std::uint64_t seed = 1;
};
std::vector<Eigen::MatrixXd> impute(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const ImputationOptions& options);

/// Estimates pooled by Rubin's rules (1987), with Barnard & Rubin's (1999) degrees of freedom.
struct PooledFit {
  int copies = 0;
  Eigen::VectorXd coefficients, standard_errors, df, p, fraction_missing;
  Eigen::MatrixXd covariance;
};
/// `estimates` and `covariances` of the copies (two or more), `n` complete-data cases.
PooledFit pool_by_rubin(const std::vector<Eigen::VectorXd>& estimates, const std::vector<Eigen::MatrixXd>& covariances, double n);

}  // namespace cemscope::analysis
