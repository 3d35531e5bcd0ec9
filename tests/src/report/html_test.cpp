#include "src/report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "src/report/charts.h"
#include "src/report/markup.h"
#include "src/report/pictures.h"

namespace cemscope::report {
namespace {

using cohort::CaseResult;
using imaging::Answer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>";

analysis::RiskModel some_model() {
  analysis::RiskModel model;
  model.name = "liu-2021", model.version = "1";
  model.intercept = -4.09;
  model.prevalence = 0.0718;
  model.interval_note = "approximate: covariance not published";
  analysis::RiskModelInput leakage;
  leakage.name = "leakage", leakage.coefficient = 1.28, leakage.centre = 0.328;
  analysis::RiskModelInput density;
  density.name = "bmd_t_score", density.coefficient = 1.686, density.direction = -1, density.centre = 3.095;
  density.range_low = -4.6, density.range_high = -2.5;
  model.inputs = {leakage, density};
  return model;
}

CaseResult some_case(const std::string& id) {
  CaseResult result;
  result.patient_id = result.case_id = id;
  result.ct_series_uid = "1.2.3";
  result.stage = "postop";
  result.leakage = {Answer::yes, 0.91, ""};
  result.leakage_radiographic = {Answer::no, 0.8, ""};
  result.midline_crossed.reason = "metal_hides_wall";
  result.inputs["leakage"] = {0.0, "CT", 0.8};
  result.missing = {"bmd_t_score"};
  result.risk = 0.043, result.risk_low = 0.011, result.risk_high = 0.21, result.prevalence = 0.0718;
  result.model = "liu-2021";
  cohort::VertebraRow row;
  row.modality = "CT";
  row.measurement.level = "L1";
  row.measurement.cement_ml = 4.2;
  row.picture = vertebra_picture_name(1);
  result.vertebrae.push_back(row);
  return result;
}

RunInfo some_run() {
  RunInfo run;
  run.program_version = "0.1.0", run.definitions_version = "1", run.definitions_hash = "abc";
  run.model = some_model();
  return run;
}

const PictureLoader kLoad = [](const std::string& case_id, const std::string& file) { return case_id + "/" + file; };

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

/// The same patient three months later: T12 has lost its front.
CaseResult followed_case() {
  CaseResult result = some_case("P1");
  result.heights = cohort::HeightTable{"CT of 2021-06-11", "CT of 2021-09-09", true, {}};
  result.heights->rows = {
      {"T12", false, true, {24.0, 23.0, 25.0}, {15.6, 18.4, std::nullopt}, {0.35, 0.20, std::nullopt}, {Answer::yes, 0.9, ""}},
      {"L1", true, false, {20.0, 19.0, 22.0}, {20.0, 19.0, 22.0}, {0.0, 0.0, 0.0}, {Answer::no, 0.9, ""}}};
  return result;
}

/// Text of every place that a DICOM file or a table can fill.
CaseResult hostile_case() {
  CaseResult result = some_case("P1");
  result.patient_id = result.surgery_date = result.stage = kHostile;
  result.treated_levels = result.acute_levels = result.missing = result.warnings = {kHostile};
  result.covariates[kHostile] = kHostile;
  result.heights =
      cohort::HeightTable{kHostile, kHostile, true, {{kHostile, false, true, {}, {}, {}, {Answer::not_assessable, 0.0, kHostile}}}};
  result.midline_crossed.reason = result.soft_tissue_injury.reason = kHostile;
  result.inputs["leakage"].source = kHostile;
  auto& measurement = result.vertebrae[0].measurement;
  measurement.level = measurement.texture = measurement.band_source = measurement.compression_class = kHostile;
  measurement.leakage.reason = measurement.distribution_reason = kHostile;
  measurement.warnings = {kHostile};
  result.vertebrae[0].modality = kHostile;
  cohort::SeriesRow series;
  series.series.description = series.series.modality = series.study_date = series.reason = kHostile;
  result.series = {series};
  result.failures = {{kHostile, kHostile, kHostile, kHostile, kHostile, kHostile}};
  return result;
}

TEST(render_report, escapes_everything_that_comes_from_outside) {
  RunInfo run = some_run();
  run.failures = hostile_case().failures;
  run.clinical_table = run.program_version = run.definitions_version = run.definitions_hash = run.model->title = run.model->citation =
      kHostile;
  const std::string html = render_report({hostile_case()}, run, kLoad);
  EXPECT_EQ(count(html, "<script"), 1U);  // the page's own
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(html, Not(HasSubstr("onerror=alert(2)>")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(render_report, needs_nothing_but_itself) {
  const std::string html = render_report({some_case("P1")}, some_run(), kLoad);
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, Not(HasSubstr("<link")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64," + base64("P1/vertebra_1.png")));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64," + base64("P1/overview.png")));
}

TEST(render_report, allows_only_its_own_style_and_script) {
  const std::string html = render_report({some_case("P1")}, some_run(), kLoad);
  const auto between = [&](const std::string& open, const std::string& close) {
    const std::size_t from = html.find(open) + open.size();
    return html.substr(from, html.find(close, from) - from);
  };
  const std::string policy = between("Security-Policy\" content=\"", "\"");
  EXPECT_THAT(policy, HasSubstr(escape("default-src 'none'").text));
  EXPECT_THAT(policy, HasSubstr(escape("style-src " + content_hash_source(between("<style>", "</style>"))).text));
  EXPECT_THAT(policy, HasSubstr(escape("script-src " + content_hash_source(between("<script>", "</script>"))).text));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  for (const char* inline_code : {" style=\"", " onclick=\"", " onload=\"", " onerror=\"", "javascript:"}) {
    EXPECT_THAT(html, Not(HasSubstr(inline_code)));  // the policy would block them
  }
}

TEST(render_report, gives_the_same_bytes_twice) {
  const std::vector<CaseResult> cases{some_case("P1"), some_case("P2")};
  EXPECT_EQ(render_report(cases, some_run(), kLoad), render_report(cases, some_run(), kLoad));
}

/// The text without everything from `open` to `close`.
std::string without(std::string text, const std::string& open, const std::string& close) {
  for (std::size_t from = text.find(open); from != std::string::npos; from = text.find(open, from)) {
    text.erase(from, text.find(close, from) + close.size() - from);
  }
  return text;
}

/// Every tag closes, in order. Good enough for a page of ours: no optional end tags are used and no attribute holds a ">".
void expect_nested(const std::string& html) {
  const std::set<std::string> kVoid{"meta", "img", "input", "rect", "line", "circle"};
  const std::string page = without(without(html, "<style>", "</style>"), "<script>", "</script>");
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const bool is_end = page[at + 1] == '/';
    const std::size_t from = at + (is_end ? 2 : 1);
    const std::string name = page.substr(from, page.find_first_of(" >/", from) - from);
    if (name[0] == '!' || kVoid.count(name) != 0) continue;
    if (!is_end) {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << name;
    ASSERT_EQ(open.back(), name) << page.substr(at, 80);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(render_report, is_well_nested_whatever_the_cohort_holds) {
  CaseResult bare;
  bare.patient_id = bare.case_id = "bare";
  expect_nested(render_report({some_case("P1"), hostile_case(), bare}, some_run(), kLoad));
  expect_nested(render_report({}, RunInfo{}, kLoad));
}

TEST(render_report, refers_to_pictures_beside_it_when_there_are_too_many) {
  std::vector<CaseResult> cases;
  for (int i = 0; i <= kMaxEmbeddedPictures / 2; ++i) cases.push_back(some_case("P " + std::to_string(i)));  // two pictures each
  int n_loaded = 0;
  const std::string html = render_report(cases, some_run(), [&](const auto&, const auto&) { return ++n_loaded, std::string("x"); });
  EXPECT_EQ(n_loaded, 0);
  EXPECT_THAT(html, HasSubstr("src=\"cases/P%207/vertebra_1.png\""));
  EXPECT_THAT(html, HasSubstr("keep the two together"));
  cases.pop_back();
  EXPECT_THAT(render_report(cases, some_run(), kLoad), Not(HasSubstr("keep the two together")));
}

TEST(render_report, says_what_is_missing_and_why_and_never_no) {
  const std::string html = render_report({some_case("P1")}, some_run(), kLoad);
  EXPECT_THAT(html, HasSubstr("metal hides the wall of the body"));
  EXPECT_THAT(html, HasSubstr("and of what is not known: Bone density T-score."));
  EXPECT_THAT(html, HasSubstr("data-midline=\"not_assessable\""));
  EXPECT_THAT(html, HasSubstr("not known; the range covers both"));
  EXPECT_THAT(html, HasSubstr("1.1\u00a0% to 21\u00a0%"));
}

TEST(render_report, shows_the_studies_and_the_surgery_in_their_order) {
  auto result = some_case("P1");
  result.surgery_date = "2022-06-08";
  for (const auto* date : {"2022-09-01", "2022-06-02"}) {
    cohort::SeriesRow row;
    row.series.modality = "MR", row.study_date = date, row.phase = date == std::string("2022-06-02") ? "preop" : "followup";
    result.series.push_back(row);
  }
  const auto page = render_report({result}, some_run(), {});
  const auto before = page.find("<time>2022-06-02"), surgery = page.find("<time>2022-06-08"), after = page.find("<time>2022-09-01");
  ASSERT_NE(after, page.npos);
  EXPECT_LT(before, surgery);
  EXPECT_LT(surgery, after);
}

TEST(render_report, tables_the_heights_of_a_follow_up_per_level) {
  const std::string html = render_report({followed_case()}, some_run(), kLoad);
  EXPECT_THAT(html, HasSubstr("Heights: CT of 2021-06-11 (before) and CT of 2021-09-09 (after)"));
  const std::size_t table = html.find("class=\"heights\""), row = html.find("T12", table);
  ASSERT_NE(row, std::string::npos);
  const std::string cells = html.substr(row, html.find("</tr>", row) - row);
  const std::vector<std::string> expected{">24.0<",     ">15.6<", "lost\">35<", ">23.0<", ">18.4<",
                                          "lost\">20<", ">25.0<", "\u2013",     "\u2013", "yes"};
  std::size_t at = 0;
  for (const auto& cell : expected) {
    at = cells.find(cell, at);
    ASSERT_NE(at, std::string::npos) << cell << " in " << cells;
    at += 1;
  }
  EXPECT_THAT(render_report({some_case("P1")}, some_run(), kLoad), Not(HasSubstr("class=\"heights\"")));
}

TEST(render_report, counts_the_cohort_with_wilson_limits) {
  std::vector<CaseResult> cases{some_case("P1"), some_case("P2"), some_case("P3"), some_case("P4"), some_case("P5")};
  cases[4].leakage = {Answer::not_assessable, 0.0, ""};
  cases[3].leakage = {Answer::no, 0.9, ""};
  // Wilson 95 % of 3 in 4: 30.06-95.44 %.
  EXPECT_THAT(render_report(cases, some_run(), kLoad), HasSubstr("3 of 4: 75\u00a0% (95\u00a0% CI 30\u201395\u00a0%)"));
}

TEST(risk_axis_percent, is_logarithmic_and_stays_on_the_axis) {
  EXPECT_NEAR(risk_axis_percent(0.001), 0.0, 1e-9);
  EXPECT_NEAR(risk_axis_percent(0.01), 100.0 / 3, 1e-9);
  EXPECT_NEAR(risk_axis_percent(1.0), 100.0, 1e-9);
  EXPECT_EQ(risk_axis_percent(0.0), 0.0);
}

TEST(risk_words, has_one_decimal_below_ten_percent) {
  EXPECT_EQ(risk_words(0.0431), "4.3\u00a0%");
  EXPECT_EQ(risk_words(0.208), "21\u00a0%");
  EXPECT_EQ(risk_words(0.0001), "< 0.1\u00a0%");
  EXPECT_EQ(risk_words(0.0996), "10\u00a0%");
}

}  // namespace
}  // namespace cemscope::report
