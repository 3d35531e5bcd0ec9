#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace cemscope::commands {

/// `cemscope audit [liu-2021|FACTS.json] [--results FILE.json]`
struct AuditArguments {
  std::string facts = "liu-2021";                ///< a shipped paper or a file of printed figures (schema cemscope-paper-facts/1)
  std::optional<std::filesystem::path> results;  ///< the same as JSON
};

/// Recomputes a paper's printed tables and says on stdout which figures hold. Returns 0 whatever the paper is worth.
/// Throws Error for a facts file that cannot be used.
int run_audit(const AuditArguments& arguments);

}  // namespace cemscope::commands
