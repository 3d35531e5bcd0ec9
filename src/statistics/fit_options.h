#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cemscope::statistics {

/// Which estimate the model file and the tables use. `automatic`: Firth when separation is found or events per variable < 10.
enum class Penalty { automatic, none, firth };

/// What is done about missing predictor values. Nothing is dropped without being counted and said.
enum class MissingPolicy {
  complete_case,       ///< rows with any missing predictor are left out (SPSS's listwise)
  indicator,           ///< mean filled in, a column "<name>_missing" added
  multiple_imputation  ///< chained equations, outcome included, pooled by Rubin's rules
};

/// Stepwise selection for who must; the honest default is none.
enum class Selection { none, forward_lr, forward_wald, backward_lr, backward_wald };

/// How a published model is brought to the cohort: a new intercept, intercept and slope, or what the closed test advises.
enum class Recalibrate { intercept, slope, advised };

/// Everything `fit` can be told.
struct FitOptions {
  std::string outcome;                  ///< empty: the usual names
  std::vector<std::string> predictors;  ///< empty: the contract's inputs, when the table has them
  Penalty penalty = Penalty::automatic;
  MissingPolicy missing = MissingPolicy::complete_case;
  Selection selection = Selection::none;
  std::optional<std::string> weights;  ///< column of frequencies
  std::optional<std::string> cluster;  ///< column that says which rows belong to one patient
  std::vector<std::string> splines;    ///< continuous predictors to enter as restricted cubic splines with 4 knots
  std::optional<double> prevalence;    ///< of the population, for the prior correction of a case-control sample
  int controls_per_case = 0;           ///< > 0: a random case-control sample is drawn first
  std::vector<std::string> match;      ///< columns on which controls must equal their case
  int bootstraps = 200;
  std::optional<std::filesystem::path> bootstrap_index;  ///< file of 1-based rows, one resample a line
  int imputations = 20;
  std::string published = "liu-2021";      ///< model to validate on the cohort: a shipped one or a file
  std::optional<Recalibrate> recalibrate;  ///< the model file is then the published model, recalibrated
  std::uint64_t seed = 20210722;
};

}  // namespace cemscope::statistics
