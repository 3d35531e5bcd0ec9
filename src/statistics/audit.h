#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace cemscope::statistics {

/// The schema a file of printed figures must name: {schema, name, citation, groups: [2 names], items: [...]}. Every item has id, table, row
/// and kind; numbers that were printed are texts ("0.040"), because their decimals count; counts are numbers. Kinds:
/// two_by_two (counts [[group 1, group 2] per category], chi2, p), t_test (mean, sd, n per group, t and p or p_above, whole_numbers),
/// percentages (cells of count, n, printed; counts), coefficient (b, se, wald, odds_ratio, p, ci of the ratio, crude_direction),
/// roc (auc, standard_error, ci, cut, sens, spec, youden, n, groups = id of the t_test,
/// prevalence_events of prevalence_n), subset, note.
inline constexpr const char* kFactsSchema = "cemscope-paper-facts/1";

/// One figure or row of a paper, judged. The printed value is never changed.
struct AuditItem {
  std::string id, table, row;
  nlohmann::json printed, recomputed;
  std::string verdict;      ///< "reproduced", "not_reproducible", "impossible_for_integer_scale" ...
  std::string consequence;  ///< what follows, in a sentence; may be empty
};

struct Audit {
  std::string name, citation;
  std::vector<AuditItem> items;
};

/// Recomputes every item of a facts document. Throws Error{inconsistent} naming the item and field that cannot be used.
Audit audit_facts(const nlohmann::json& facts, const std::string& where);

/// The facts of a shipped paper by name, or of a file. Throws Error{unreadable}.
nlohmann::json load_facts(const std::string& name_or_path);

/// True for verdicts that say the printed figure stands as printed.
bool holds(const std::string& verdict);

nlohmann::json to_audit_json(const Audit& audit);

/// A table for people: what holds, what does not, and by how much.
std::string to_audit_text(const Audit& audit);

}  // namespace cemscope::statistics
