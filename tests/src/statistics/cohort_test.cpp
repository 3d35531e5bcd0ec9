#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <fstream>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "src/statistics/fit_model.h"
#include "src/statistics/fit_report.h"
#include "src/statistics/model_file.h"
#include "src/statistics/predict_table.h"
#include "src/statistics/recalibration.h"

namespace cemscope::statistics {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

// 40 patients, overlapping classes, one continuous and one binary predictor.
std::string cohort_text() {
  std::string text = "id,y,age,leak\n";
  for (int i = 0; i < 40; ++i) {
    const int y = (i * 7) % 5 < 2 ? 1 : 0;
    text += "P" + std::to_string(i) + "," + std::to_string(y) + "," + std::to_string(60 + (i * 13) % 17 + 3 * y) + "," +
            std::to_string((i * 3 + y) % 4 == 0 ? 1 : 0) + "\n";
  }
  return text;
}

FitOptions options() {
  FitOptions o;
  o.outcome = "y";
  o.predictors = {"age", "leak"};
  o.bootstraps = 20;
  return o;
}

std::string complaint(const std::string& text, const FitOptions& o) {
  try {
    (void)analyse_cohort(parse_table(text, "c.csv"), o);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

std::string with_line(const std::string& line) { return cohort_text() + line + "\n"; }

TEST(Table, ReadsQuotesBomAndSemicolons) {
  const auto t = parse_table("\xEF\xBB\xBF\"a\";b\n\"x; \"\"y\"\"\";2\r\n\n3;4\n", "t.csv");
  EXPECT_THAT(t.columns, testing::ElementsAre("a", "b"));
  EXPECT_EQ(t.cell(0, 0), "x; \"y\"");
  EXPECT_EQ(t.line(1), 4u);
}

TEST(Table, ReadsGb18030) {
  const auto t = parse_table("\xB1\xE0\xBA\xC5,x\n1,2\n", "t.csv");  // 编号
  EXPECT_EQ(t.columns[0], "编号");
}

TEST(Table, RefusesRaggedRowsAndTwinColumns) {
  EXPECT_THROW(parse_table("a,b\n1\n", "t.csv"), Error);
  EXPECT_THROW(parse_table("a,a\n1,2\n", "t.csv"), Error);
  EXPECT_THROW(parse_table("", "t.csv"), Error);
  EXPECT_THROW(parse_table("a,b\n", "t.csv"), Error);
}

// Every kind of text comes back as it was read, however the column is held.
TEST(Table, GivesBackEveryCellsText) {
  const std::vector<std::string> odd = {"007",
                                        "1.50",
                                        "1.5",
                                        "-0",
                                        "1e3",
                                        "123456789012345678",
                                        "0.30000000000000004",
                                        "+2",
                                        "",
                                        "NA",
                                        ".5",
                                        "5.",
                                        "-1.25",
                                        "9.999999",
                                        "0.1234567890123456",
                                        "12.10",
                                        "x",
                                        "-0.00",
                                        "1e-7",
                                        "100",
                                        "100000",
                                        "2.0001",
                                        "1E5",
                                        "00",
                                        "0.000000000000000000000000000000000001"};
  std::mt19937 random(3);
  for (const int decimals : {0, 1, 2, 6, 17}) {
    std::string text = "a,b\n";
    std::vector<std::string> written;
    for (int i = 0; i < 400; ++i) {
      written.push_back(i % 3 == 0 ? odd[random() % odd.size()] : fmt::format("{:.{}f}", std::ldexp(random(), -28) - 8, decimals));
      text += written.back() + ",1\n";
    }
    const auto table = parse_table(text, "t.csv");
    for (std::size_t row = 0; row < written.size(); ++row) {
      EXPECT_EQ(table.cell(row, 0), written[row]) << decimals;
      if (const auto number = table.number(row, 0)) {
        EXPECT_EQ(*number, parse_number(written[row])) << written[row];
      }
    }
  }
}

// A file is read in pieces; where they end must not matter.
TEST(Table, ReadsAFileLikeItsText) {
  std::string text = "\xEF\xBB\xBFid,\"te\"\"xt\",v\r\n";
  for (int i = 0; i < 9000; ++i) text += fmt::format("{},\"渗漏 \"\"{}\"\", a\n b\", {:.3f} \n", i, i % 7, i / 8.0);
  const auto path = std::filesystem::temp_directory_path() / fmt::format("cemscope-pieces-{}.csv", ::getpid());
  std::ofstream(path, std::ios::binary) << text;
  const auto from_file = read_table(path), from_text = parse_table(text, "t.csv");
  std::filesystem::remove(path);
  ASSERT_EQ(from_file.n_rows(), 9000u);
  EXPECT_EQ(from_file.cell(8999, 1), "渗漏 \"4\", a\n b");
  EXPECT_EQ(from_file.line(8999), from_text.line(8999));
  EXPECT_EQ(fingerprint(from_file), fingerprint(from_text));
}

TEST(Cell, NumbersWordsAndMissing) {
  EXPECT_EQ(parse_number("−3.1"), -3.1);
  EXPECT_FALSE(parse_number("3.1x").has_value());
  EXPECT_FALSE(parse_number("inf").has_value());
  EXPECT_EQ(parse_yes_no("有"), 1.0);
  EXPECT_TRUE(is_missing("n/a"));
  EXPECT_FALSE(is_missing("0"));
}

TEST(BadInput, TextInANumberNamesRowAndColumn) {
  EXPECT_THAT(complaint(with_line("P99,1,old,0"), options()), AllOf(HasSubstr("row 42"), HasSubstr("age")));
}

TEST(BadInput, UnknownColumnListsThoseThereAre) {
  auto o = options();
  o.predictors = {"weight"};
  EXPECT_THAT(complaint(cohort_text(), o), AllOf(HasSubstr("weight"), HasSubstr("age")));
}

TEST(BadInput, OutcomeAmongThePredictors) {
  auto o = options();
  o.predictors.push_back("y");
  EXPECT_THAT(complaint(cohort_text(), o), HasSubstr("among the predictors"));
}

TEST(BadInput, DuplicatePatientsNameBothRows) {
  EXPECT_THAT(complaint(with_line("P0,1,70,0"), options()), AllOf(HasSubstr("row 42"), HasSubstr("row 2")));
  auto o = options();
  o.cluster = "id";
  EXPECT_EQ(complaint(with_line("P0,1,70,0"), o), "");
}

TEST(BadInput, WeightsMustBePositive) {
  auto o = options();
  o.weights = "leak";
  o.predictors = {"age"};
  EXPECT_THAT(complaint(cohort_text(), o), AllOf(HasSubstr("weight"), HasSubstr("leak")));
}

TEST(BadInput, ThreeOutcomeValues) { EXPECT_THAT(complaint(with_line("P99,0.5,70,0"), options()), HasSubstr("more than two values")); }

TEST(BadInput, OneClassIsRefusedWithASentence) {
  std::string text = "id,y,age\n";
  for (int i = 0; i < 10; ++i) text += std::to_string(i) + ",1," + std::to_string(60 + i) + "\n";
  auto o = options();
  o.predictors = {"age"};
  const auto a = analyse_cohort(parse_table(text, "c.csv"), o);
  EXPECT_EQ(a.status, "single_outcome_class");
  EXPECT_THAT(refusal_sentence(a), HasSubstr("every patient"));
}

TEST(Missing, RowsAreCountedNotSilentlyDropped) {
  const auto a = analyse_cohort(parse_table(with_line("P99,1,,0"), "c.csv"), options());
  EXPECT_EQ(a.data.n_dropped, 1u);
  EXPECT_THAT(a.warnings(), Contains(HasSubstr("1 of 41 rows")));
}

TEST(Missing, ImputationUsesAllRows) {
  auto o = options();
  o.missing = MissingPolicy::multiple_imputation;
  o.imputations = 5;
  const auto a = analyse_cohort(parse_table(with_line("P99,1,,0"), "c.csv"), o);
  ASSERT_TRUE(a.imputed.has_value());
  EXPECT_EQ(a.imputed->pooled.copies, 5);
}

TEST(Missing, ImputationGoesWithSplinesAndSelection) {
  std::string text = "id,y,age,leak\n";
  for (int i = 0; i < 90; ++i)
    text += std::to_string(i) + "," + std::to_string((i * 7) % 5 < 2 ? 1 : 0) + "," +
            (i % 9 == 4 ? "" : std::to_string(60 + (i * 13) % 31)) + "," + std::to_string((i * 3) % 4 == 0 ? 1 : 0) + "\n";
  auto o = options();
  o.missing = MissingPolicy::multiple_imputation;
  o.imputations = 4;
  o.splines = {"age"};
  const auto with_splines = analyse_cohort(parse_table(text, "c.csv"), o);
  ASSERT_TRUE(with_splines.imputed.has_value());
  EXPECT_EQ(with_splines.imputed->pooled.coefficients.size(), 5);
  o.selection = Selection::forward_lr;
  o.predictors = {"age", "leak"};
  try {
    EXPECT_TRUE(analyse_cohort(parse_table(text, "c.csv"), o).imputed.has_value());
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("keeps no predictor"));
  }
}

// A cohort with a true effect, holes and few events.
std::string cohort_with_holes(int n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::string text = "id,y,a,b,c\n";
  for (int i = 0; i < n; ++i) {
    const double a = normal(random), b = normal(random) + 0.5 * a;
    const int c = uniform(random) < 0.4, y = uniform(random) < 1 / (1 + std::exp(-(0.9 * a + 0.5 * c - 1)));
    text += fmt::format("{},{},{},{:.3f},{}\n", i, y, uniform(random) < 0.2 ? std::string("NA") : fmt::format("{:.3f}", a), b, c);
  }
  return text;
}

FitOptions options_with_holes() {
  FitOptions o;
  o.outcome = "y";
  o.predictors = {"a", "b", "c"};
  o.missing = MissingPolicy::multiple_imputation;
  o.imputations = 5;
  o.bootstraps = 30;
  return o;
}

TEST(Resampling, ImputationIsRepeatedInEveryResample) {
  const auto a = analyse_cohort(parse_table(cohort_with_holes(200, 5), "c.csv"), options_with_holes());
  ASSERT_TRUE(a.own_bootstrap && a.own_performance);
  EXPECT_EQ(a.own_bootstrap->used, 30);
  EXPECT_GT(a.own_bootstrap->optimism_auc, 0);
  EXPECT_LT(a.own_bootstrap->corrected_slope.value(), 1);
  EXPECT_NEAR(a.own_performance->roc.n_pos + a.own_performance->roc.n_neg, 200, 1e-9);  // all patients, not the complete ones
  EXPECT_NEAR(a.own_bootstrap->apparent_auc, a.own_performance->roc.auc, 0.02);
}

TEST(Resampling, ImputedResultDoesNotDependOnTheRun) {
  const auto table = parse_table(cohort_with_holes(120, 6), "c.csv");
  EXPECT_EQ(to_results_json(analyse_cohort(table, options_with_holes())).dump(),
            to_results_json(analyse_cohort(table, options_with_holes())).dump());
}

TEST(Resampling, FewEventsAreImputedAndFittedWithFirth) {
  const auto a = analyse_cohort(parse_table(cohort_with_holes(60, 7), "c.csv"), options_with_holes());
  ASSERT_TRUE(a.uses_firth && a.imputed);
  EXPECT_NEAR(a.own_performance->calibration.observed_expected, 1, 0.05);  // FLIC: predictions add up to the events
}

TEST(Resampling, FirthUnderSeparationHasFiguresOfItsOwn) {
  std::string text = "id,y,x,z\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{},{},{}\n", i, i < 20 ? 0 : 1, i, (i * 7) % 5);
  auto o = options();
  o.predictors = {"x", "z"};
  const auto a = analyse_cohort(parse_table(text, "c.csv"), o);
  ASSERT_TRUE(a.uses_firth && a.own_performance && a.own_bootstrap);
  EXPECT_FALSE(a.bootstrap.has_value());
  EXPECT_EQ(a.own_bootstrap->used, 20);
  EXPECT_EQ(a.own_performance->roc.auc, 1);
  EXPECT_NEAR(a.own_performance->calibration.observed_expected, 1, 1e-9);
}

TEST(Resampling, KnotsAreChosenAnewWithoutMovingTheResultOfPlainFits) {
  auto o = options();
  o.splines = {"age"};
  const auto a = analyse_cohort(parse_table(cohort_text(), "c.csv"), o);
  ASSERT_TRUE(a.optimism());
  EXPECT_GT(a.optimism()->used, 10);
  EXPECT_GT(a.optimism()->optimism_auc, 0);
}

TEST(Codes, OneAndTwoAreReadAsNoAndYesAndSaid) {
  std::string text = "id,y,age,cement_dist\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{},{},{}\n", i, (i * 7) % 5 < 2 ? 2 : 1, 60 + (i * 13) % 17, 1 + i % 2);
  auto o = options();
  o.predictors = {"age", "cement_dist"};
  const auto a = analyse_cohort(parse_table(text, "c.csv"), o);
  EXPECT_THAT(a.warnings(), Contains(HasSubstr("cement_dist is coded 1/2: 2 was taken as yes")));
  EXPECT_THAT(a.warnings(), Contains(HasSubstr("y is coded 1/2: 2 was taken as the event")));
}

