#include "src/report/csv_cell.h"
#include "src/report/tables.h"

namespace cemscope::report {
namespace {

using imaging::VertebraMeasurement;
using VertebraColumn = Column<PatientVertebra>;

VertebraColumn text(const char* name, std::string VertebraMeasurement::*member, const char* values, const char* meaning) {
  return {name, "", values, meaning, [member](const PatientVertebra& v) { return text_cell(v.row.measurement.*member); }};
}

VertebraColumn finding(const char* name, imaging::Finding VertebraMeasurement::*member, const char* meaning) {
  return {name, "", kAnswers, meaning,
          [member](const PatientVertebra& v) { return imaging::to_string((v.row.measurement.*member).answer); }};
}

VertebraColumn number(const char* name, const char* unit, int decimals, std::optional<double> VertebraMeasurement::*member,
                      const char* meaning) {
  return {name, unit, "number or empty", meaning,
          [member, decimals](const PatientVertebra& v) { return number_cell(v.row.measurement.*member, decimals); }};
}

VertebraColumn ml(const char* name, std::optional<double> VertebraMeasurement::*member, const char* meaning) {
  return number(name, "mL", 4, member, meaning);
}

VertebraColumn fraction(const char* name, std::optional<double> VertebraMeasurement::*member, const char* meaning) {
  return number(name, "1", 4, member, meaning);
}

VertebraColumn coordinate(const char* name, int axis, const char* meaning) {
  return {name, "mm", "number or empty", meaning, [axis](const PatientVertebra& v) {
            const auto& centre = v.row.measurement.centre_mm;
            return centre ? number_cell((*centre)[axis], 2) : std::string{};
          }};
}

std::vector<VertebraColumn> which_one() {
  return {
      {"patient_id", "", "text", "PatientID as in DICOM, or the pseudonym",
       [](const PatientVertebra& v) { return text_cell(v.patient.patient_id); }},
      {"modality", "", "CT | XR", "what it was measured on", [](const PatientVertebra& v) { return text_cell(v.row.modality); }},
      text("level", &VertebraMeasurement::level, "T12, L1 ... or empty", "name of the vertebra"),
      {"level_source", "", "clinical | mask | counted | none", "how the name is known",
       [](const PatientVertebra& v) { return imaging::to_string(v.row.measurement.level_source); }},
      coordinate("centre_x_mm", 0, "centre of the body, DICOM patient coordinates, to the left"),
      coordinate("centre_y_mm", 1, "centre of the body, to posterior"),
      coordinate("centre_z_mm", 2, "centre of the body, to superior"),
  };
}

std::vector<VertebraColumn> cement() {
  using V = VertebraMeasurement;
  return {
      ml("cement_ml", &V::cement_ml, "cement volume, partial-volume sum, leaks and needle tract included"),
      ml("cement_half_max_ml", &V::cement_half_max_ml, "cement volume above the local half-maximum"),
      ml("cement_600_ml", &V::cement_600_ml, "cement volume above 600 HU"),
      ml("cement_1000_ml", &V::cement_1000_ml, "cement volume above 1000 HU"),
      fraction("saturated_fraction", &V::saturated_fraction, "share of the cement at the highest density that the image can hold"),
      ml("body_ml", &V::body_ml, "volume of the vertebral body"),
      fraction("fill", &V::fill, "cement in the body / volume of the body"),
      ml("left_ml", &V::left_ml, "cement in the body to the left of the mid-sagittal plane"),
      ml("right_ml", &V::right_ml, "cement in the body to the right of the mid-sagittal plane"),
      fraction("minor_side_fraction", &V::minor_side_fraction, "share of the body's cement on its smaller side"),
      fraction("reach_contralateral", &V::reach_contralateral, "farthest extent past the midline / half-width of the body"),
      finding("midline_crossed", &V::midline_crossed, "cement crosses the mid-sagittal plane"),
      fraction("band_fill", &V::band_fill, "fill of the fracture band"),
      fraction("band_evenness", &V::band_evenness, "1 - Gini coefficient of the six cells' fills"),
      text("band_source", &V::band_source, "collapsed_upper | collapsed_lower | upper_third | preop_mr | preop_ct",
           "how the fracture band was found; with preop_* an examination before surgery shows it"),
      text("endplate_contact", &V::endplate_contact, "none | upper | lower | both", "endplates that the cement touches"),
      text("texture", &V::texture, "blocky | spongy", "texture of the cement"),
      {"distribution", "", "satisfactory | unsatisfactory | not_assessable", "crosses the midline and is even in the fracture band",
       [](const PatientVertebra& v) { return imaging::to_string(v.row.measurement.distribution); }},
  };
}

std::vector<VertebraColumn> leaks_and_shape() {
  using V = VertebraMeasurement;
  return {
      finding("leakage", &V::leakage, "cement outside the vertebra"),
      finding("leakage_radiographic", &V::leakage_radiographic, "leak that a radiograph would show"),
      {"leakage_type", "", "none | paravertebral | other | both | not_assessable",
       "where the leaks are; other: disc, canal, foramen or vessel",
       [](const PatientVertebra& v) { return imaging::to_string(v.row.measurement.leakage_type); }},
      ml("leak_ml", &V::leak_ml, "cement outside the vertebra, needle tract excepted"),
      ml("leak_paravertebral_ml", &V::leak_paravertebral_ml, "cement outside the anterior or lateral wall"),
      ml("leak_disc_ml", &V::leak_disc_ml, "cement in the disc"),
      ml("leak_canal_ml", &V::leak_canal_ml, "cement in the spinal canal"),
      ml("leak_foramen_ml", &V::leak_foramen_ml, "cement in a foramen"),
      ml("leak_vascular_ml", &V::leak_vascular_ml, "cement in a vessel"),
      ml("needle_tract_ml", &V::needle_tract_ml, "cement along the puncture; no leak"),
      number("height_anterior_mm", "mm", 2, &V::height_anterior_mm, "height of the body's anterior wall"),
      number("height_middle_mm", "mm", 2, &V::height_middle_mm, "height of the body's middle"),
      number("height_posterior_mm", "mm", 2, &V::height_posterior_mm, "height of the body's posterior wall"),
      fraction("compression", &V::compression, "1 - smallest height / reference height of the neighbours"),
      text("compression_class", &V::compression_class, "none | 1/4 | 1/2 | severe", "class of the compression"),
      {"hardware", "", "yes | no", "metal in the vertebra",
       [](const PatientVertebra& v) { return std::string(v.row.measurement.hardware ? "yes" : "no"); }},
      {"confidence", "1", "0 to 1", "that this is a treated vertebra and its frame is right",
       [](const PatientVertebra& v) { return number_cell(v.row.measurement.confidence, 3); }},
      {"warnings", "", "codes, ';' between", "what to know before trusting the row",
       [](const PatientVertebra& v) { return list_cell(v.row.measurement.warnings); }},
  };
}

}  // namespace

const std::vector<VertebraColumn>& vertebra_columns() {
  static const auto columns = [] {
    auto all = which_one();
    for (const auto& part : {cement(), leaks_and_shape()}) all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return columns;
}

}  // namespace cemscope::report
