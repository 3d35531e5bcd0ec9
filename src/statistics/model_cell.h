#pragma once

#include <optional>
#include <string_view>

#include "analysis/risk.h"

namespace cemscope::statistics {

/// Which codes a column uses for a binary input: the contract's 0/1, or those of the table the model was fitted on.
enum class CellCodes { zero_one, as_fitted };

/// The input's value in a cell: a number, a yes/no word, or whether the cell says the input's level; empty when missing. Throws
/// std::invalid_argument with a sentence for anything else.
std::optional<double> value_in_cell(const analysis::RiskModelInput& input, std::string_view cell, CellCodes codes = CellCodes::zero_one);

}  // namespace cemscope::statistics