TEST(BadInput, ASlipInAColumnOfNumbersIsNoCategory) {
  const std::string text = "id,y,x\n1,1,2\n2,0,abc\n3,1,4\n4,0,6\n5,1,6\n6,0,4\n";
  auto o = options();
  o.predictors = {"x"};
  EXPECT_THAT(complaint(text, o), AllOf(HasSubstr("row 3"), HasSubstr("column x"), HasSubstr("abc")));
}

// The six inputs of the study with known effects, half as strong as published and 0.7 higher.
std::string study_cohort(int n) {
  std::mt19937 random(11);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::string text = "id,poor,leakage,bmd_t_score,adjacent_fracture,cement_ml,soft_tissue_injury,distribution_unsatisfactory\n";
  const auto model = load_model("liu-2021");
  for (int i = 0; i < n; ++i) {
    const std::map<std::string, double> values = {{"leakage", uniform(random) < 0.3},
                                                  {"bmd_t_score", -3.1 + 0.35 * normal(random)},
                                                  {"adjacent_fracture", uniform(random) < 0.3},
                                                  {"cement_ml", 5.4 + 0.5 * normal(random)},
                                                  {"soft_tissue_injury", uniform(random) < 0.3},
                                                  {"distribution_unsatisfactory", uniform(random) < 0.3}};
    double lp = model.intercept;
    for (const auto& input : model.inputs) lp += input.coefficient * input.direction * values.at(input.name);
    text += fmt::format("{},{}", i, uniform(random) < 1 / (1 + std::exp(-(0.5 * lp + 0.7))) ? 1 : 0);
    for (const char* name :
         {"leakage", "bmd_t_score", "adjacent_fracture", "cement_ml", "soft_tissue_injury", "distribution_unsatisfactory"})
      text += fmt::format(",{}", values.at(name));
    text += "\n";
  }
  return text;
}

