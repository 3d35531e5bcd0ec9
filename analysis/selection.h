#pragma once

#include <vector>

#include "analysis/logistic.h"

namespace cemscope::analysis {

enum class SelectionRule { forward_lr, forward_wald, backward_lr, backward_wald };

struct SelectionStep {
  Eigen::Index column = 0;
  bool entered = true;
  double statistic = 0, p = 1;
};

struct SelectionResult {
  std::vector<Eigen::Index> kept;  ///< columns of x, in their order
  std::vector<SelectionStep> steps;
};

/// Stepwise selection with SPSS's defaults: enter at P < 0.05 by the score test, leave at P > 0.10 by the rule's test (likelihood ratio or
/// Wald). A candidate whose model has no finite estimate is passed over. For repeating old work only: its P values do not hold.
SelectionResult select_columns(const LogisticData& data, SelectionRule rule, double enter = 0.05, double leave = 0.10);

}  // namespace cemscope::analysis
