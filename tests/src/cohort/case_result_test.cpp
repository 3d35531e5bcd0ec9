#include "src/cohort/case_result.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"

namespace cemscope::cohort {
namespace {

using nlohmann::json;

CaseResult full_result() {
  CaseResult result;
  result.patient_id = "P\u00fc";
  result.stage = "postop";
  result.cement_ml = 1.0 / 3.0;
  result.leakage = {imaging::Answer::yes, 0.1 + 0.2, ""};
  result.leakage_type = imaging::LeakageType::both;
  result.distribution = imaging::Distribution::unsatisfactory;
  result.inputs["leakage"] = {1.0, "CT", 0.75};
  result.covariates["ward"] = "7";
  result.treated_levels = {"T12"};
  VertebraRow row;
  row.modality = "CT";
  row.picture = "vertebra_1.png";
  row.measurement.centre_mm = imaging::Point_mm(1.5, -2.25, 1e-7);
  row.measurement.level_source = imaging::LevelSource::counted;
  row.measurement.fill = 0.1;
  row.measurement.hardware = true;
  row.measurement.warnings = {"w"};
  result.vertebrae.push_back(row);
  result.heights = HeightTable{"CT of 2021-06-11", "CT of 2021-09-09", true, {}};
  result.heights->rows = {{"T12",
                           false,
                           true,
                           {24.0, 1.0 / 3.0, std::nullopt},
                           {15.6, 0.1, std::nullopt},
                           {0.35, 0.7, std::nullopt},
                           {imaging::Answer::yes, 0.9, ""}}};
  SeriesRow series;
  series.series.series_uid = "1.2.3";
  series.phase = "postop";
  series.chosen = true;
  result.series.push_back(series);
  result.failures.push_back({.code = "c", .sentence = "s", .path = "p", .patient_id = "i", .case_id = "k", .series_uid = "u"});
  return result;
}

TEST(CaseResult, SurvivesJsonExactly) {
  const json document = full_result();
  const auto back = json::parse(document.dump()).get<CaseResult>();
  EXPECT_EQ(json(back), document);
  EXPECT_EQ(*back.cement_ml, 1.0 / 3.0);
  EXPECT_EQ(back.leakage.confidence, 0.1 + 0.2);
  EXPECT_EQ(back.vertebrae.at(0).measurement.centre_mm->z(), 1e-7);
  EXPECT_EQ(back.vertebrae.at(0).measurement.level_source, imaging::LevelSource::counted);
  EXPECT_EQ(back.failures.at(0).case_id, "k");
  EXPECT_EQ(back.heights->rows.at(0).before_mm[1], 1.0 / 3.0);
  EXPECT_FALSE(back.heights->rows.at(0).after_mm[2].has_value());
  EXPECT_TRUE(back.series.at(0).chosen);
}

TEST(CaseResult, EveryKeyIsThereWhenNothingWasMeasuredAndNullSaysSo) {
  const json empty = CaseResult{}, full = full_result();
  for (const auto& [key, value] : full.items()) EXPECT_TRUE(empty.contains(key)) << key;
  EXPECT_TRUE(empty["cement_ml"].is_null());
  EXPECT_EQ(empty["leakage"]["answer"], "not_assessable");
  EXPECT_EQ(empty["leakage_type"], "not_assessable");
}

TEST(CaseResult, AWordThatIsNoneOfOursIsRefused) {
  json document = full_result();
  document["distribution"] = "fine";
  EXPECT_THROW(document.get<CaseResult>(), Error);
}

}  // namespace
}  // namespace cemscope::cohort