// Mean risk of a model file on the cohort it was brought to.
double mean_risk(const Table& table, const analysis::RiskModel& model) {
  double sum = 0;
  for (const auto& row : predict_table(table, model, {.prevalence = {}, .stage = analysis::Stage::followup})) sum += row.estimate->risk;
  return sum / static_cast<double>(table.n_rows());
}

TEST(Recalibration, PredictionsAddUpToTheLocalEvents) {
  const auto table = parse_table(study_cohort(3000), "local.csv");
  FitOptions o;
  o.bootstraps = 0;
  const auto share = analyse_cohort(table, o).data.y.mean();
  for (const auto kind : {Recalibrate::intercept, Recalibrate::slope}) {
    o.recalibrate = kind;
    const auto model = recalibrated_model(analyse_cohort(table, o), "xxh3-128:0");
    const auto again = parse_model(to_model_json(model), "again");
    EXPECT_NEAR(mean_risk(table, again), share, 1e-9);
    const double factor = again.inputs[0].coefficient / load_model("liu-2021").inputs[0].coefficient;
    EXPECT_NEAR(factor, kind == Recalibrate::slope ? 0.5 : 1.0, kind == Recalibrate::slope ? 0.08 : 1e-12);
  }
}

TEST(Recalibration, AdviceFollowsTheData) {
  FitOptions o;
  o.bootstraps = 0;
  o.recalibrate = Recalibrate::advised;
  const auto a = analyse_cohort(parse_table(study_cohort(3000), "local.csv"), o);
  EXPECT_EQ(a.external->recalibration->advised, analysis::Recalibration::intercept_and_slope);
  EXPECT_EQ(recalibrated_model(a, "x").name, "liu-2021-recalibrated");
}

