#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "src/statistics/fit_options.h"
#include "src/statistics/report_words.h"
#include "src/statistics/table.h"

namespace cemscope::statistics {

/// What a column of the design is.
enum class TermKind { value, level, spline_part, missing };

/// How a column of the design came from the table.
struct Term {
  std::string name;    ///< as in results: column, column_level, column_missing, or column's spline parts "column'", "column''"
  std::string column;  ///< of the table
  std::string base;    ///< name of the value or level whose spline part or missing indicator this is; its own name else
  TermKind kind = TermKind::value;
  [[nodiscard]] bool is_plain() const { return kind == TermKind::value && !is_spline; }
  bool is_spline = false;  ///< the linear part of a spline
};

/// What a value or level looked like in the rows used, before anything was filled in or bent.
struct BaseFacts {
  std::string column, level;        ///< level: of a text column, empty else
  std::vector<std::string> levels;  ///< all of the column's, the first is the reference
  double low = 0, high = 0;
  bool is_binary = false;
  std::optional<double> fill;  ///< what a missing value was set to, with an indicator
  std::vector<double> knots;   ///< of a spline
};

/// Rows and columns ready for a fit.
struct FitData {
  std::string outcome;
  std::vector<Term> terms;
  std::map<std::string, BaseFacts> bases;  ///< by name
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  std::optional<Eigen::VectorXd> weights;
  std::vector<int> cluster;                      ///< per row, 0-based
  std::vector<std::size_t> rows;                 ///< indices into the table
  std::size_t n_dropped = 0;                     ///< rows left out for a missing outcome or predictor
  std::vector<std::string> constant, dependent;  ///< terms taken out
  std::vector<Note> notes;                       ///< what was done about missing values, codes, sampling
  bool has_missing_predictors = false;           ///< NaN left in x for multiple imputation

  [[nodiscard]] const Eigen::VectorXd* weights_or_null() const { return weights ? &*weights : nullptr; }
  [[nodiscard]] std::vector<std::string> names() const;
};

/// Fills in the outcome and predictors the user left open. Throws Error{usage} when they cannot be guessed, are not in the table, or the
/// outcome is among the predictors.
FitOptions complete_options(const Table& table, FitOptions options);

/// Throws Error{inconsistent} naming row and column for text in a number, weights <= 0 and duplicate patients (unless a cluster column is
/// named).
void check_table(const Table& table, const FitOptions& options);

/// The design by the options (completed ones). Takes the table: the memory of a column is given back as soon as it stands in the design.
/// Throws as check_table, and Error{inconsistent} when no row or no predictor is left.
FitData build_fit_data(Table table, const FitOptions& options);

/// A random case-control sample: all cases, `per_case` controls each, equal in the columns `match`; deterministic in `seed`. Returns the
/// rows in file order. Throws Error{inconsistent} when there are too few controls.
Table sample_controls(const Table& table, const std::string& outcome, int per_case, const std::vector<std::string>& match,
                      std::uint64_t seed);

}  // namespace cemscope::statistics
