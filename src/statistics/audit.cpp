#include "src/statistics/audit.h"

#include <fstream>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/statistics/audit_checks.h"
#include "src/statistics/embedded.h"

namespace cemscope::statistics {
namespace {

using nlohmann::json;

std::vector<AuditItem> check(const json& fact, const json& all, const std::vector<std::string>& groups) {
  const std::string kind = fact.at("kind");
  if (kind == "two_by_two") return check_two_by_two(fact);
  if (kind == "t_test") return check_t_test(fact, groups);
  if (kind == "percentages") return check_percentages(fact, all);
  if (kind == "coefficient") return check_coefficient(fact);
  if (kind == "roc") return check_roc(fact, all);
  if (kind == "subset") return check_subset(fact);
  if (kind == "note") return check_note(fact);
  throw std::invalid_argument("kind \"" + kind + "\" is not known");
}

std::string printed_text(const AuditItem& item) {
  if (item.printed.is_string()) return item.printed.get<std::string>();
  std::string text;
  for (const char* name : {"chi2", "t", "auc", "b", "se", "wald", "odds_ratio", "p", "mean", "sd"})
    if (item.printed.contains(name))
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                          item.printed.at(name).is_string() ? item.printed.at(name).get<std::string>() : item.printed.at(name).dump());
  if (item.printed.contains("cells"))
    for (const auto& cell : item.printed.at("cells"))
      text += fmt::format("{}{}%", text.empty() ? "" : ", ", cell.at("printed").get<std::string>());
  return text;
}

std::string row_text(const AuditItem& item) {
  std::string words = item.verdict;
  for (auto& c : words)
    if (c == '_') c = ' ';
  std::string line = fmt::format("{} {} | {}{} | printed {}\n", holds(item.verdict) ? "holds " : "BREAKS", item.table,
                                 item.row.empty() ? "" : item.row + ": ", words, printed_text(item));
  if (!item.consequence.empty()) line += fmt::format("         {}\n", item.consequence);
  if (item.recomputed.is_string()) line += fmt::format("         {}\n", item.recomputed.get<std::string>());
  return line;
}

}  // namespace

bool holds(const std::string& verdict) {
  return verdict == "reproduced" || verdict == "reproduced_within_rounding" || verdict == "reproduced_exactly_from_rounded" ||
         verdict == "reproduced_p_gt_05" || verdict == "recomputed_only" || verdict == "note";
}

json load_facts(const std::string& name_or_path) {
  const auto& files = embedded_files();
  const auto shipped = files.find("audit/" + name_or_path + ".json");
  if (shipped != files.end()) return json::parse(shipped->second);
  std::ifstream in(name_or_path);
  if (!in) throw Error(ErrorKind::unreadable, fmt::format("{}: neither a shipped paper nor a readable file", name_or_path));
  try {
    return json::parse(in);
  } catch (const json::exception& e) {
    throw Error(ErrorKind::unreadable, fmt::format("{}: not JSON ({})", name_or_path, e.what()));
  }
}

namespace {

std::string id_of(const json& fact) {
  const bool has_id = fact.is_object() && fact.contains("id") && fact.at("id").is_string();
  return has_id ? fact.at("id").get<std::string>() : "?";
}

/// Numbers of an item are counts: those of a paper, not such that would keep the exact tests busy for hours.
void require_counts(const json& fact) {
  constexpr double kMost = 1e6;
  if (fact.is_number() && !(fact.get<double>() >= 0 && fact.get<double>() <= kMost))
    throw std::invalid_argument(fmt::format("{} is no count from 0 to {}", fact.dump(), kMost));
  if (!fact.is_structured()) return;
  for (const auto& part : fact) require_counts(part);
}

Audit head_of(const json& facts, const std::string& where, std::vector<std::string>& groups) {
  try {
    const std::string schema = facts.is_object() ? facts.value("schema", "") : "";
    if (schema != kFactsSchema)
      throw Error(ErrorKind::inconsistent, fmt::format("{}: schema is \"{}\", needed \"{}\"", where, schema, kFactsSchema));
    groups = facts.value("groups", groups);
    return {facts.value("name", ""), facts.value("citation", ""), {}};
  } catch (const json::exception& e) {
    throw Error(ErrorKind::inconsistent, fmt::format("{}: {}", where, e.what()));
  }
}

}  // namespace

Audit audit_facts(const json& facts, const std::string& where) {
  std::vector<std::string> groups{"group 1", "group 2"};
  Audit audit = head_of(facts, where, groups);
  if (groups.size() != 2) throw Error(ErrorKind::inconsistent, fmt::format("{}: \"groups\" needs two names", where));
  if (!facts.contains("items") || !facts.at("items").is_array())
    throw Error(ErrorKind::inconsistent, fmt::format("{}: \"items\" is missing", where));
  for (const auto& fact : facts.at("items")) {
    try {
      require_counts(fact);
      for (auto& item : check(fact, facts.at("items"), groups)) audit.items.push_back(std::move(item));
    } catch (const std::exception& e) {
      throw Error(ErrorKind::inconsistent, fmt::format("{}: item {}: {}", where, id_of(fact), e.what()));
    }
  }
  return audit;
}

json to_audit_json(const Audit& audit) {
  json j = {{"name", audit.name}, {"citation", audit.citation}, {"items", json::array()}};
  for (const auto& item : audit.items)
    j["items"].push_back({{"id", item.id},
                          {"where", item.table},
                          {"row", item.row},
                          {"printed", item.printed},
                          {"recomputed", item.recomputed},
                          {"verdict", item.verdict},
                          {"software_action", item.consequence}});
  return j;
}

std::string to_audit_text(const Audit& audit) {
  std::string text = fmt::format(
      "{} ({})\nPrinted figures are shown as printed; they are recomputed from the paper's own counts, means and deviations.\n\n",
      audit.name, audit.citation);
  std::size_t standing = 0;
  for (const auto& item : audit.items) {
    text += row_text(item);
    standing += holds(item.verdict);
  }
  return text + fmt::format("\n{} of {} items hold; {} do not.\n", standing, audit.items.size(), audit.items.size() - standing);
}

}  // namespace cemscope::statistics
