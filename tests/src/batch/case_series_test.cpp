#include "src/batch/case_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::batch {
namespace {

using cohort::StudyPhase;
using testing::HasSubstr;
using testing::StartsWith;

ingest::Study study(const std::string& uid, const std::string& date, ingest::SeriesRole role) {
  ingest::Study result;
  result.study_uid = uid;
  result.date = date;
  for (const int number : {1, 2}) {
    ingest::Series series;
    series.series_uid = uid + "." + std::to_string(number);
    series.series_number = number;
    series.role = role;
    series.reason = "by its header";
    result.series.push_back(series);
  }
  return result;
}

class CaseSeries : public testing::Test {
 protected:
  CaseSeries() {
    using enum ingest::SeriesRole;
    job_.definitions = cohort::load_definitions(std::nullopt);
    job_.patient.studies = {study("mr", "20190301", mr_stir), study("pre", "20190301", axial_ct), study("day", "20190305", axial_ct),
                            study("film", "20190306", ap_film), study("late", "20190801", axial_ct)};
  }

  CtSearch found(const std::string& study_uid, imaging::Answer cement) {
    CtSearch search;
    for (const auto& s : job_.patient.studies)
      if (s.study_uid == study_uid) search.measured.emplace().candidate = {&s, &s.series[0], "score 9"};
    search.measured->reading.cement_present = {cement, 1.0, ""};
    search.n_candidates = 1;
    return search;
  }

  Job job_;
};

TEST_F(CaseSeries, TheChosenSeriesAndEveryOtherHaveAReason) {
  const auto search = found("day", imaging::Answer::yes);
  const auto timeline = final_timeline(job_, cohort::timeline_by_date(job_.patient, "2019-03-05", 30), search);
  const auto rows = series_rows(job_.patient, timeline, search);
  std::map<std::string, const cohort::SeriesRow*> by_uid;
  for (const auto& row : rows) by_uid[row.series.series_uid] = &row;
  ASSERT_EQ(by_uid.size(), 10U);
  EXPECT_TRUE(by_uid["day.1"]->chosen);
  EXPECT_THAT(by_uid["day.1"]->reason, StartsWith("post-operative baseline, score 9"));
  EXPECT_FALSE(by_uid["day.2"]->chosen);
  EXPECT_THAT(by_uid["day.2"]->reason, StartsWith("series 1 of the same study was preferred (score 9)"));
  EXPECT_THAT(by_uid["pre.1"]->reason, StartsWith("taken before surgery"));
  EXPECT_THAT(by_uid["late.1"]->reason, StartsWith("another study is the post-operative baseline"));
  EXPECT_THAT(by_uid["mr.1"]->reason, HasSubstr("not measured by this version"));
  EXPECT_THAT(by_uid["film.1"]->reason, HasSubstr("by its header"));
  EXPECT_EQ(by_uid["day.1"]->phase, "postop");
  EXPECT_EQ(by_uid["late.1"]->phase, "followup");
  EXPECT_EQ(stage_of(timeline, search), "followup");
}

TEST_F(CaseSeries, AScanOfTheDayOfSurgeryWithoutCementWasTakenBefore) {
  auto search = found("late", imaging::Answer::yes);
  search.studies_without_cement = {"day"};
  const auto timeline = final_timeline(job_, cohort::timeline_by_date(job_.patient, "2019-03-05", 30), search);
  EXPECT_EQ(timeline.phase_of.at("day"), StudyPhase::preop);
}

TEST_F(CaseSeries, WithoutADateOfSurgeryCementTellsTheSides) {
  auto search = found("day", imaging::Answer::yes);
  search.studies_without_cement = {"pre"};
  const auto timeline = final_timeline(job_, cohort::timeline_by_date(job_.patient, "", 30), search);
  EXPECT_EQ(timeline.surgery_date, "");
  EXPECT_EQ(timeline.phase_of.at("pre"), StudyPhase::preop);
  EXPECT_EQ(timeline.phase_of.at("mr"), StudyPhase::preop);
  EXPECT_EQ(timeline.phase_of.at("film"), StudyPhase::postop);
}

TEST_F(CaseSeries, APatientWithStudiesBeforeSurgeryOnlyIsPreop) {
  job_.patient.studies.resize(2);
  const CtSearch nothing;
  EXPECT_EQ(stage_of(cohort::timeline_by_date(job_.patient, "2019-03-05", 30), nothing), "preop");
  EXPECT_EQ(stage_of(cohort::timeline_by_date(job_.patient, "", 30), nothing), "postop");
}

}  // namespace
}  // namespace cemscope::batch
