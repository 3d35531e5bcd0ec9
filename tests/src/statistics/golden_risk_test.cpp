#include <map>

#include "src/statistics/model_file.h"
#include "tests/golden/golden.h"

namespace cemscope {
namespace {

using analysis::estimate_risk;
using golden::expect_close;

struct Patient {
  std::string id;
  analysis::RiskInputs inputs;
};

std::vector<Patient> read_patients() {
  const auto rows = golden::read_csv(golden::folder() / "data" / "score_patients.csv");
  std::vector<Patient> patients;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    Patient patient{rows[r][0], {}};
    for (std::size_t c = 1; c < rows[r].size(); ++c) patient.inputs[rows[0][c]] = std::stod(rows[r][c]);
    patients.push_back(patient);
  }
  return patients;
}

void compare(const analysis::RiskEstimate& e, const nlohmann::json& want, const std::string& id) {
  const std::map<std::string, double> got = {{"lp_case_control", e.lp_sample},
                                             {"p_case_control", e.risk_sample},
                                             {"lp_population", e.lp},
                                             {"p_population", e.risk},
                                             {"se_lp_independent", e.se_lp},
                                             {"p_population_lo", e.low},
                                             {"p_population_hi", e.high},
                                             {"se_lp_bound", e.se_lp_bound},
                                             {"p_population_lo_bound", e.low_bound},
                                             {"p_population_hi_bound", e.high_bound}};
  // the reference used a rounded shift of 15 digits and z to 7, hence 1e-9
  for (const auto& [name, value] : got) expect_close(value, want.at(name).get<double>(), 1e-9, id + " " + name, 0.0);
  EXPECT_EQ(e.in_range, want.at("in_range").get<bool>()) << id;
  for (const auto& c : e.contributions) expect_close(c.contribution, want.at("contributions").at(c.name), 1e-9, id + " " + c.name);
}

TEST(GoldenRisk, ScoresThePatientsOfTheReference) {
  SKIP_WITHOUT_GOLDEN();
  const auto model = statistics::load_model("liu-2021");
  std::map<std::string, nlohmann::json> expected;
  const auto reference = golden::load("expected/score_patients.json");
  for (const auto& row : reference.at("rows")) expected[row.at("patient_id")] = row;
  const auto patients = read_patients();
  ASSERT_EQ(patients.size(), expected.size());
  for (const auto& patient : patients) {
    compare(estimate_risk(model, patient.inputs), expected.at(patient.id), patient.id);
    const auto local = estimate_risk(model, patient.inputs, {.prevalence = 0.15});
    expect_close(local.risk, expected.at(patient.id).at("p_at_local_prevalence_0.15").get<double>(), 1e-9, patient.id, 0.0);
  }
}

TEST(GoldenRisk, ShippedModelHasThePublishedNumbers) {
  SKIP_WITHOUT_GOLDEN();
  const auto model = statistics::load_model("liu-2021");
  const auto published = golden::load("published_model.json");
  for (const auto& input : model.inputs) {
    const std::string name = input.name == "bmd_t_score" ? "bmd_t_score_decrease" : input.name;
    EXPECT_EQ(input.coefficient, published.at("coef").at(name).get<double>()) << name;
    EXPECT_EQ(input.standard_error, published.at("se").at(name).get<double>()) << name;
    EXPECT_NEAR(input.centre, published.at("centre").at(name).get<double>(), 1e-15) << name;
  }
  EXPECT_EQ(model.intercept, published.at("intercepts").at("case_control_1to1").get<double>());
  EXPECT_NEAR(analysis::prior_shift(model.sample_event_fraction, model.prevalence), published.at("offset_log_789_61").get<double>(), 1e-14);
}

}  // namespace
}  // namespace cemscope
