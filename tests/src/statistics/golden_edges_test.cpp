// Parts of the reference that are not a whole analysis: ROC sets, single tables, 60-digit fits.
#include "analysis/contingency.h"
#include "analysis/logistic.h"
#include "analysis/roc.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "tests/golden/compare_json.h"

namespace cemscope {
namespace {

using analysis::RocDirection;

Eigen::VectorXd column(const statistics::Table& table, const std::string& name) {
  const auto values = statistics::numeric_column(table, name);
  return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

statistics::Table table_of(const std::string& name) { return statistics::read_table(golden::folder() / "data" / (name + ".csv")); }

golden::Comparison strict() {
  golden::Comparison comparison;
  comparison.tolerance = [](const std::string& path) { return path.ends_with("_p") || path.ends_with("/p") ? 1e-8 : 1e-9; };
  return comparison;
}

RocDirection direction_of(const nlohmann::json& expected) {
  return expected.at("direction") == "<" ? RocDirection::larger : RocDirection::smaller;
}

void compare_roc(const std::string& set, const std::string& outcome, const std::string& score, const std::string& name) {
  const auto table = table_of(set);
  const auto reference = golden::load("expected/" + set + ".json");
  const auto& expected = reference.at(name);
  auto comparison = strict();
  const auto roc = analysis::analyse_roc(column(table, score), column(table, outcome), direction_of(expected));
  comparison.compare(statistics::roc_json(roc, true), expected, set + "/" + name);
  EXPECT_GT(comparison.compared, 15u);
}

TEST(GoldenRoc, SubarachnoidHaemorrhage) {
  SKIP_WITHOUT_GOLDEN();
  for (const char* score : {"s100b", "ndka", "wfns"}) compare_roc("pub_asah", "poor", score, score);
}

TEST(GoldenRoc, Ties) {
  SKIP_WITHOUT_GOLDEN();
  compare_roc("edge_roc_ties", "y", "score", "score_larger");
  compare_roc("edge_roc_ties", "y", "down", "down_smaller");
  const auto table = table_of("edge_roc_ties");
  const auto reference = golden::load("expected/edge_roc_ties.json");
  auto comparison = strict();
  comparison.compare(statistics::roc_json(analysis::analyse_roc(column(table, "score"), column(table, "y"), RocDirection::smaller), false),
                     reference.at("wrong_direction"), "wrong");
  EXPECT_EQ(comparison.compared, 3u);
}

TEST(GoldenRoc, PairedDeLong) {
  SKIP_WITHOUT_GOLDEN();
  const auto table = table_of("pub_asah");
  const auto reference = golden::load("expected/pub_asah.json");
  const auto compare = [&](const char* a, const char* b, const char* name) {
    const auto paired = analysis::compare_paired_roc(column(table, a), column(table, b), column(table, "poor"));
    golden::expect_close(std::abs(paired.z), std::abs(reference.at(name).at("z").get<double>()), 1e-9, name);
    golden::expect_close(paired.p, reference.at(name).at("p").get<double>(), 1e-8, name);
  };
  compare("wfns", "s100b", "delong_wfns_vs_s100b");
  compare("s100b", "ndka", "delong_s100b_vs_ndka");
}

void compare_table(const std::string& set, const std::string& x, const std::optional<std::string>& weights) {
  statistics::FitOptions options;
  options.outcome = "y";
  options.predictors = {x};
  options.bootstraps = 0;
  options.weights = weights;
  const auto results = statistics::to_results_json(statistics::analyse_cohort(table_of(set), options));
  auto comparison = strict();
  const auto reference = golden::load("expected/" + set + ".json");
  comparison.compare(results.at("univariate").at("binary").at(x), reference.at("univariate_b"), set);
  EXPECT_GT(comparison.compared, 15u);
}

TEST(GoldenTables, ZeroCellsSeparationAndFrequencies) {
  SKIP_WITHOUT_GOLDEN();
  compare_table("edge_zero_cell", "b", std::nullopt);
  compare_table("edge_sep_quasi", "b", std::nullopt);
  compare_table("edge_freq_weights", "b", "freq");
}

TEST(GoldenFits, SixtyDigitNewton) {
  SKIP_WITHOUT_GOLDEN();
  const auto reference = golden::load("expected/mpmath_20_digits.json");
  std::size_t sets = 0;
  for (const auto& [set, expected] : reference.items()) {
    const auto table = table_of(set);
    const auto names = expected.at("names").get<std::vector<std::string>>();
    Eigen::MatrixXd x(Eigen::Index(table.n_rows()), Eigen::Index(names.size()) - 1);
    for (std::size_t j = 1; j < names.size(); ++j) x.col(Eigen::Index(j) - 1) = column(table, names[j]);
    const std::string outcome = table.find("poor") ? "poor" : table.find("low") ? "low" : table.find("GRADE") ? "GRADE" : "y";
    const Eigen::VectorXd y = column(table, outcome);
    const auto fit = analysis::fit_logistic({x, y});
    const double tolerance = set.find("bad_scale") != std::string::npos || set.find("collinear") != std::string::npos ? 1e-9 : 1e-12;
    for (std::size_t j = 0; j < names.size(); ++j) {
      golden::expect_close(fit.coefficients(Eigen::Index(j)), std::stod(expected.at("coef").at(j).get<std::string>()), tolerance,
                           set + " " + names[j], 0.0);
      golden::expect_close(fit.standard_errors(Eigen::Index(j)), std::stod(expected.at("se").at(j).get<std::string>()), tolerance,
                           set + " se " + names[j], 0.0);
    }
    golden::expect_close(fit.loglik, std::stod(expected.at("loglik").get<std::string>()), 1e-12, set + " loglik");
    ++sets;
  }
  EXPECT_GE(sets, 3u);
}

TEST(GoldenTables, ChineseHeadersInBothEncodingsGiveTheSameFit) {
  SKIP_WITHOUT_GOLDEN();
  const auto plain = golden::load("expected/recon122.json");
  for (const char* file : {"recon122_zh_utf8bom", "recon122_zh_gb18030"}) {
    statistics::FitOptions options;
    options.bootstraps = 0;
    const auto results = statistics::to_results_json(statistics::analyse_cohort(table_of(file), options));
    golden::expect_close(results.at("multivariable").at("coef").at("骨水泥渗漏").get<double>(),
                         plain.at("multivariable").at("coef").at("leak").get<double>(), 1e-9, file);
    golden::expect_close(results.at("multivariable").at("se").at("骨密度T值").get<double>(),
                         plain.at("multivariable").at("se").at("t_score").get<double>(), 1e-9, file);
  }
}

}  // namespace
}  // namespace cemscope
