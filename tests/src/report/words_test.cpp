#include "src/report/words.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/report/patient_words.h"

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::CementZone;
using imaging::VertebraMeasurement;

const Statement& find(const std::vector<Statement>& statements, const std::string& topic) {
  return *std::find_if(statements.begin(), statements.end(), [&](const auto& s) { return s.topic == topic; });
}

TEST(describe_vertebra, names_zones_and_volumes_of_a_leak) {
  VertebraMeasurement m;
  m.leakage = {Answer::yes, 0.91, ""};
  m.leakage_radiographic = {Answer::no, 0.8, ""};
  m.leak_disc_ml = 0.41;
  m.leak_canal_ml = 0.0;
  const auto leakage = find(describe_vertebra(m), "Leakage");
  EXPECT_EQ(leakage.words, "yes: disc 0.41\u00a0mL; too small for a radiograph");
  EXPECT_EQ(leakage.tone, Tone::attention);
  EXPECT_DOUBLE_EQ(leakage.confidence.value(), 0.91);
}

TEST(describe_vertebra, says_where_a_film_shows_a_leak_without_volumes) {
  VertebraMeasurement m;
  m.leakage = m.leakage_radiographic = {Answer::yes, 0.7, ""};
  m.leakage_type = imaging::LeakageType::paravertebral;
  EXPECT_EQ(find(describe_vertebra(m), "Leakage").words, "yes: beside the body");
}

TEST(describe_vertebra, never_turns_unknown_into_no) {
  VertebraMeasurement m;
  m.leakage.reason = "metal_hides_wall";
  const auto statements = describe_vertebra(m);
  for (const auto* topic : {"Leakage", "Midline", "Distribution"}) {
    EXPECT_EQ(find(statements, topic).words, "not assessable");
    EXPECT_EQ(find(statements, topic).tone, Tone::unknown);
    EXPECT_FALSE(find(statements, topic).confidence);
  }
  EXPECT_EQ(find(statements, "Leakage").reason, "metal hides the wall of the body");
}

TEST(describe_vertebra, marks_a_low_fill) {
  VertebraMeasurement m;
  m.fill = 0.199;
  EXPECT_EQ(find(describe_vertebra(m), "Fill").tone, Tone::attention);
  m.fill = 0.20;
  EXPECT_EQ(find(describe_vertebra(m), "Fill").tone, Tone::neutral);
}

TEST(zone_volume_ml, gives_the_body_what_leaks_and_tract_leave) {
  VertebraMeasurement m;
  EXPECT_FALSE(zone_volume_ml(m, CementZone::body));
  m.cement_ml = 3.25, m.leak_ml = 0.5, m.needle_tract_ml = 0.05;
  EXPECT_NEAR(zone_volume_ml(m, CementZone::body).value(), 2.70, 1e-9);
  m.left_ml = 2.0, m.right_ml = 0.65;
  EXPECT_NEAR(zone_volume_ml(m, CementZone::body).value(), 2.65, 1e-9);
}

TEST(describe_patient, gives_a_reason_for_everything_that_is_not_assessable) {
  cohort::CaseResult result;
  result.warnings = {"leakage:no_postoperative_ct", "distribution:no_postoperative_ct"};
  result.leakage.reason = result.leakage_radiographic.reason = result.midline_crossed.reason = "no_postoperative_ct";
  result.soft_tissue_injury.reason = result.adjacent_fracture.reason = "one_time_point";
  for (const auto& finding : describe_patient(result)) {
    EXPECT_TRUE(finding.statement.words != "not assessable" || !finding.statement.reason.empty()) << finding.statement.topic;
    EXPECT_NE(finding.statement.words, "no");
  }
}

TEST(words_of_code, makes_words_of_a_code_it_does_not_know) { EXPECT_EQ(words_of_code("some_new_code"), "some new code"); }

TEST(percent, has_a_decimal_below_ten) {
  EXPECT_EQ(percent(0.0053), "0.5\u00a0%");
  EXPECT_EQ(percent(0.194), "19\u00a0%");
  EXPECT_EQ(percent(0.0), "0\u00a0%");
}

}  // namespace
}  // namespace cemscope::report
