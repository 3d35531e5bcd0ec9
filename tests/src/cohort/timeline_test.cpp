#include "src/cohort/timeline.h"

#include <gtest/gtest.h>

namespace cemscope::cohort {
namespace {

ingest::Study study(const std::string& uid, const std::string& date, const std::string& modality = "CT") {
  ingest::Study result;
  result.study_uid = uid;
  result.date = date;
  result.series.emplace_back().modality = modality;
  return result;
}

ingest::Patient patient(std::vector<ingest::Study> studies) {
  ingest::Patient result;
  result.studies = std::move(studies);
  return result;
}

TEST(Timeline, DaysAcrossALeapYear) {
  EXPECT_EQ(days_between("2020-02-28", "2020-03-01"), 2);
  EXPECT_EQ(days_between("2019-03-05", "2019-03-05"), 0);
  EXPECT_EQ(days_between("2019-03-05", "2019-03-01"), -4);
}

TEST(Timeline, PhasesByTheDateOfSurgery) {
  const auto timeline = timeline_by_date(patient({study("none", ""), study("before", "20190301"), study("same", "20190305"),
                                                  study("day1", "20190306"), study("last", "20190404"), study("late", "20190405")}),
                                         "2019-03-05", 30);
  EXPECT_EQ(timeline.source, "clinical");
  EXPECT_EQ(timeline.phase_of.at("none"), StudyPhase::unknown);
  EXPECT_EQ(timeline.phase_of.at("before"), StudyPhase::preop);
  EXPECT_EQ(timeline.phase_of.at("same"), StudyPhase::day_of_surgery);
  EXPECT_EQ(timeline.phase_of.at("day1"), StudyPhase::postop);
  EXPECT_EQ(timeline.phase_of.at("last"), StudyPhase::postop);
  EXPECT_EQ(timeline.phase_of.at("late"), StudyPhase::followup);
}

TEST(Timeline, WithoutADateEveryStudyIsUnknown) {
  const auto timeline = timeline_by_date(patient({study("a", "20190301")}), "", 30);
  EXPECT_EQ(timeline.source, "none");
  EXPECT_EQ(timeline.phase_of.at("a"), StudyPhase::unknown);
}

TEST(Timeline, CementSplitsTheStudiesAndTheDateStaysUnknownWhenSeveralDaysArePossible) {
  const auto timeline =
      timeline_by_cement(patient({study("mr", "20190228", "MR"), study("before", "20190301"), study("between", "20190303", "MR"),
                                  study("cement", "20190306"), study("late", "20190706")}),
                         "cement", "2019-03-01", 30);
  EXPECT_EQ(timeline.surgery_date, "");
  EXPECT_EQ(timeline.phase_of.at("mr"), StudyPhase::preop);
  EXPECT_EQ(timeline.phase_of.at("before"), StudyPhase::preop);
  EXPECT_EQ(timeline.phase_of.at("between"), StudyPhase::unknown);
  EXPECT_EQ(timeline.phase_of.at("cement"), StudyPhase::postop);
  EXPECT_EQ(timeline.phase_of.at("late"), StudyPhase::followup);
}

TEST(Timeline, ASingleFluoroscopyDayBetweenIsTheDayOfSurgery) {
  const auto studies = patient({study("before", "20190301"), study("xa", "20190305", "XA"), study("cement", "20190306")});
  const auto timeline = timeline_by_cement(studies, "cement", "2019-03-01", 30);
  EXPECT_EQ(timeline.surgery_date, "2019-03-05");
  EXPECT_EQ(timeline.source, "inferred");
  EXPECT_EQ(timeline.phase_of.at("before"), StudyPhase::preop);
}

TEST(Timeline, TwoFluoroscopyDaysLeaveTheDateUnknown) {
  const auto studies =
      patient({study("before", "20190301"), study("xa", "20190304", "XA"), study("xa2", "20190305", "RF"), study("cement", "20190306")});
  EXPECT_EQ(timeline_by_cement(studies, "cement", "2019-03-01", 30).surgery_date, "");
}

TEST(Timeline, ScansWithoutAndWithCementOnOneDayFixTheDate) {
  const auto studies = patient({study("before", "20190305"), study("cement", "20190305")});
  EXPECT_EQ(timeline_by_cement(studies, "cement", "2019-03-05", 30).surgery_date, "2019-03-05");
}

}  // namespace
}  // namespace cemscope::cohort
