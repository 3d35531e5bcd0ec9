#pragma once

#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "analysis/contingency.h"
#include "analysis/logistic.h"
#include "analysis/two_groups.h"
#include "src/statistics/table.h"

namespace cemscope::statistics {

struct UnivariateBinary {
  std::string name;  ///< column, or column_level of a category
  analysis::TwoByTwoAnalysis result;
};

struct UnivariateContinuous {
  std::string name;
  analysis::TwoGroupAnalysis result;
};

struct UnivariateLogistic {
  std::string name;
  analysis::RFit fit;
};

/// A category of three or more levels against the outcome.
struct UnivariateCategory {
  std::string name;
  std::vector<std::string> levels;
  std::vector<double> in_events, in_others;
  analysis::TestResult pearson;
};

/// The study's Tables 2 and 4 for any cohort: every usable column against the outcome, each on the rows where both are known.
struct Univariate {
  std::vector<UnivariateBinary> binary;
  std::vector<UnivariateContinuous> continuous;
  std::vector<UnivariateLogistic> logistic;
  std::vector<UnivariateCategory> categories;
  std::vector<std::string> skipped;  ///< "column: why"
};

/// A column beside the outcome in the rows where both are known.
struct KnownRows {
  Eigen::VectorXd x, y;
  std::optional<Eigen::VectorXd> weights;
  [[nodiscard]] const Eigen::VectorXd* weights_or_null() const { return weights ? &*weights : nullptr; }
};
KnownRows known_rows(const std::vector<double>& values, const std::vector<double>& outcome, const std::vector<double>& weights);

/// `outcome` per row, NaN = missing; `weights` per row or empty; columns named in `leave_out` are not analysed.
Univariate analyse_columns(const Table& table, const std::vector<double>& outcome, const std::vector<double>& weights,
                           const std::vector<std::string>& leave_out);

}  // namespace cemscope::statistics
