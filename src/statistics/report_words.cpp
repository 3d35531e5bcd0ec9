#include "src/statistics/report_words.h"

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "src/statistics/cohort_data.h"

namespace cemscope::statistics {

std::string p_words(double p) {
  if (!std::isfinite(p)) return "";
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string term_label(const std::string& term, Language language) {
  struct Label {
    const char *english, *chinese;
  };
  static const std::map<std::string, Label> labels = {
      {"leakage", {"Cement leakage", "骨水泥渗漏"}},
      {"bmd_t_score", {"Bone density T-score (per SD)", "骨密度T值（每1 SD）"}},
      {"adjacent_fracture", {"Adjacent vertebral fracture", "邻近节段骨折"}},
      {"cement_ml", {"Cement volume (per mL)", "骨水泥注入量（每1 mL）"}},
      {"soft_tissue_injury", {"Soft tissue injury", "软组织损伤"}},
      {"distribution_unsatisfactory", {"Unsatisfactory cement distribution", "骨水泥分布欠佳"}}};
  const auto at = labels.find(contract_name(term));
  return at == labels.end() ? term : say(language, at->second.english, at->second.chinese);
}

}  // namespace cemscope::statistics
