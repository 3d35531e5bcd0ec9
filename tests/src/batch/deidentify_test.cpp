#include "src/batch/deidentify.h"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/batch/job.h"
#include "src/cohort/timeline.h"
#include "src/report/atomic_file.h"
#include "tests/src/batch/temporary_folder.h"

namespace cemscope::batch {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

const Pseudonymizer kOne(std::string(32, 'a')), kTwo(std::string(32, 'b'));

ingest::Patient patient() {
  ingest::Patient result;
  result.patient_id = result.case_id = "SECRET-ID";
  result.patient_name = "SECRET^NAME";
  result.birth_date = "19391231";
  ingest::Study study;
  study.study_uid = "1.2.SECRET";
  study.date = "20190305";
  study.time = "101112";
  study.description = "SECRET";
  ingest::Series series;
  series.series_uid = "1.2.SECRET.1";
  series.study_uid = study.study_uid;
  series.description = series.protocol = series.reason = "SECRET";
  series.role = ingest::SeriesRole::axial_ct;
  study.series.push_back(series);
  result.studies.push_back(study);
  return result;
}

TEST(Pseudonyms, AreStableUnderOneKeyAndDifferentUnderAnother) {
  EXPECT_EQ(kOne.patient("A"), kOne.patient("A"));
  EXPECT_NE(kOne.patient("A"), kOne.patient("B"));
  EXPECT_NE(kOne.patient("A"), kTwo.patient("A"));
  EXPECT_THAT(kOne.patient("A"), MatchesRegex("P[0-9a-f]{12}"));
  EXPECT_THAT(kOne.uid("1.2.3"), MatchesRegex("2\\.25\\.[0-9]{1,39}"));
  EXPECT_EQ(kOne.uid(""), "");
  EXPECT_EQ(kOne.path(""), "");
}

TEST(Pseudonyms, DatesMoveByOneOffsetPerPatientSoThatIntervalsStay) {
  const auto first = kOne.date("20190301", "A"), second = kOne.date("2019-03-05", "A");
  EXPECT_EQ(first.size(), 8U);
  EXPECT_EQ(cohort::days_between(cohort::iso_of_dicom(first), second), 4);
  EXPECT_LT(second, "2019-03-05");
  EXPECT_EQ(kOne.date("soon", "A"), "");
  std::set<std::string> shifted;
  for (const auto* id : {"A", "B", "C", "D"}) shifted.insert(kOne.date("20190301", id));
  EXPECT_GT(shifted.size(), 1U);
}

TEST(Deidentified, NothingThatNamesThePatientIsLeft) {
  const auto hidden = deidentified(patient(), kOne);
  EXPECT_THAT(nlohmann::json(hidden).dump(), Not(HasSubstr("SECRET")));
  EXPECT_THAT(nlohmann::json(hidden).dump(), Not(HasSubstr("2019")));
  EXPECT_EQ(hidden.birth_date, "");
  EXPECT_EQ(hidden.studies[0].series[0].study_uid, hidden.studies[0].study_uid);
  EXPECT_EQ(hidden.studies[0].series[0].role, ingest::SeriesRole::axial_ct);
}

TEST(Deidentified, ClinicalRowsLoseUnknownColumnsAndFailuresTheirSentence) {
  cohort::ClinicalRow row;
  row.patient_id = "SECRET-ID";
  row.surgery_date = "2019-03-05";
  row.numbers["bmd_t_score"] = -3;
  row.covariates["phone"] = "SECRET";
  const auto hidden = deidentified(row, "SECRET-ID", kOne);
  EXPECT_THAT(nlohmann::json(hidden).dump(), Not(HasSubstr("SECRET")));
  EXPECT_EQ(hidden.patient_id, deidentified(patient(), kOne).patient_id);
  EXPECT_EQ(hidden.surgery_date, kOne.date("2019-03-05", "SECRET-ID"));
  EXPECT_EQ(hidden.numbers.at("bmd_t_score"), -3);
  const auto failure = deidentified(ingest::Failure{.code = "c",
                                                    .sentence = "SECRET",
                                                    .path = "SECRET/1",
                                                    .patient_id = "SECRET-ID",
                                                    .case_id = "SECRET-ID",
                                                    .series_uid = "1.SECRET"},
                                    kOne);
  EXPECT_THAT(nlohmann::json(failure).dump(), Not(HasSubstr("SECRET")));
  EXPECT_EQ(failure.case_id, hidden.patient_id);
  EXPECT_EQ(failure.code, "c");
}

TEST(Deidentified, TwoPatientsWhoShareAPatientIdStayTwo) {
  auto other = patient();
  other.case_id = "SECRET-ID_2";
  EXPECT_NE(deidentified(other, kOne).case_id, deidentified(patient(), kOne).case_id);
}

TEST(PseudonymKey, IsMadeOnceAndKeptPrivate) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "deidentify.key";
  const auto first = open_pseudonymizer(file).patient("A");
  EXPECT_EQ(open_pseudonymizer(file).patient("A"), first);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_NE(open_pseudonymizer(folder.path() / "other.key").patient("A"), first);
  report::write_file(file, "short");
  EXPECT_THROW(open_pseudonymizer(file), Error);
}

}  // namespace
}  // namespace cemscope::batch
