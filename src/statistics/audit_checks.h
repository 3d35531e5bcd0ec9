#pragma once

#include <vector>

#include "src/statistics/audit.h"

namespace cemscope::statistics {

/// The checks by kind; each returns the item itself and whatever follows from it. `all` is the whole list of facts.
std::vector<AuditItem> check_two_by_two(const nlohmann::json& fact);
std::vector<AuditItem> check_t_test(const nlohmann::json& fact, const std::vector<std::string>& groups);
std::vector<AuditItem> check_percentages(const nlohmann::json& fact, const nlohmann::json& all);
std::vector<AuditItem> check_coefficient(const nlohmann::json& fact);
std::vector<AuditItem> check_roc(const nlohmann::json& fact, const nlohmann::json& all);
std::vector<AuditItem> check_subset(const nlohmann::json& fact);
std::vector<AuditItem> check_note(const nlohmann::json& fact);

}  // namespace cemscope::statistics
