#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/evaluation/evaluation.h"
#include "src/evaluation/evaluation_json.h"
#include "src/evaluation/evaluation_report.h"
#include "src/evaluation/evaluation_text.h"
#include "src/evaluation/vertebra_match.h"

namespace cemscope::evaluation {
namespace {

using testing::HasSubstr;
using testing::Not;

VertebraReading vertebra(const std::string& level, Cells cells = {}, std::optional<double> z_mm = {}) {
  VertebraReading reading{"CT", level, {}, std::move(cells), {}};
  if (z_mm) reading.centre_mm = std::array<double, 3>{0, 0, *z_mm};
  return reading;
}

PatientReading patient(std::vector<VertebraReading> vertebrae, Cells cells = {}) {
  return {"C", std::move(cells), {}, {"CT"}, std::move(vertebrae)};
}

Readings readings(std::vector<PatientReading> patients) {
  Readings all;
  for (auto& one : patients) all.patients["P" + std::to_string(all.patients.size())] = std::move(one);
  return all;
}

const FindingResult& finding(const Evaluation& evaluation, const std::string& name, Scope scope = Scope::vertebra) {
  const auto at = std::find_if(evaluation.findings.begin(), evaluation.findings.end(),
                               [&](const auto& result) { return result.name == name && result.where.scope == scope; });
  if (at == evaluation.findings.end()) throw std::runtime_error("no finding " + name);
  return *at;
}

TEST(Match, ByPlaceBeforeName) {
  const auto truth = patient({vertebra("L1", {}, 0.0), vertebra("L2", {}, -35.0)});
  const auto said = patient({vertebra("L2", {}, 3.0), vertebra("L3", {}, -33.0)});  // counted one too low
  const auto match = match_vertebrae(truth, said, "CT");
  EXPECT_EQ(match.pairs[0].said, &said.vertebrae[0]);
  EXPECT_EQ(match.pairs[1].said, &said.vertebrae[1]);
  EXPECT_TRUE(match.invented.empty());
}

TEST(Match, KnownPlacesFarApartAreTwoVertebrae) {
  const auto truth = patient({vertebra("L1", {}, 0.0)}), said = patient({vertebra("L1", {}, 30.0)});
  const auto match = match_vertebrae(truth, said, "CT");
  EXPECT_EQ(match.pairs[0].said, nullptr);
  EXPECT_EQ(match.invented.size(), 1U);
}

TEST(Match, ByNameThenByOrderFromTheTop) {
  const auto truth = patient({vertebra("T12"), vertebra("L1"), vertebra("L2")});
  const auto said = patient({vertebra("", {}, -70.0), vertebra("L1", {}, -35.0), vertebra("", {}, 0.0)});
  const auto match = match_vertebrae(truth, said, "CT");
  EXPECT_EQ(match.pairs[0].said, &said.vertebrae[2]);
  EXPECT_EQ(match.pairs[1].said, &said.vertebrae[1]);
  EXPECT_EQ(match.pairs[2].said, &said.vertebrae[0]);
}

TEST(Match, AnotherModalityIsAnotherList) {
  auto said = patient({vertebra("L1")});
  said.vertebrae[0].modality = "XR";
  EXPECT_EQ(match_vertebrae(patient({vertebra("L1")}), said, "CT").pairs[0].said, nullptr);
}

TEST(Evaluate, CountsEveryKindOfAnswerApart) {
  const auto yes = [](const char* word) { return patient({vertebra("L1", {{"leakage", word}})}); };
  auto borderline = yes("yes");
  borderline.vertebrae[0].borderline = {"leakage"};
  // truth:               yes         yes        no         no          yes                    yes (missed)   either
  const auto truth = readings({yes("yes"), yes("yes"), yes("no"), yes("no"), yes("yes"), yes("yes"), borderline, yes("not_assessable")});
  const auto said = readings({yes("yes"), yes("no"), yes("no"), yes("yes"), yes("not_assessable"), patient({}), yes("no"), yes("yes")});
  const auto evaluation = evaluate(truth, said);
  const auto& leakage = finding(evaluation, "leakage");
  EXPECT_EQ(leakage.counts.true_yes, 1);
  EXPECT_EQ(leakage.counts.false_no, 1);
  EXPECT_EQ(leakage.counts.true_no, 1);
  EXPECT_EQ(leakage.counts.false_yes, 1);
  EXPECT_EQ(leakage.left_out.not_assessable, 1);
  EXPECT_EQ(leakage.left_out.not_found, 1);
  EXPECT_EQ(leakage.left_out.borderline, 1);
  EXPECT_DOUBLE_EQ(*leakage.sensitivity.value, 0.5);
  EXPECT_DOUBLE_EQ(leakage.kappa->kappa, 0.0);
  EXPECT_DOUBLE_EQ(*leakage.right_of_all.value, 2.0 / 6) << "unanswered is never right";
  EXPECT_EQ(evaluation.detections[0].found, 7);
  EXPECT_EQ(evaluation.detections[0].missed, 1);
}

TEST(Evaluate, AnswersCopiedFromTheClinicalTableAreNotJudged) {
  const auto truth = readings({patient({}, {{"soft_tissue_injury", "yes"}}), patient({}, {{"soft_tissue_injury", "no"}})});
  const auto said = readings({patient({}, {{"soft_tissue_injury", "yes"}, {"soft_tissue_injury_source", "clinical"}}),
                              patient({}, {{"soft_tissue_injury", "no"}, {"soft_tissue_injury_source", "MR"}})});
  const auto evaluation = evaluate(truth, said);
  const auto& injury = finding(evaluation, "soft_tissue_injury", Scope::patient);
  EXPECT_EQ(injury.left_out.clinical, 1);
  EXPECT_EQ(injury.counts.true_no, 1);
  EXPECT_EQ(injury.counts.total(), 1);
}

TEST(Evaluate, NumbersHaveBiasAndErrors) {
  const auto volume = [](const char* ml) { return patient({vertebra("L1", {{"cement_ml", ml}})}); };
  const auto evaluation = evaluate(readings({volume("4"), volume("5"), volume("2"), volume("3")}),
                                   readings({volume("4.4"), volume("5.2"), volume("2"), patient({vertebra("L1")})}));
  const auto at = std::find_if(evaluation.numbers.begin(), evaluation.numbers.end(), [](const auto& r) { return r.name == "cement_ml"; });
  ASSERT_NE(at, evaluation.numbers.end());
  EXPECT_NEAR(at->differences->bias, 0.2, 1e-12);
  EXPECT_NEAR(at->differences->sd, 0.2, 1e-12);
  EXPECT_NEAR(at->relative_error->value, 0.04, 1e-12);
  EXPECT_NEAR(at->worst_relative, 0.1, 1e-12);
  EXPECT_EQ(at->left_out.not_assessable, 1);
}

TEST(Evaluate, PatientsThatWereNotScoredAreNotFound) {
  auto said = readings({patient({vertebra("L1", {{"leakage", "yes"}})})});
  const auto truth = readings({patient({vertebra("L1", {{"leakage", "yes"}})}), patient({vertebra("L1", {{"leakage", "yes"}})})});
  EXPECT_EQ(finding(evaluate(truth, said), "leakage").left_out.not_found, 1);
  EXPECT_EQ(evaluate(truth, said).n_scored, 1);
  Readings others;
  others.patients["X"] = patient({});
  EXPECT_THROW(evaluate(truth, others), Error);
}

TEST(Evaluate, AUntreatedPatientsVertebraIsInvented) {
  const auto evaluation = evaluate(readings({patient({})}), readings({patient({vertebra("L4")})}));
  EXPECT_EQ(evaluation.detections.at(0).invented, 1);
  EXPECT_FALSE(evaluation.detections.at(0).sensitivity.value.has_value());
}

TEST(Outputs, CarryTheFiguresAndTheTerminalNamesNobody) {
  const auto one = [](const char* word, const char* ml) { return patient({vertebra("L1", {{"leakage", word}, {"cement_ml", ml}})}); };
  Readings truth, said;
  truth.patients = {{"<b>SECRET", one("yes", "3")}, {"OTHER", one("no", "4")}};
  said.patients = {{"<b>SECRET", one("no", "3.5")}, {"OTHER", one("no", "4")}};
  const auto evaluation = evaluate(truth, said);
  EXPECT_THAT(to_text(evaluation), Not(HasSubstr("SECRET")));
  const auto json = to_json(evaluation);
  EXPECT_EQ(json["findings"][0]["false_no"], 1);
  EXPECT_TRUE(json["findings"][0]["sensitivity"]["ci"].is_array());
  EXPECT_EQ(json["numbers"][0]["n"], 2);
  const auto html = render_evaluation(evaluation, "x");
  EXPECT_THAT(html, HasSubstr("&lt;b&gt;SECRET"));
  EXPECT_THAT(html, Not(HasSubstr("<b>SECRET")));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace cemscope::evaluation
