#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/evaluation/measures.h"
#include "src/evaluation/readings.h"

namespace cemscope::evaluation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kCohortTruth = R"({"P1": {"modalities": ["CT", "XR", "MR"], "soft_tissue_injury": true, "edema_levels": ["L1", "T12"],
  "vertebrae": [
   {"level": "T12", "cement_ml": 3.0, "volumes_ml": {"body": 2.5, "disc": 0.4, "canal": 0.05, "needle_tract": 0.05}, "leakage": true,
    "leaks": {"disc": 0.4}, "midline_crossed": true, "distribution": "satisfactory", "distribution_borderline": true,
    "heights_mm": [20, 21, 22], "centre_mm": [1, 2, 3]},
   {"level": "L1", "cement_ml": 5.0, "leakage": false, "leaks": {}, "midline_crossed": false, "distribution": "unsatisfactory"}]}})";

TEST(TruthJson, PutsACohortIntoTheColumnsOfTheTables) {
  const auto truth = parse_truth_json(kCohortTruth, "truth.json");
  const auto& patient = truth.patients.at("P1");
  EXPECT_THAT(patient.modalities, ElementsAre("CT", "XR"));
  ASSERT_EQ(patient.vertebrae.size(), 4U);
  const auto& first = patient.vertebrae[0];
  EXPECT_EQ(first.modality, "CT");
  EXPECT_EQ(first.level, "T12");
  EXPECT_DOUBLE_EQ((*first.centre_mm)[2], 3.0);
  EXPECT_EQ(first.cells.at("leakage"), "yes");
  EXPECT_EQ(first.cells.at("leakage_type"), "other");
  EXPECT_DOUBLE_EQ(*number_in(first.cells, "leak_disc_ml"), 0.4);
  EXPECT_DOUBLE_EQ(*number_in(first.cells, "leak_canal_ml"), 0.0) << "cement within the tolerance is no leak";
  EXPECT_FALSE(first.cells.contains("leak_foramen_ml")) << "the truth does not say";
  EXPECT_DOUBLE_EQ(*number_in(first.cells, "height_middle_mm"), 21.0);
  EXPECT_THAT(first.borderline, ElementsAre("distribution"));
  EXPECT_EQ(patient.vertebrae[1].cells.at("leakage_type"), "none");
}

TEST(TruthJson, ThePatientHasTheWorstOfTheVertebrae) {
  const auto patient = parse_truth_json(kCohortTruth, "truth.json").patients.at("P1");
  EXPECT_EQ(patient.cells.at("leakage"), "yes");
  EXPECT_EQ(patient.cells.at("distribution"), "unsatisfactory");
  EXPECT_FALSE(patient.borderline.contains("distribution")) << "a sure vertebra decides";
  EXPECT_EQ(patient.cells.at("cement_ml"), "4");
  EXPECT_EQ(patient.cells.at("acute_levels"), "L1;T12");
}

TEST(TruthJson, WithoutMrThereIsNoSoftTissueTruth) {
  const auto truth = parse_truth_json(R"({"P": {"modalities": ["CT"], "soft_tissue_injury": false, "vertebrae": []}})", "t");
  EXPECT_TRUE(truth.patients.at("P").cells.empty());
}

struct BadTruth {
  const char *text, *message;
};
class BadJson : public testing::TestWithParam<BadTruth> {};
TEST_P(BadJson, IsRefusedWithItsName) {
  try {
    parse_truth_json(GetParam().text, "truth.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("truth.json"));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}
INSTANTIATE_TEST_SUITE_P(Truths, BadJson,
                         testing::Values(BadTruth{"{", "parse error"}, BadTruth{"{}", "no patient"}, BadTruth{R"({"P": 3})", "patient 1"},
                                         BadTruth{R"({"P": {"modalities": ["CT"]}})", "vertebrae"},
                                         BadTruth{R"({"P": {"vertebrae": [{"leaks": {"disc": "much"}}]}})", "number"},
                                         BadTruth{R"({"P": {"vertebrae": [{"centre_mm": [1, 2]}]}})", ""},
                                         BadTruth{R"({"P": {"vertebrae": [{"heights_mm": [1]}]}})", ""}));

TEST(TruthCsv, AReadersTableOfVertebrae) {
  const auto truth = parse_truth_csv(
      "\xEF\xBB\xBFpatient_id,level,leakage,distribution,cement_ml\nP1,L1,yes,not_assessable,4.5\nP1,L2,no,satisfactory,\nP2,none,,,\n",
      "r.csv");
  const auto& patient = truth.patients.at("P1");
  EXPECT_THAT(patient.modalities, ElementsAre("CT"));
  ASSERT_EQ(patient.vertebrae.size(), 2U);
  EXPECT_EQ(patient.vertebrae[1].level, "L2");
  EXPECT_FALSE(patient.vertebrae[1].cells.contains("cement_ml"));
  EXPECT_TRUE(truth.patients.at("P2").vertebrae.empty()) << "read, and untreated";
}

TEST(TruthCsv, AReadersTableOfPatients) {
  const auto truth = parse_truth_csv("patient_id,soft_tissue_injury\nP1,1\nP2,\xE5\x90\xA6\n", "r.csv");
  FindingMeasure injury;
  for (const auto& measure : finding_measures())
    if (measure.name == "soft_tissue_injury") injury = measure;
  EXPECT_EQ(answer_in(truth.patients.at("P1").cells, injury), true);
  EXPECT_EQ(answer_in(truth.patients.at("P2").cells, injury), false);
}

class BadCsv : public testing::TestWithParam<BadTruth> {};
TEST_P(BadCsv, IsRefusedWithPlaceAndColumn) {
  try {
    parse_truth_csv(GetParam().text, "r.csv");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}
INSTANTIATE_TEST_SUITE_P(Tables, BadCsv,
                         testing::Values(BadTruth{"", "empty"}, BadTruth{"patient_id,level\n", "no rows"},
                                         BadTruth{"id,leakage\nP1,yes\n", "patient_id"}, BadTruth{"patient_id,leakage\n,yes\n", "record 2"},
                                         BadTruth{"patient_id,leakage\nP1,maybe\n", "column leakage: \"maybe\""},
                                         BadTruth{"patient_id,level,distribution\nP1,L1,good\n", "satisfactory"},
                                         BadTruth{"patient_id,level,cement_ml\nP1,L1,much\n", "a number"},
                                         BadTruth{"patient_id,level\nP1,Q9\n", "names no vertebra"},
                                         BadTruth{"patient_id,level,modality\nP1,L1,PET\n", "neither CT nor XR"},
                                         BadTruth{"patient_id,leakage\nP1,yes\nP1,no\n", "repeats"},
                                         BadTruth{"patient_id,leakage_type\nP1,big\n", "paravertebral"},
                                         BadTruth{"patient_id,\"leak\nP1,yes\n", "CSV"}));

TEST(Answers, AVolumeIsALeakFromTenCubicMillimetresOn) {
  const auto& zone = finding_measures()[2];
  ASSERT_TRUE(zone.yes_from_ml.has_value());
  EXPECT_EQ(answer_in({{zone.column, "0.0100"}}, zone), true);
  EXPECT_EQ(answer_in({{zone.column, "0.0099"}}, zone), false);
  EXPECT_EQ(answer_in({{zone.column, "0"}, {"leakage", "not_assessable"}}, zone), std::nullopt);
  EXPECT_EQ(answer_in({}, zone), std::nullopt);
}

}  // namespace
}  // namespace cemscope::evaluation
