#include "src/phantom/truth_file.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cemscope::phantom {
namespace {

using imaging::CementZone;

// The names that the agreement tool and the readers' truth use.
TEST(TruthEntry, HasTheSharedNames) {
  PatientPlan patient;
  patient.patient_id = "P1";
  imaging::PhantomTruth truth;
  imaging::PhantomVertebraTruth vertebra;
  vertebra.level = "L1", vertebra.pattern = "left", vertebra.cement_ml = 3.5;
  vertebra.volumes_ml = {{CementZone::body, 3.3}, {CementZone::disc, 0.2}}, vertebra.leaks_ml = {{CementZone::disc, 0.2}},
  vertebra.leakage = true;
  vertebra.cells[2][0] = 0.25;
  truth.vertebrae = {vertebra};
  const nlohmann::ordered_json json = truth_entry(patient, truth, "1.2.3");
  EXPECT_EQ(json["pid"], "P1");
  EXPECT_EQ(json["modalities"], nlohmann::json({"CT"}));
  EXPECT_EQ(json["ct_series"], "1.2.3");
  const auto& entry = json["vertebrae"][0];
  for (const char* name :
       {"level", "pattern", "cement_ml", "volumes_ml", "left_fraction", "minor_side_fraction", "reach_mm", "cells", "fill",
        "midline_crossed", "distribution", "midline_borderline", "distribution_borderline", "leakage", "leaks", "compression"})
    EXPECT_TRUE(entry.contains(name)) << name;
  EXPECT_EQ(entry["leaks"]["disc"], 0.2);
  EXPECT_EQ(entry["distribution"], "unsatisfactory");
  EXPECT_EQ(entry["cells"][2][0], 0.25);
}

TEST(TruthEntry, UntreatedPatientHasAnEmptyList) {
  const nlohmann::ordered_json json = truth_entry(PatientPlan{}, imaging::PhantomTruth{}, "1.2");
  EXPECT_TRUE(json["vertebrae"].is_array());
  EXPECT_TRUE(json["vertebrae"].empty());
}

}  // namespace
}  // namespace cemscope::phantom
