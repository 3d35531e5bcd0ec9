// The audit of the founding study against the reference's recomputation (scipy).
#include <fmt/format.h>

#include "src/statistics/audit.h"
#include "tests/golden/compare_json.h"

namespace cemscope {
namespace {

double tolerance_of(const std::string& path) {
  if (path.find("_refined") != std::string::npos || path.find("_range") != std::string::npos) return 2e-4;  // the reference searched a grid
  if (path.find("p_sim") != std::string::npos) return 0;                                                    // a simulation
  if (path.find("pv_at") != std::string::npos || path.find("max_youden") != std::string::npos) return 1e-4;  // ten digits, grid
  if (path.find("wilson") != std::string::npos || path.find("exact95") != std::string::npos) return 1e-7;    // ten digits
  if (path.find("p_binom") != std::string::npos) return 1e-3;                                                // five digits
  if (path.find("t_squared") != std::string::npos) return 1e-6;                                              // the square of five digits
  return 1e-8;
}

TEST(GoldenAudit, RecomputesTheFoundingStudy) {
  SKIP_WITHOUT_GOLDEN();
  const auto audit = statistics::audit_facts(statistics::load_facts("liu-2021"), "liu-2021");
  std::map<std::string, nlohmann::json> mine;
  for (const auto& item : audit.items) mine[item.id] = {{"verdict", item.verdict}, {"recomputed", item.recomputed}};
  golden::Comparison comparison;
  comparison.tolerance = tolerance_of;
  const auto reference = golden::load("expected/paper_audit.json");
  for (const auto& item : reference.at("items")) {
    const std::string id = item.at("id");
    ASSERT_TRUE(mine.contains(id)) << id;
    EXPECT_EQ(mine[id].at("verdict"), item.at("verdict")) << id;
    comparison.compare(mine[id].at("recomputed"), item.at("recomputed"), id);
  }
  for (const auto& path : comparison.missing) fmt::print("not in audit: {}\n", path);
  EXPECT_EQ(mine.size(), reference.at("items").size());
  EXPECT_GT(comparison.compared, 150u);
}

}  // namespace
}  // namespace cemscope
