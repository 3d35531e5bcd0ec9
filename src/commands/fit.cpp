#include "src/commands/fit.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include "src/report/atomic_file.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "src/statistics/fit_model.h"
#include "src/statistics/fit_report.h"
#include "src/statistics/model_file.h"

namespace cemscope::commands {
namespace {

void print_summary(const statistics::FitAnalysis& a) {
  fmt::print("{} patients, {} events, {} predictors; estimate: {}\n", a.ml.fit.n, a.ml.fit.events, a.data.terms.size(),
             a.pooled       ? "pooled over imputations"
             : a.uses_firth ? "Firth (" + a.uses_firth_because + ")"
                            : "maximum likelihood");
  for (std::size_t j = 0; j < a.data.terms.size(); ++j)
    fmt::print("  {:28s} b {:+.4f}  OR {:.3f}\n", a.data.terms[j].name, a.coefficients()(Eigen::Index(j) + 1),
               std::exp(a.coefficients()(Eigen::Index(j) + 1)));
  if (a.ml.performance) fmt::print("  area under the curve {:.3f}", a.ml.performance->roc.auc);
  if (a.ml.performance && a.bootstrap && a.bootstrap->used > 0)
    fmt::print(", corrected for optimism {:.3f}, slope {:.2f}", a.bootstrap->corrected_auc, a.bootstrap->corrected_slope);
  fmt::print("\n");
}

}  // namespace

int run_fit(const FitArguments& arguments) {
  const auto table = statistics::read_table(arguments.cohort);
  const auto a = statistics::analyse_cohort(table, arguments.options);
  for (const auto& warning : a.warnings) spdlog::warn("{}", warning);
  if (arguments.results) report::write_file(*arguments.results, statistics::to_results_json(a).dump(1) + "\n");
  if (const auto refusal = statistics::refusal_sentence(a); !refusal.empty()) {
    spdlog::error("{}", refusal);
    return 2;
  }
  print_summary(a);
  if (arguments.model) statistics::write_model(statistics::model_of(a, statistics::fingerprint(table)), *arguments.model);
  if (arguments.report)
    statistics::write_fit_report(
        a, *arguments.report,
        arguments.language == ReportLanguage::chinese ? statistics::Language::chinese : statistics::Language::english);
  return 0;
}

}  // namespace cemscope::commands
