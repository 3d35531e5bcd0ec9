#pragma once

#include <string>

namespace cemscope::report {

/// dictionary.csv: a row per column of every table: table, column, meaning, unit, values. Made from the same lists as the tables, so that
/// no column can be missing.
std::string dictionary_csv();

}  // namespace cemscope::report