// A cohort that codes 1/2 is read by its own recalibrated model as the recalibration read it.
TEST(Recalibration, KeepsTheCohortsCodes) {
  std::string text = study_cohort(600);
  text.replace(text.find("distribution_unsatisfactory"), std::string("distribution_unsatisfactory").size(), "cement_dist");
  for (auto at = text.find(",1\n"); at != std::string::npos; at = text.find(",1\n", at + 1)) text[at + 1] = '2';
  for (auto at = text.find(",0\n"); at != std::string::npos; at = text.find(",0\n", at + 1)) text[at + 1] = '1';
  const auto table = parse_table(text, "local.csv");
  FitOptions o;
  o.bootstraps = 0;
  o.recalibrate = Recalibrate::intercept;
  const auto a = analyse_cohort(table, o);
  EXPECT_NEAR(mean_risk(table, parse_model(to_model_json(recalibrated_model(a, "x")), "again")), a.data.y.mean(), 1e-9);
}

TEST(Recalibration, NeedsAllInputs) {
  auto o = options();
  o.recalibrate = Recalibrate::intercept;
  EXPECT_THROW((void)recalibrated_model(analyse_cohort(parse_table(cohort_text(), "c.csv"), o), "x"), Error);
}

TEST(Weights, FrequenciesCountCases) {
  std::string once = "id,y,age\n", counted = "id,y,age,n\n";
  for (int i = 0; i < 40; ++i) {
    const auto row = fmt::format("{},{}", (i * 7) % 5 < 2 ? 1 : 0, 60 + (i * 13) % 17);
    counted += fmt::format("{},{},{}\n", i, row, 1 + i % 3);
    for (int k = 0; k <= i % 3; ++k) once += fmt::format("{}-{},{}\n", i, k, row);
  }
  auto o = options();
  o.predictors = {"age"};
  const auto repeated = analyse_cohort(parse_table(once, "c.csv"), o);
  o.weights = "n";
  const auto weighted = analyse_cohort(parse_table(counted, "c.csv"), o);
  ASSERT_TRUE(repeated.ml.performance && weighted.ml.performance);
  EXPECT_NEAR(weighted.ml.performance->roc.auc, repeated.ml.performance->roc.auc, 1e-12);
  EXPECT_NEAR(weighted.ml.performance->calibration.brier, repeated.ml.performance->calibration.brier, 1e-12);
}

