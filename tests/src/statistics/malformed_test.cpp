// Tables, models and printed figures that are cut off, damaged or of the wrong types: an Error that can be shown, or a sound result.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/audit.h"
#include "src/statistics/embedded.h"
#include "src/statistics/fit_analysis.h"
#include "src/statistics/fit_json.h"
#include "src/statistics/model_file.h"
#include "src/statistics/predict_table.h"

namespace cemscope::statistics {
namespace {

using nlohmann::json;

/// Runs the call; an Error is as good as a result, anything else fails the test.
template <typename Call>
void expect_result_or_error(const Call& call, const std::string& what) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_FALSE(std::string(error.what()).empty()) << what;
  } catch (const std::exception& error) {
    ADD_FAILURE() << what << ": " << error.what();
  }
}

std::string cohort_text() {
  std::string text = "id,y,age,\"leak\",note\n";
  for (int i = 0; i < 24; ++i)
    text += "P" + std::to_string(i) + "," + std::to_string(i * 7 % 5 < 2 ? 1 : 0) + "," + std::to_string(60 + i * 13 % 17) + "," +
            std::to_string(i * 3 % 4 == 0 ? 1 : 0) + ",\"a, b\"\n";
  return text;
}

void fit(const std::string& text) {
  FitOptions options;
  options.outcome = "y";
  options.predictors = {"age", "leak"};
  options.bootstraps = 0;
  const auto results = to_results_json(analyse_cohort(parse_table(text, "c.csv"), options)).dump();
  EXPECT_EQ(results.find("nan"), std::string::npos);
}

TEST(MalformedTable, EveryCutIsAnErrorOrATable) {
  const auto text = cohort_text();
  for (std::size_t size = 0; size < text.size(); size += 3)
    expect_result_or_error([&] { fit(text.substr(0, size)); }, "cut at " + std::to_string(size));
}

TEST(MalformedTable, DamagedBytesAreAnErrorOrATable) {
  std::mt19937 random(4);
  const std::string bytes = "\"\n\r,;\t\0x9-.e+\xff\x81\xe7N";  // NOLINT: the NUL is meant
  for (int round = 0; round < 400; ++round) {
    auto text = cohort_text();
    for (int k = 0; k < 1 + round % 4; ++k) text[random() % text.size()] = bytes[random() % bytes.size()];
    expect_result_or_error([&] { fit(text); }, text);
  }
}

struct BadTable {
  const char *name, *text, *message;
};
class BadTables : public testing::TestWithParam<BadTable> {};
TEST_P(BadTables, AreRefusedWithASentence) {
  try {
    (void)parse_table(GetParam().text, "c.csv");
    FAIL() << GetParam().name;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().message));
    EXPECT_THAT(error.what(), testing::HasSubstr("c.csv"));
  }
}
INSTANTIATE_TEST_SUITE_P(Tables, BadTables,
                         testing::Values(BadTable{"empty", "", "empty"}, BadTable{"header only", "a,b\n", "no rows"},
                                         BadTable{"short row", "a,b\n1,2\n3\n", "row 3 has 1 cells"},
                                         BadTable{"long row", "a,b\n1,2,3\n", "row 2 has 3 cells"},
                                         BadTable{"nameless column", "a,,c\n1,2,3\n", "column 2 has no name"},
                                         BadTable{"twin columns", "a,a\n1,2\n", "twice"},
                                         BadTable{"open quote", "a,b\n1,\"2\n3,4\n", "row 2 opens a quote"},
                                         BadTable{"neither encoding", "a,b\n\xff\xff\xff,2\n", "neither UTF-8 nor GB18030"}));

TEST(LongRows, BeyondSixteenBitsReadTheSame) {
  const std::string cell(70000, 'x');
  const auto table = parse_table("a,b,c\n1," + cell + ",3\n4,5,6\n", "c.csv");
  EXPECT_EQ(table.cell(0, 1), cell);
  EXPECT_EQ(table.cell(0, 2), "3");
  EXPECT_EQ(table.cell(1, 2), "6");
}

const std::vector<json>& wrong_values() {
  static const std::vector<json> values = {nullptr, "text", -1, 0, 1e308, true, json::array(), json::object(), json::array({1, "x"})};
  return values;
}

/// Calls `use` with the document once without each of its members and once with each of the wrong values in its place.
template <typename Use>
void with_every_damage(const json& document, const Use& use) {
  const auto flat = document.flatten();
  for (const auto& [path, value] : flat.items()) {
    const json::json_pointer pointer(path);
    for (const auto& wrong : wrong_values()) {
      auto damaged = document;
      damaged[pointer] = wrong;
      use(damaged, path + " = " + wrong.dump());
    }
    auto without = document;
    auto& parent = without[pointer.parent_pointer()];
    if (parent.is_object()) parent.erase(pointer.back());
    use(without, "without " + path);
  }
}

TEST(MalformedModel, EveryDamagedFieldIsAnErrorOrAModelThatScores) {
  auto document = to_model_json(load_model("liu-2021"));
  document.erase("hash");
  document["inputs"][3]["spline"] = {{"knots", {4.5, 5.2, 6.0}},
                                     {"terms", {{{"coefficient", 0.1}, {"standard_error", 0.1}, {"centre", 0.2}}}}};
  document["schema"] = kModelSchemaWithTerms;
  document["inputs"][5]["table"] = {{"column", "cement_dist"}, {"codes", {1, 2}}};
  const auto table = parse_table("leakage,bmd_t_score,cement_ml,cement_dist\n1,-3,5,2\n0,-3.5,,1\n", "f.csv");
  with_every_damage(document, [&](const json& damaged, const std::string& what) {
    expect_result_or_error(
        [&] {
          for (const auto& row : predict_table(table, parse_model(damaged, "m"), {}))
            if (row.estimate) {
              EXPECT_TRUE(std::isfinite(row.estimate->risk)) << what;
            }
        },
        what);
  });
}

TEST(MalformedFacts, HeadsAndCountsOfTheWrongTypesAreErrors) {
  const auto facts = json::parse(embedded_files().at("audit/liu-2021.json"));
  for (const char* member : {"schema", "name", "citation", "groups", "items"})
    for (const json& wrong : {json(3), json::object(), json::array({1, 2})}) {
      auto damaged = facts;
      damaged[member] = wrong;
      EXPECT_THROW(audit_facts(damaged, "facts"), Error) << member << " = " << wrong;
    }
  for (const json& wrong : {json(-1), json(1e308), json("many"), json(nullptr)}) {
    auto damaged = facts;
    damaged["items"][0]["counts"][0][0] = wrong;
    EXPECT_THROW(audit_facts(damaged, "facts"), Error) << wrong;
  }
}

}  // namespace
}  // namespace cemscope::statistics
