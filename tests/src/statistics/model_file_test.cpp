#include "src/statistics/model_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"

namespace cemscope::statistics {
namespace {

using testing::HasSubstr;

nlohmann::json liu() {
  auto json = to_model_json(load_model("liu-2021"));
  json.erase("hash");
  return json;
}

std::string refusal(const nlohmann::json& json) {
  try {
    parse_model(json, "test");
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

TEST(ModelFile, ShippedModelLoadsCanBeScoredAndCarriesItsHash) {
  const auto model = load_model("liu-2021");
  EXPECT_EQ(model.inputs.size(), 6u);
  EXPECT_NO_THROW(require_scorable(model));
  EXPECT_THAT(model.warnings, testing::Not(testing::Contains(HasSubstr("no hash")))) << model.hash;
}

TEST(ModelFile, WrittenModelReadsBackTheSame) {
  const auto path = std::filesystem::temp_directory_path() / "cemscope_model_test.json";
  auto model = load_model("liu-2021");
  model.covariance_centred = Eigen::MatrixXd::Identity(7, 7) * 0.1;
  write_model(model, path);
  const auto again = load_model(path.string());
  std::filesystem::remove(path);
  EXPECT_EQ(to_model_json(again), to_model_json(model));
}

TEST(ModelFile, RefusesAWrongUnitNamingIt) {
  auto json = liu();
  json["inputs"][3]["unit"] = "L";
  EXPECT_THAT(refusal(json), testing::AllOf(HasSubstr("cement_ml"), HasSubstr("\"L\""), HasSubstr("\"mL\"")));
}

TEST(ModelFile, RefusesAWrongCoding) {
  auto json = liu();
  json["inputs"][0]["coding"] = "continuous";
  EXPECT_THAT(refusal(json), HasSubstr("coding of leakage"));
}

TEST(ModelFile, RefusesAnotherSchema) {
  auto json = liu();
  json["schema"] = "risk-model/2";
  EXPECT_THAT(refusal(json), HasSubstr("risk-model/2"));
}

TEST(ModelFile, RefusesAChangedFile) {
  auto json = to_model_json(load_model("liu-2021"));
  json["intercept"]["value"] = 0.0;
  EXPECT_THAT(refusal(json), HasSubstr("changed after it was made"));
}

TEST(ModelFile, RefusesMissingFieldsTextInNumbersAndNonsense) {
  auto missing = liu();
  missing["inputs"][1].erase("coefficient");
  EXPECT_THAT(refusal(missing), HasSubstr("\"coefficient\" is missing"));
  auto text = liu();
  text["inputs"][1]["coefficient"] = "1.7";
  EXPECT_THAT(refusal(text), HasSubstr("needed a number"));
  EXPECT_THAT(refusal(nlohmann::json::array()), HasSubstr("missing"));
  auto typed = liu();
  typed["performance"] = 3;
  EXPECT_THAT(refusal(typed), HasSubstr("wrong type"));
}

TEST(ModelFile, RefusesWhatCannotBeMeasured) {
  auto json = liu();
  json["inputs"][0]["name"] = "shoe_size";
  EXPECT_THROW(require_scorable(parse_model(json, "test")), Error);
}

TEST(ModelFile, UnknownNameIsAnError) { EXPECT_THROW(load_model("no-such-model"), Error); }

}  // namespace
}  // namespace cemscope::statistics