void expect_no_nan(const nlohmann::json& j, const std::string& path) {
  const bool broken = j.is_number_float() && !std::isfinite(j.get<double>());
  EXPECT_FALSE(broken) << path;
  if (j.is_structured())
    for (const auto& [name, value] : j.items()) expect_no_nan(value, path + "/" + name);
}

TEST(Results, HoldNoNan) { expect_no_nan(to_results_json(analyse_cohort(parse_table(cohort_text(), "c.csv"), options())), ""); }

TEST(Results, SameSeedSameBytes) {
  const auto table = parse_table(cohort_text(), "c.csv");
  EXPECT_EQ(to_results_json(analyse_cohort(table, options())).dump(), to_results_json(analyse_cohort(table, options())).dump());
}

TEST(Sampling, OneToOneHasAsManyControlsAsCases) {
  const auto table = parse_table(cohort_text(), "c.csv");
  const auto sample = sample_controls(table, "y", 1, {}, 7);
  const auto y = outcome_column(sample, "y");
  EXPECT_EQ(std::count(y.begin(), y.end(), 1.0), std::count(y.begin(), y.end(), 0.0));
  EXPECT_EQ(fingerprint(sample), fingerprint(sample_controls(table, "y", 1, {}, 7)));
  EXPECT_THROW(sample_controls(table, "y", 9, {}, 7), Error);
}

