#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/cohort_data.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "src/statistics/fit_model.h"
#include "src/statistics/fit_report.h"
#include "src/statistics/model_file.h"
#include "src/statistics/predict_table.h"

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
  EXPECT_THAT(a.warnings, Contains(HasSubstr("1 of 41 rows")));
}

TEST(Missing, ImputationUsesAllRows) {
  auto o = options();
  o.missing = MissingPolicy::multiple_imputation;
  o.imputations = 5;
  const auto a = analyse_cohort(parse_table(with_line("P99,1,,0"), "c.csv"), o);
  ASSERT_TRUE(a.pooled.has_value());
  EXPECT_EQ(a.pooled->copies, 5);
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
  ASSERT_TRUE(with_splines.pooled.has_value());
  EXPECT_EQ(with_splines.pooled->coefficients.size(), 5);
  o.selection = Selection::forward_lr;
  o.predictors = {"age", "leak"};
  try {
    EXPECT_TRUE(analyse_cohort(parse_table(text, "c.csv"), o).pooled.has_value());
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("keeps no predictor"));
  }
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
