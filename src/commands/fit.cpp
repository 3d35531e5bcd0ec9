#include "src/commands/fit.h"

#include <malloc.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include "src/report/atomic_file.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "src/statistics/fit_model.h"
#include "src/statistics/fit_report.h"
#include "src/statistics/model_file.h"
#include "src/statistics/recalibration.h"

namespace cemscope::commands {
namespace {

void print_summary(const statistics::FitAnalysis& a) {
  fmt::print("{} patients, {} events, {} predictors; estimate: {}\n", a.n_patients, a.n_events, a.data.terms.size(),
             a.imputed      ? "pooled over imputations"
             : a.uses_firth ? "Firth (" + a.uses_firth_because.english + ")"
                            : "maximum likelihood");
  for (std::size_t j = 0; j < a.data.terms.size(); ++j)
    fmt::print("  {:28s} b {:+.5g}  OR {:.4g}\n", a.data.terms[j].name, a.coefficients()(Eigen::Index(j) + 1),
               std::exp(a.coefficients()(Eigen::Index(j) + 1)));
  if (a.performance()) fmt::print("  area under the curve {:.3f}", a.performance()->roc.auc);
  if (const auto& optimism = a.optimism(); optimism && optimism->used > 0)
    fmt::print(", corrected for optimism {:.3f}, slope {:.2f}", optimism->corrected_auc, optimism->corrected_slope.value_or(0));
  fmt::print("\n");
}

void write_model_file(const statistics::FitAnalysis& a, const std::string& fingerprint, const std::filesystem::path& path) {
  const auto model = a.options.recalibrate ? statistics::recalibrated_model(a, fingerprint) : statistics::model_of(a, fingerprint);
  if (a.options.recalibrate) spdlog::info("{}: {}", model.name, model.intercept_origin);
  statistics::write_model(model, path);
}

}  // namespace

int run_fit(const FitArguments& arguments) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);  // columns of a large table go back to the system as soon as they are freed
  auto table = statistics::read_table(arguments.cohort);
  const auto fingerprint = arguments.model ? statistics::fingerprint(table) : std::string();
  const auto a = statistics::analyse_cohort(std::move(table), arguments.options);
  for (const auto& warning : a.warnings()) spdlog::warn("{}", warning);
  if (arguments.results) report::write_file(*arguments.results, statistics::to_results_json(a).dump(1) + "\n");
  if (const auto refusal = statistics::refusal_sentence(a); !refusal.empty()) {
    spdlog::error("{}", refusal);
    return 2;
  }
  print_summary(a);
  if (arguments.model) write_model_file(a, fingerprint, *arguments.model);
  if (arguments.report)
    statistics::write_fit_report(
        a, *arguments.report,
        arguments.language == ReportLanguage::chinese ? statistics::Language::chinese : statistics::Language::english);
  return 0;
}

}  // namespace cemscope::commands
