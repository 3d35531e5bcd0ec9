#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "imaging/ct_parameters.h"

namespace cemscope::cohort {

/// One number of the definitions file: value with unit, permitted range, meaning and source.
struct Definition {
  double value = 0.0, min = 0.0, max = 0.0;
  std::string unit, meaning, source;
};

/// The versioned definitions file: every number that DEFINITIONS marks as a proposal, by name such as "leakage.min_leak_mm3".
/// Version and hash stand in every output.
struct Definitions {
  std::string version;
  std::string hash;  ///< "xxh3-128:<hex>" of the document's content, independent of white space
  std::map<std::string, Definition> by_name;
};

/// The definitions of `path`, or those shipped with the program when empty. The file must name every number of the shipped one, no
/// other, in the same unit and within the shipped range, and a version of its own.
/// Throws Error{unreadable} or Error{usage}, naming the number, the value found and the range.
Definitions load_definitions(const std::optional<std::filesystem::path>& path);

/// The same for a document in memory; `where` names it in messages.
Definitions parse_definitions(std::string_view json_text, const std::string& where);

/// The number of that name. It is a bug to ask for one that does not exist.
double value_of(const Definitions& definitions, const std::string& name);

/// The parameters of the CT reading with the definitions' values.
imaging::CtParameters ct_parameters(const Definitions& definitions);

}  // namespace cemscope::cohort
