#include "src/commands/predict.h"

#include <cmath>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "src/report/atomic_file.h"
#include "src/report/csv_cell.h"
#include "src/statistics/model_file.h"
#include "src/statistics/predict_table.h"

namespace cemscope::commands {
namespace {

// Shortest text that reads back as the same number.
std::string exact(double value) { return std::isfinite(value) ? fmt::format("{}", value) : std::string(); }

std::vector<std::string> header(const analysis::RiskModel& model) {
  std::vector<std::string> cells = {"patient_id",
                                    "lp_case_control",
                                    "p_case_control",
                                    "lp_population",
                                    "p_population",
                                    "se_lp_independent",
                                    "p_population_lo",
                                    "p_population_hi",
                                    "in_range",
                                    "se_lp_bound",
                                    "p_population_lo_bound",
                                    "p_population_hi_bound",
                                    "risk_if_adjacent_fracture",
                                    "prevalence",
                                    "model",
                                    "missing",
                                    "warnings",
                                    "error"};
  for (const auto& input : model.inputs) cells.push_back("contribution_" + input.name);
  return cells;
}

std::vector<std::string> cells_of(const statistics::PredictedRow& row, const analysis::RiskModel& model) {
  std::vector<std::string> cells = {report::text_cell(row.id)};
  if (!row.estimate) {
    cells.resize(17);
    cells[14] = report::text_cell(model.name);
    cells.push_back(report::text_cell(row.error));
    cells.resize(18 + model.inputs.size());
    return cells;
  }
  const auto& e = *row.estimate;
  for (const double v : {e.lp_sample, e.risk_sample, e.lp, e.risk, e.se_lp, e.low, e.high}) cells.push_back(exact(v));
  cells.push_back(e.in_range ? "yes" : "no");
  for (const double v : {e.se_lp_bound, e.low_bound, e.high_bound}) cells.push_back(exact(v));
  cells.push_back(e.risk_if_adjacent_fracture ? exact(*e.risk_if_adjacent_fracture) : std::string());
  cells.push_back(exact(e.prevalence));
  cells.push_back(report::text_cell(model.name));
  cells.push_back(report::list_cell(e.missing));
  cells.push_back(report::list_cell(e.warnings));
  cells.emplace_back();
  for (const auto& c : e.contributions) cells.push_back(exact(c.contribution));
  return cells;
}

}  // namespace

int run_predict(const PredictArguments& arguments) {
  const auto model = statistics::load_model(arguments.model);
  for (const auto& warning : model.warnings) spdlog::warn("model {}: {}", model.name, warning);
  const auto table = statistics::read_table(arguments.features);
  const auto rows = statistics::predict_table(table, model, {arguments.prevalence, arguments.stage});
  std::string csv = report::csv_line(header(model));
  std::size_t failed = 0;
  for (const auto& row : rows) {
    csv += report::csv_line(cells_of(row, model));
    failed += !row.estimate;
    if (!row.estimate) spdlog::error("{}", row.error);
  }
  report::write_file(arguments.output, csv);
  spdlog::info("{} of {} rows scored with {}", rows.size() - failed, rows.size(), model.name);
  return failed > 0 ? 3 : 0;
}

}  // namespace cemscope::commands
