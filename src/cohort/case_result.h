#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "imaging/vertebra_measurement.h"
#include "src/ingest/export_index.h"

namespace cemscope::cohort {

/// One row of vertebrae.csv.
struct VertebraRow {
  std::string modality;  ///< "CT" or "XR"
  imaging::VertebraMeasurement measurement;
  std::string picture;   ///< file name inside cases/<case id>/, empty when none
};

/// One row of series.csv.
struct SeriesRow {
  ingest::Series series;          ///< without images
  std::string study_date;
  std::string phase;              ///< of the study: "preop", "day_of_surgery", "postop", "followup", "unknown"
  int n_images = 0;
  bool chosen = false;
  std::string reason;
};

/// One input of the risk model: its value (empty = unknown), where it is from and how sure it is.
struct ModelInput {
  std::optional<double> value;
  std::string source = "none";    ///< "CT", "XR", "MR", "clinical", "none"
  double confidence = 0.0;
};

/// One body's heights at two times: anterior, middle, posterior. `after_mm` is brought to the earlier examination's scale.
struct HeightRow {
  std::string level;  ///< empty when unnamed
  bool is_treated = false, is_adjacent = false;
  std::array<std::optional<double>, 3> before_mm, after_mm, loss_fraction;
  imaging::Finding fracture;
};

/// The comparison that `adjacent_fracture` rests on.
struct HeightTable {
  std::string before, after;  ///< "CT of 2021-06-11"
  bool is_in_mm = true;       ///< false: films without a scale; heights are relative
  std::vector<HeightRow> rows;
};

/// Everything cemscope says about one patient: the content of cases/<case id>/result.json, from which all tables and the
/// report are made. Text findings use the words of CONTRACT.md.
struct CaseResult {
  std::string patient_id, case_id, surgery_date, stage;
  std::string ct_series_uid, ap_uid, lateral_uid, mr_series_uid;
  std::vector<std::string> treated_levels, acute_levels, fluid_cleft_levels;
  std::optional<double> cement_ml;
  imaging::Finding leakage, leakage_radiographic, midline_crossed, soft_tissue_injury, fluid_cleft, adjacent_fracture;
  imaging::LeakageType leakage_type = imaging::LeakageType::not_assessable;
  imaging::Distribution distribution = imaging::Distribution::not_assessable;
  std::optional<double> soft_tissue_length_mm, soft_tissue_area_mm2, bmd_t_score, hu_l1, compression;
  std::map<std::string, ModelInput> inputs;       ///< by model input name
  std::map<std::string, std::string> covariates;  ///< unknown columns of the clinical table, kept
  std::optional<double> risk, risk_low, risk_high, risk_if_adjacent_fracture, linear_predictor, prevalence;
  std::string model;
  std::vector<std::string> missing, warnings;
  std::vector<VertebraRow> vertebrae;
  std::optional<HeightTable> heights;  ///< of a follow-up; empty without one
  std::vector<SeriesRow> series;
  std::vector<ingest::Failure> failures;
};

void to_json(nlohmann::json& json, const CaseResult& result);
void from_json(const nlohmann::json& json, CaseResult& result);

}  // namespace cemscope::cohort