TEST(FittedModel, PredictsWhatTheFitFitted) {
  auto o = options();
  o.penalty = Penalty::none;
  const auto table = parse_table(cohort_text(), "c.csv");
  const auto a = analyse_cohort(table, o);
  const auto model = model_of(a, fingerprint(table));
  const auto rows = predict_table(table, parse_model(to_model_json(model), "m"), {});
  const auto d = analysis::diagnose_case({a.data.x, a.data.y}, a.ml.fit, 3);
  EXPECT_NEAR(rows[3].estimate->risk, d.p, 1e-12);
  EXPECT_NEAR(rows[3].estimate->se_lp, d.se_lp, 1e-10);
}

/// A cohort with everything a model file must carry: codes 1/2, a text column, missing values, a bent effect.
std::string rich_text() {
  std::string text = "id,y,t_score,cement_dist,region,age\n";
  for (int i = 0; i < 160; ++i) {
    const int age = 60 + (i * 13) % 29, dist = (i * 5 + i / 7) % 3 == 0 ? 2 : 1;
    const int y = ((i * 7) % 11) + (dist == 2 ? 3 : 0) + (age > 80 ? 2 : 0) > 8 ? 1 : 0;
    const char* region = i % 5 == 0 ? "thoracic" : i % 5 < 3 ? "lumbar" : "junction";
    const std::string t = i % 17 == 3 ? std::string() : std::to_string(-2.5 - (i * 11 % 19) / 10.0);
    text += "P" + std::to_string(i) + "," + std::to_string(y) + "," + t + "," + std::to_string(dist) + "," + region + "," +
            std::to_string(age) + "\n";
  }
  return text;
}

FitOptions rich_options() {
  FitOptions o;
  o.outcome = "y";
  o.predictors = {"t_score", "cement_dist", "region", "age"};
  o.penalty = Penalty::none;
  o.missing = MissingPolicy::indicator;
  o.splines = {"age"};
  o.bootstraps = 0;
  return o;
}

void expect_predicts_its_fit(const std::string& text, const FitOptions& o) {
  const auto table = parse_table(text, "c.csv");
  const auto a = analyse_cohort(table, o);
  ASSERT_TRUE(a.has_estimate()) << refusal_sentence(a);
  const auto model = parse_model(to_model_json(model_of(a, fingerprint(table))), "m");
  const auto rows = predict_table(table, model, {});
  for (std::size_t i = 0; i < a.data.rows.size(); ++i) {
    const auto& row = rows[a.data.rows[i]];
    ASSERT_TRUE(row.estimate.has_value()) << row.error;
    const auto d = analysis::diagnose_case({a.data.x, a.data.y}, a.ml.fit, Eigen::Index(i));
    EXPECT_NEAR(row.estimate->risk, d.p, 1e-11) << i;
    EXPECT_NEAR(row.estimate->se_lp, d.se_lp, 1e-9) << i;
  }
}

TEST(FittedModel, CarriesCodesLevelsSplinesAndIndicators) { expect_predicts_its_fit(rich_text(), rich_options()); }

TEST(FittedModel, CarriesASplineOfAnInputWithADirection) {
  auto o = rich_options();
  o.missing = MissingPolicy::complete_case;
  o.splines = {"t_score", "age"};
  expect_predicts_its_fit(rich_text(), o);
}

TEST(FittedModel, AfterSelectionTheTermsThatAreLeftPredict) {
  auto o = rich_options();
  o.selection = Selection::backward_lr;
  expect_predicts_its_fit(rich_text(), o);
}

TEST(FittedModel, SaysWhichSchemaAReaderNeeds) {
  const auto table = parse_table(rich_text(), "c.csv");
  auto json = to_model_json(model_of(analyse_cohort(table, rich_options()), fingerprint(table)));
  EXPECT_EQ(json["schema"], kModelSchemaWithTerms);
  json["schema"] = kModelSchema;
  json.erase("hash");
  EXPECT_THROW(parse_model(json, "m"), Error);
}

