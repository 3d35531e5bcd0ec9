#include "src/report/tables.h"

#include <clocale>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cohort/csv_table.h"
#include "src/report/csv_cell.h"
#include "src/report/dictionary.h"

namespace cemscope::report {
namespace {

using testing::ElementsAre;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c == ',' || c == ' ' || c == '\n') {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

template <typename Row>
std::vector<std::string> names_of(const std::vector<Column<Row>>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

// The lists of the contract, word for word.
const char* const kPatientColumns =
    "patient_id, case_id, surgery_date, ct_series_uid, ap_uid, lateral_uid, mr_series_uid, treated_levels, cement_ml,\n"
    "leakage, leakage_radiographic, leakage_type, midline_crossed, distribution, soft_tissue_injury, soft_tissue_length_mm,\n"
    "soft_tissue_area_mm2, acute_levels, adjacent_fracture, bmd_t_score, hu_l1, compression, stage, risk, risk_low, risk_high,\n"
    "risk_if_adjacent_fracture, linear_predictor, prevalence, model, missing, warnings,\n"
    "leakage_source leakage_confidence adjacent_fracture_source adjacent_fracture_confidence soft_tissue_injury_source "
    "soft_tissue_injury_confidence distribution_unsatisfactory_source distribution_unsatisfactory_confidence bmd_t_score_source "
    "bmd_t_score_confidence cement_ml_source cement_ml_confidence";
const char* const kVertebraColumns =
    "patient_id, modality, level, level_source, centre_x_mm, centre_y_mm,\n"
    "centre_z_mm, cement_ml, cement_half_max_ml, cement_600_ml, cement_1000_ml, saturated_fraction, body_ml, fill, left_ml, right_ml,\n"
    "minor_side_fraction, reach_contralateral, midline_crossed, band_fill, band_evenness, band_source, endplate_contact, texture, "
    "distribution, leakage,\n"
    "leakage_radiographic, leakage_type, leak_ml, leak_paravertebral_ml, leak_disc_ml, leak_canal_ml, leak_foramen_ml, leak_vascular_ml,\n"
    "needle_tract_ml, height_anterior_mm, height_middle_mm, height_posterior_mm, compression, compression_class, hardware, confidence, "
    "warnings";

TEST(Tables, ColumnsAndTheirOrderAreThoseOfTheContract) {
  EXPECT_EQ(names_of(patient_columns()), split(kPatientColumns));
  EXPECT_EQ(names_of(vertebra_columns()), split(kVertebraColumns));
}

cohort::CaseResult patient(const std::string& id) {
  cohort::CaseResult result;
  result.patient_id = result.case_id = id;
  return result;
}

cohort::CsvTable parsed(const std::string& csv) { return cohort::parse_csv(csv, "t"); }

std::string cell(const cohort::CsvTable& table, std::size_t row, const std::string& column) {
  return table.rows.at(row).cells.at(*cohort::column_of(table, column));
}

TEST(Tables, APatientOfWhomNothingIsKnownHasEmptyNumbersAndNotAssessableFindings) {
  const auto table = parsed(patients_csv({patient("A")}));
  for (const auto* column : {"leakage", "leakage_type", "midline_crossed", "distribution", "soft_tissue_injury", "adjacent_fracture"})
    EXPECT_EQ(cell(table, 0, column), "not_assessable") << column;
  for (const auto* column : {"cement_ml", "risk", "bmd_t_score", "leakage_confidence"}) EXPECT_EQ(cell(table, 0, column), "") << column;
  EXPECT_EQ(cell(table, 0, "leakage_source"), "none");
}

TEST(Tables, ValuesSourcesAndConfidencesStandInTheirColumns) {
  auto result = patient("A");
  result.leakage = {imaging::Answer::yes, 0.9, ""};
  result.treated_levels = {"T12", "L1"};
  result.bmd_t_score = -3.4;
  result.risk = 0.07176470588;
  result.inputs["leakage"] = {1.0, "CT", 0.95};
  result.inputs["bmd_t_score"] = {-3.4, "clinical", 1.0};
  const auto table = parsed(patients_csv({result}));
  EXPECT_EQ(cell(table, 0, "leakage"), "yes");
  EXPECT_EQ(cell(table, 0, "treated_levels"), "T12;L1");
  EXPECT_EQ(cell(table, 0, "bmd_t_score"), "-3.40");
  EXPECT_EQ(cell(table, 0, "risk"), "0.071765");
  EXPECT_EQ(cell(table, 0, "leakage_source"), "CT");
  EXPECT_EQ(cell(table, 0, "leakage_confidence"), "0.950");
  EXPECT_EQ(cell(table, 0, "bmd_t_score_source"), "clinical");
}

TEST(Tables, VertebraeAndSeriesHaveARowEach) {
  auto result = patient("A");
  for (const double z : {30.0, -20.125}) {
    cohort::VertebraRow row;
    row.modality = "CT";
    row.measurement.centre_mm = imaging::Point_mm(1, 2, z);
    row.measurement.cement_ml = 4.00004;
    result.vertebrae.push_back(row);
  }
  result.series.resize(3);
  result.series[1].chosen = true;
  const auto vertebrae = parsed(vertebrae_csv({result, patient("B")}));
  ASSERT_EQ(vertebrae.rows.size(), 2U);
  EXPECT_EQ(cell(vertebrae, 1, "centre_z_mm"), "-20.12");
  EXPECT_EQ(cell(vertebrae, 0, "cement_ml"), "4.0000");
  const auto series = parsed(series_csv({result}));
  ASSERT_EQ(series.rows.size(), 3U);
  EXPECT_EQ(cell(series, 1, "chosen"), "yes");
  EXPECT_EQ(cell(series, 2, "chosen"), "no");
}

TEST(Tables, FailuresDoNotDependOnTheOrderInWhichTheyWereFound) {
  const ingest::Failure a{.code = "a", .sentence = "s", .path = "1", .patient_id = "", .case_id = "", .series_uid = ""};
  ingest::Failure b = a;
  b.path = "0";
  EXPECT_EQ(failures_csv({a, b}), failures_csv({b, a}));
}

TEST(Dictionary, EveryColumnOfEveryTableIsThereOnceWithAMeaning) {
  const auto table = parsed(dictionary_csv());
  std::vector<std::string> wanted;
  const auto add = [&](const std::string& file, const std::string& csv) {
    for (const auto& name : parsed(csv).header) wanted.push_back(file + ":" + name);
  };
  add("patients.csv", patients_csv({}));
  add("vertebrae.csv", vertebrae_csv({}));
  add("series.csv", series_csv({}));
  add("failures.csv", failures_csv({}));
  add("dictionary.csv", dictionary_csv());
  std::vector<std::string> found;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    found.push_back(cell(table, i, "table") + ":" + cell(table, i, "column"));
    EXPECT_NE(cell(table, i, "meaning"), "") << found.back();
  }
  EXPECT_EQ(found, wanted);
}

TEST(CsvCell, TextThatASpreadsheetWouldRunIsNeutralisedAndNumbersAreNot) {
  for (const auto* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}) EXPECT_EQ(text_cell(text), std::string("'") + text);
  EXPECT_EQ(text_cell("L1=x"), "L1=x");
  EXPECT_EQ(text_cell(""), "");
  EXPECT_EQ(number_cell(-3.4, 1), "-3.4");
  EXPECT_EQ(list_cell({"=a", "b"}), "'=a;b");
  EXPECT_EQ(text_cell(std::string("a\0b", 3)), "ab");
}

TEST(CsvCell, NumbersAreFixedAndKnowNoNegativeZero) {
  EXPECT_EQ(number_cell(std::nullopt, 2), "");
  EXPECT_EQ(number_cell(std::nan(""), 2), "");
  EXPECT_EQ(number_cell(1e9, 0), "1000000000");
  EXPECT_EQ(number_cell(-0.0001, 2), "0.00");
  EXPECT_EQ(number_cell(-0.006, 2), "-0.01");
}

TEST(CsvCell, ACommaLocaleChangesNothing) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const auto* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"}) std::setlocale(LC_ALL, name);
  EXPECT_EQ(number_cell(1234.5, 1), "1234.5");
  std::setlocale(LC_ALL, before.c_str());
}

TEST(CsvCell, AnythingReadsBackAsItWas) {
  const std::vector<std::string> cells{"a,b", "say \"no\"", "two\nlines", "", "plain", "\u4e2d\u6587"};
  EXPECT_EQ(parsed("1,2,3,4,5,6\n" + csv_line(cells)).rows.at(0).cells, cells);
}

}  // namespace
}  // namespace cemscope::report
