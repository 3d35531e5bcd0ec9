#include "src/cohort/clinical_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/cohort/clinical_values.h"

namespace cemscope::cohort {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

ClinicalTable table_of(const std::string& text) { return clinical_table_of(parse_csv(text, "clinical.csv"), "clinical.csv"); }

TEST(ClinicalTable, EveryColumnOfTheDefinitionsIsReadAndTheRestKept) {
  const auto table = table_of(
      "patient_id,surgery_date,treated_levels,bmd_t_score,sex,adjacent_fracture,soft_tissue_injury,vas_1_month,ward\n"
      "A,2019-03-05,L2;T12,-3.4,F,no,1,5,7B\n");
  const auto& row = table.rows.at("A");
  EXPECT_EQ(row.surgery_date, "2019-03-05");
  EXPECT_THAT(row.treated_levels, ElementsAre("T12", "L2"));
  EXPECT_DOUBLE_EQ(row.numbers.at("bmd_t_score"), -3.4);
  EXPECT_DOUBLE_EQ(row.numbers.at("vas_1_month"), 5);
  EXPECT_FALSE(row.yes_no.at("adjacent_fracture"));
  EXPECT_TRUE(row.yes_no.at("soft_tissue_injury"));
  EXPECT_EQ(row.texts.at("sex"), "F");
  EXPECT_EQ(row.covariates.at("ward"), "7B");
  EXPECT_THAT(table.failures, IsEmpty());
}

TEST(ClinicalTable, WhatIsNotGivenStaysUnknown) {
  const auto table = table_of("patient_id,bmd_t_score,adjacent_fracture,treated_levels,surgery_date\nA,NA,,.,-\n");
  EXPECT_THAT(table.rows.at("A").numbers, IsEmpty());
  EXPECT_THAT(table.rows.at("A").yes_no, IsEmpty());
  EXPECT_THAT(table.rows.at("A").treated_levels, IsEmpty());
  EXPECT_EQ(table.rows.at("A").surgery_date, "");
  EXPECT_THAT(table.failures, IsEmpty());
}

struct BadCell {
  const char* column;
  const char* text;
};

class BadCells : public testing::TestWithParam<BadCell> {};

TEST_P(BadCells, IsAFailureWithACodeAndCountsAsNotGiven) {
  const auto table = table_of(std::string("patient_id,") + GetParam().column + "\nA,\"" + GetParam().text + "\"\n");
  ASSERT_THAT(table.failures, SizeIs(1));
  EXPECT_EQ(table.failures[0].code, "bad_clinical_value");
  EXPECT_EQ(table.failures[0].patient_id, "A");
  EXPECT_THAT(table.failures[0].sentence, HasSubstr("record 2"));
  const auto& row = table.rows.at("A");
  EXPECT_TRUE(row.numbers.empty() && row.yes_no.empty() && row.treated_levels.empty() && row.surgery_date.empty());
}

INSTANTIATE_TEST_SUITE_P(All, BadCells,
                         testing::Values(BadCell{"bmd_t_score", "low"}, BadCell{"bmd_t_score", "-31"}, BadCell{"vas_1_month", "11"},
                                         BadCell{"cement_ml", "1,234"}, BadCell{"age", "70 years"}, BadCell{"adjacent_fracture", "maybe"},
                                         BadCell{"surgery_date", "05.03.2019"}, BadCell{"surgery_date", "2019-02-30"},
                                         BadCell{"treated_levels", "L9"}, BadCell{"treated_levels", "L1;hip"},
                                         BadCell{"cement_ml", "inf"}));

TEST(ClinicalTable, RowsWithoutOrWithTheSameIdAreReported) {
  const auto table = table_of("patient_id,age\n,70\nA,70\nA,71\n");
  ASSERT_THAT(table.failures, SizeIs(2));
  EXPECT_EQ(table.failures[0].code, "missing_patient_id");
  EXPECT_EQ(table.failures[1].code, "duplicate_clinical_row");
  EXPECT_DOUBLE_EQ(table.rows.at("A").numbers.at("age"), 70);
}

TEST(ClinicalTable, ASurplusCellIsReportedAndTheRestOfTheRowUsed) {
  const auto table = table_of("patient_id,age\nA,70,9\n");
  EXPECT_THAT(table.failures, SizeIs(1));
  EXPECT_DOUBLE_EQ(table.rows.at("A").numbers.at("age"), 70);
}

TEST(ClinicalTable, ATableWithoutPatientIdIsRefused) {
  EXPECT_THAT([] { table_of("\u59d3\u540d,age\nx,7\n"); }, ThrowsMessage<Error>(HasSubstr("no column \"patient_id\"")));
}

TEST(ClinicalTable, UnknownPatientsAreReportedWithTheLikelyOne) {
  const auto failures = unmatched_rows(table_of("patient_id\n123\nA\n"), {"00123", "A"}, "clinical.csv");
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].code, "clinical_patient_not_in_export");
  EXPECT_THAT(failures[0].sentence, HasSubstr("00123"));
}

TEST(ClinicalTable, ARowSurvivesJson) {
  const auto row = table_of("patient_id,age,adjacent_fracture,treated_levels,sex,x\nA,70,yes,L1,M,y\n").rows.at("A");
  const auto back = nlohmann::json::parse(nlohmann::json(row).dump()).get<ClinicalRow>();
  EXPECT_EQ(nlohmann::json(back), nlohmann::json(row));
  EXPECT_TRUE(back.yes_no.at("adjacent_fracture"));
}

TEST(ClinicalValues, VertebraNames) {
  EXPECT_EQ(vertebra_name("l1"), "L1");
  EXPECT_EQ(vertebra_name("Th12"), "T12");
  EXPECT_EQ(vertebra_name("D11"), "T11");
  EXPECT_EQ(vertebra_name("L7"), std::nullopt);
  EXPECT_EQ(vertebra_name("L"), std::nullopt);
  EXPECT_THAT(*levels_of("L3, T11 ;L1;L3"), ElementsAre("T11", "L1", "L3"));
}

TEST(ClinicalValues, DatesInTheFormsThatTablesUse) {
  EXPECT_EQ(iso_date("2019-3-5"), "2019-03-05");
  EXPECT_EQ(iso_date("2019/03/05"), "2019-03-05");
  EXPECT_EQ(iso_date("20190305"), "2019-03-05");
  EXPECT_EQ(iso_date("2019-13-05"), std::nullopt);
  EXPECT_EQ(iso_date(""), std::nullopt);
}

TEST(ClinicalValues, NumbersDoNotDependOnTheLocaleAndThousandsAreNotGuessed) {
  EXPECT_EQ(number_of("-3.4"), -3.4);
  EXPECT_EQ(number_of("-3,4"), -3.4);
  EXPECT_EQ(number_of("+2"), 2);
  EXPECT_EQ(number_of("1,234"), std::nullopt);
  EXPECT_EQ(number_of("1.2.3"), std::nullopt);
  EXPECT_EQ(number_of("nan"), std::nullopt);
}

}  // namespace
}  // namespace cemscope::cohort