TEST(FittedModel, AnUnknownSplineInputIsCoveredByItsLowestAndHighestEffect) {
  auto o = rich_options();
  o.missing = MissingPolicy::complete_case;
  const auto table = parse_table(rich_text(), "c.csv");
  const auto model = model_of(analyse_cohort(table, o), fingerprint(table));
  analysis::RiskInputs inputs{{"bmd_t_score", -3.0}, {"distribution_unsatisfactory", 0}, {"region_lumbar", 1}, {"region_thoracic", 0}};
  const auto unknown = analysis::estimate_risk(model, inputs);
  for (double age = 60; age <= 88; age += 1) {
    inputs["age"] = age;
    const auto known = analysis::estimate_risk(model, inputs);
    EXPECT_LE(unknown.low, known.risk) << age;
    EXPECT_GE(unknown.high, known.risk) << age;
  }
}

TEST(Predict, ReadsTheCodesAndLevelsOfTheFitAndRefusesOthers) {
  const auto table = parse_table(rich_text(), "c.csv");
  const auto model = model_of(analyse_cohort(table, rich_options()), fingerprint(table));
  const auto risk = [&](const std::string& header, const std::string& line) {
    return predict_table(parse_table(header + "\n" + line + "\n", "f.csv"), model, {}).at(0);
  };
  const std::string own = "t_score,cement_dist,region,age";
  const double coded = risk(own, "-3,2,lumbar,70").estimate->risk;
  EXPECT_DOUBLE_EQ(risk("bmd_t_score,distribution_unsatisfactory,region,age", "-3,1,lumbar,70").estimate->risk, coded);
  EXPECT_DOUBLE_EQ(risk("bmd_t_score,distribution_unsatisfactory,region,age", "-3,yes,lumbar,70").estimate->risk, coded);
  EXPECT_NE(risk(own, "-3,1,lumbar,70").estimate->risk, coded) << "1 is no in the fit's own column";
  EXPECT_THAT(risk(own, "-3,2,sacral,70").error, AllOf(HasSubstr("sacral"), HasSubstr("thoracic")));
  EXPECT_THROW(risk("bmd_t_score,distribution_unsatisfactory,region,age", "-3,1,lumbar,70\n-3,2,lumbar,70"), Error);
}

TEST(Predict, RefusesOtherCodesAndScales) {
  const auto model = load_model("liu-2021");
  EXPECT_THROW(predict_table(parse_table("leakage\n1\n2\n", "f.csv"), model, {}), Error);
  EXPECT_THROW(predict_table(parse_table("shoe\n1\n2\n", "f.csv"), model, {}), Error);
  const auto rows = predict_table(parse_table("id,bmd_t_score,bmd_t_score_source\n1,-3,DXA\n2,-3,QCT\n3,x,DXA\n", "f.csv"), model, {});
  EXPECT_TRUE(rows[0].estimate.has_value());
  EXPECT_THAT(rows[1].error, HasSubstr("QCT"));
  EXPECT_THAT(rows[2].error, AllOf(HasSubstr("row 4"), HasSubstr("bmd_t_score")));
}

TEST(Report, IsOneFileWithItsTables) {
  const auto folder = std::filesystem::temp_directory_path() / "cemscope_report_test";
  std::filesystem::create_directories(folder);
  const auto a = analyse_cohort(parse_table(cohort_text(), "c.csv"), options());
  write_fit_report(a, folder / "fit.html", Language::chinese);
  std::ifstream in(folder / "fit.html");
  const std::string html((std::istreambuf_iterator<char>(in)), {});
  std::filesystem::remove_all(folder);
  EXPECT_THAT(html, AllOf(HasSubstr("表4"), HasSubstr("TRIPOD+AI"), HasSubstr("</html>")));
  EXPECT_EQ(html.find("http://"), html.find("http://www.w3.org"));  // nothing is loaded from elsewhere
}

}  // namespace
}  // namespace cemscope::statistics
