#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "src/statistics/table.h"

namespace cemscope::statistics {

/// What a column holds once coded.
enum class ColumnKind {
  binary,  ///< 0 and 1; other two-valued codes are kept in `values` and recoded for cross tables (higher code = exposed)
  continuous,
  category,  ///< text with 2 to 10 levels that are no yes/no words
  other      ///< identifiers, free text, constants
};

/// A column as numbers; missing cells are NaN (never shown).
struct CodedColumn {
  std::string name;
  ColumnKind kind = ColumnKind::other;
  std::vector<double> values;
  double low_code = 0, high_code = 1;  ///< of a binary column
  std::vector<std::string> levels;     ///< of a category, sorted; `values` are their indices
  std::size_t n_missing = 0;
};

/// The different values of a column, missing ones (NaN) aside: none, one, two, or more of which the extremes are known.
struct Codes {
  double low = 0, high = 0;
  int n_distinct = 0;  ///< 3: three or more
};
Codes codes_of(const std::vector<double>& values);

/// Codes one column for description; never throws: what cannot be used is `other`.
CodedColumn code_column(const Table& table, std::size_t column);

/// A column that must be numeric (yes/no words count as 1/0). Throws Error{inconsistent} naming row, column and text otherwise.
std::vector<double> numeric_column(const Table& table, const std::string& name);

/// The outcome as 0/1: of two numeric codes the higher is the event (as SPSS does), yes/no words by their meaning. Missing = NaN.
/// Throws Error{inconsistent} for more than two values.
std::vector<double> outcome_column(const Table& table, const std::string& name);

/// Weights: numeric, > 0, none missing; else Error naming row and column.
std::vector<double> weight_column(const Table& table, const std::string& name);

/// The column that holds patients' identifiers, by its usual names, or empty.
std::optional<std::string> identifier_column(const Table& table);

/// Throws Error{inconsistent} naming two rows when an identifier occurs twice.
void require_unique_patients(const Table& table);

/// The contract name ("leakage", "bmd_t_score", ...) of a column named in one of the usual ways (leak, t_score, 骨水泥渗漏 ...), or empty.
std::string contract_name(const std::string& column);

/// The columns of `table` that stand for the contract's inputs, in the contract's order of the founding study; shorter when some lack.
std::vector<std::string> contract_columns(const Table& table);

/// The outcome column by its usual names (poor, outcome, 疗效), or empty.
std::optional<std::string> usual_outcome(const Table& table);

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace cemscope::statistics
