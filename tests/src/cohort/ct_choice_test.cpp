#include "src/cohort/ct_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::cohort {
namespace {

using ingest::SeriesRole;
using testing::ElementsAre;
using testing::HasSubstr;

ingest::Series series(const std::string& uid, SeriesRole role, double score, double low_mm, double high_mm) {
  ingest::Series result;
  result.series_uid = uid;
  result.role = role;
  result.score = score;
  for (const double z : {low_mm, high_mm}) {
    ingest::ImageRef image;
    image.position_mm = {0.0, 0.0, z};
    result.images.push_back(image);
  }
  return result;
}

ingest::Study study(const std::string& uid, const std::string& date, std::vector<ingest::Series> all) {
  ingest::Study result;
  result.study_uid = uid;
  result.date = date;
  result.series = std::move(all);
  return result;
}

std::vector<std::string> uids(const std::vector<CtCandidate>& candidates) {
  std::vector<std::string> result;
  for (const auto& candidate : candidates) result.push_back(candidate.series->series_uid);
  return result;
}

DenseVolumeProbe never() {
  return [](const ingest::Series&) -> double {
    ADD_FAILURE() << "probed without need";
    return 0.0;
  };
}

TEST(CtChoice, TheBetterScoreComesFirstAndOthersThanCtAreNoCandidates) {
  const auto s = study("s", "20190306",
                       {series("scout", SeriesRole::localizer, 500, 0, 0), series("soft", SeriesRole::thick_ct, 40, 0, 200),
                        series("bone", SeriesRole::axial_ct, 110, 1, 199)});
  EXPECT_THAT(uids(rank_in_study(s, never())), ElementsAre("bone", "soft"));
}

TEST(CtChoice, ASeriesThatMissesCementComesAfterOneThatShowsIt) {
  const auto s =
      study("s", "20190306", {series("short", SeriesRole::axial_ct, 120, 0, 60), series("long", SeriesRole::axial_ct, 100, 0, 300)});
  const auto probe = [](const ingest::Series& one) { return one.series_uid == "short" ? 1000.0 : 5000.0; };
  const auto ranked = rank_in_study(s, probe);
  EXPECT_THAT(uids(ranked), ElementsAre("long", "short"));
  EXPECT_THAT(ranked[1].reason, HasSubstr("covers less of the cement (1.0 of 5.0 mL"));
}

TEST(CtChoice, AShortSeriesThatShowsAllTheCementKeepsItsPlace) {
  const auto s =
      study("s", "20190306", {series("short", SeriesRole::axial_ct, 120, 0, 60), series("long", SeriesRole::axial_ct, 100, 0, 300)});
  EXPECT_THAT(uids(rank_in_study(s, [](const ingest::Series&) { return 5000.0; })), ElementsAre("short", "long"));
}

TEST(CtChoice, StudiesAreTriedFromTheDayOfSurgeryOnAndNeverBefore) {
  ingest::Patient patient;
  for (const auto* uid : {"undated", "before", "day", "late"})
    patient.studies.push_back(study(uid, "", {series(uid, SeriesRole::axial_ct, 1, 0, 100)}));
  Timeline timeline;
  timeline.phase_of = {
      {"undated", StudyPhase::unknown}, {"before", StudyPhase::preop}, {"day", StudyPhase::day_of_surgery}, {"late", StudyPhase::followup}};
  EXPECT_THAT(uids(rank_baseline_candidates(patient, timeline, never(), 100)), ElementsAre("day", "late", "undated"));
}

TEST(CtChoice, WithoutAnyDateStudiesThatShowDenseMaterialComeFirst) {
  ingest::Patient patient;
  for (const auto* uid : {"a", "b", "c"}) patient.studies.push_back(study(uid, "", {series(uid, SeriesRole::axial_ct, 1, 0, 100)}));
  Timeline timeline;
  timeline.phase_of = {{"a", StudyPhase::unknown}, {"b", StudyPhase::unknown}, {"c", StudyPhase::unknown}};
  const auto probe = [](const ingest::Series& one) { return one.series_uid == "a" ? 20.0 : 3000.0; };
  EXPECT_THAT(uids(rank_baseline_candidates(patient, timeline, probe, 100)), ElementsAre("b", "c", "a"));
}

}  // namespace
}  // namespace cemscope::cohort
